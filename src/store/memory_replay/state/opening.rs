//! What a store begins with: rules 3 to 5 of the [module](super).

use super::codec::In;
use super::error::{StartedFrom, StateFileError, Unusable};
use super::files::{Files, Found};
use super::record::{Record, Run};
use super::snapshot::{self, Header};
use super::{Mark, MarkFile, State, StateFile};
use crate::clock::UnixMillis;
use crate::store::memory_replay::fingerprint::FingerprintKey;
use crate::store::memory_replay::reading::Reading;
use crate::store::memory_replay::shards::Shards;

/// Files that nobody else has.
pub(in super::super) struct Locked {
    files: Files,
    file: StateFile,
}

/// What the store before this one left.
pub(in super::super) struct Opened {
    pub(in super::super) state: State,
    pub(in super::super) from: StartedFrom,
    pub(in super::super) memory: Memory,
}

/// What a store remembers.
pub(in super::super) struct Memory {
    pub(in super::super) shards: Shards,
    pub(in super::super) fingerprints: FingerprintKey,
    /// Through when it does not know what was accepted.
    pub(in super::super) unknown_through: Option<UnixMillis>,
}

impl Locked {
    pub(in super::super) fn new(file: StateFile) -> Result<Self, StateFileError> {
        Ok(Self { files: Files::lock(&file.path)?, file })
    }

    /// `now` was read after the lock was taken: no other store accepts anything after it.
    pub(in super::super) fn open(
        self,
        empty: impl Fn() -> Shards,
        now: Reading,
    ) -> Result<Opened, StateFileError> {
        let Self { files, file } = self;
        let mark = files.read_mark().and_then(|bytes| Record::decode(&bytes, &file.seal));
        let bytes = files.read_snapshot(&snapshot::MAGIC);
        let snapshot = bytes.as_ref().and_then(|bytes| Header::decode(bytes, &file.seal));

        let last = mark.intact().map(|record| record.mark);
        let last = last.max(snapshot.intact().map(|(header, _)| header.mark));
        let run = mark.intact().map(|record| record.run);
        let restored = snapshot.and_then(|(header, keys)| {
            check(&header, run, now, &file)?;
            restore(header, keys, empty(), now)
        });
        let from = match (&mark, &restored) {
            (Found::Unusable(reason), _) | (_, Found::Unusable(reason)) => {
                StartedFrom::Unusable(*reason)
            }
            (_, Found::Intact(_)) => StartedFrom::Snapshot,
            (Found::Intact(_), Found::Missing) => StartedFrom::Mark,
            (Found::Missing, Found::Missing) => StartedFrom::Nothing,
        };

        if let Found::Unusable(_) = mark {
            files.set_mark_aside()?;
        }
        let last_mark = last.unwrap_or(UnixMillis::ZERO);
        let mark_file = MarkFile { files, seal: file.seal, run: Run::random() };
        mark_file.write(last_mark)?;
        mark_file.files.consume_snapshot()?;
        let memory = restored.into_intact().unwrap_or_else(|| Memory {
            shards: empty(),
            fingerprints: FingerprintKey::random(),
            unknown_through: now.before().max(last),
        });
        let state = State { mark: Mark::new(last_mark, file.step, mark_file) };
        Ok(Opened { state, from, memory })
    }
}

/// Rule 4.
fn check(
    header: &Header,
    run: Option<Run>,
    now: Reading,
    file: &StateFile,
) -> Result<(), Unusable> {
    if run != Some(header.run) {
        return Err(Unusable::OtherRun);
    }
    if now.wall.since(header.time) > file.max_snapshot_age {
        return Err(Unusable::Stale);
    }
    Ok(())
}

fn restore(
    header: Header,
    mut keys: In<'_>,
    mut shards: Shards,
    now: Reading,
) -> Result<Memory, Unusable> {
    shards.load(&mut keys, now)?;
    if !keys.is_at_end() {
        return Err(Unusable::Foreign);
    }
    let Header { fingerprints, unknown_through, .. } = header;
    Ok(Memory { shards, fingerprints, unknown_through })
}
