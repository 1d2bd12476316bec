//! What a memory store keeps in files, so that a restart accepts nothing twice.
//!
//! Without files a store begins with nothing, and [`Claim::remembered_since`] refuses what was
//! signed before it was built: the *restart rule*. What it cannot refuse is a request that was
//! stamped ahead of the server. With a [`StateFile`] it can:
//!
//! 1. **While it runs**, the *mark* on disk is never before the latest time of signing that was
//!    accepted: the claim that would pass it first moves it on by a [step](StateFile::with_step),
//!    with `fsync`. If that fails, the claim is [`Unavailable`](StoreError::Unavailable).
//! 2. **When it is [closed](super::MemoryReplayStore::close)**, it accepts nothing more and writes
//!    all that it remembers into a *snapshot*.
//! 3. **When it is [opened](super::MemoryReplayStoreBuilder::open)**, in this order:
//!    1. the files are locked, or opening fails: there is one store for them, in all processes;
//!    2. mark and snapshot are read and checked: version, checksum or authentication code;
//!    3. a new mark is written, of another run: from now on the snapshot is of no use to anyone;
//!    4. the snapshot is renamed, and the folder synced: it is consumed, whatever happens next.
//! 4. **A snapshot is believed** if it is whole, of the run of the mark, no older than
//!    [`with_max_snapshot_age`](StateFile::with_max_snapshot_age), and of a store of as many shards.
//!    The store then remembers what the one before it did.
//! 5. **Otherwise** the restart rule holds, and it reaches up to the mark: refused is what was
//!    signed before the store was opened, or not after the mark. A file that is torn, foreign, too
//!    old, of another version, or sealed otherwise is one that is not there; but a snapshot that is
//!    whole still tells its mark. [`StartedFrom`] says which it was.
//!
//! ```
//! # let folder = std::env::temp_dir().join(format!("countersign-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("replay");
//! use countersign::store::memory_replay::{StartedFrom, StateFile};
//! use countersign::store::{Claim, Claimed, MemoryReplayStore};
//! use countersign::clock::{Clock, SystemClock};
//! use std::time::Duration;
//!
//! let now = SystemClock.wall();
//! let until = now.saturating_add(Duration::from_secs(900));
//! let claim = |nonce| Claim::new("orders", "203710001", nonce, until).signed_at(now);
//!
//! let store = MemoryReplayStore::builder().open(StateFile::new(&path))?;
//! assert_eq!(store.claim_now(claim(b"a3c5"))?, Claimed::Fresh);
//! store.close()?;
//! drop(store);
//!
//! let store = MemoryReplayStore::builder().open(StateFile::new(&path))?;
//! assert_eq!(store.started_from(), StartedFrom::Snapshot);
//! assert_eq!(store.claim_now(claim(b"a3c5"))?, Claimed::Used);
//! assert_eq!(store.claim_now(claim(b"77d0"))?, Claimed::Fresh);
//! drop(store); // As after a crash: it was not closed.
//!
//! let store = MemoryReplayStore::builder().open(StateFile::new(&path))?;
//! assert_eq!(store.started_from(), StartedFrom::Mark);
//! assert_eq!(store.claim_now(claim(b"77d0").remembered_since(now))?, Claimed::Expired);
//! # drop(store);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Knobs
//!
//! | knob | default | why |
//! |---|---|---|
//! | [`with_step`](StateFile::with_step) | 5 s | a write or two in that time; a crash refuses callers for as long |
//! | [`with_max_snapshot_age`](StateFile::with_max_snapshot_age) | 15 min | the default window |
//! | [`with_mac_key`](StateFile::with_mac_key) | none | a checksum finds damage; forgery needs a writer on the machine |
//!
//! # Security
//!
//! - After a crash one caller that stamped its requests 15 minutes ahead keeps out *everyone* whose
//!   requests are not stamped later: up to the policy's `max_ahead`. Until when,
//!   [`refuses_through`](super::MemoryReplayStore::refuses_through) tells. To let them in, delete the
//!   file and its snapshot, which tells the mark, too: then the restart rule holds alone, and what was
//!   stamped ahead passes once more.
//! - What no claim says when it was signed is not covered by the mark; with the snapshot it is.
//! - Whoever can put old files back, all of them, within the age of a snapshot (a machine that is
//!   resumed, a backup) puts an old memory back.
//! - What another store accepts between two runs is in no snapshot. Whoever serves the same apps
//!   without the file for a while deletes it first.
//! - A process that forks has two stores, and the lock of both: open it after.
//! - The snapshot holds the key of the fingerprints. It and the other files are readable by their
//!   owner only.
//! - Another folder entry for the same file, or a lock that another host does not see, is a second
//!   store. The one that was there first notices when it moves the mark, and accepts nothing beyond.
//!
//! [`Claim::remembered_since`]: crate::store::Claim::remembered_since

pub(super) mod codec;
mod config;
mod error;
mod files;
mod mark;
mod opening;
mod record;
mod seal;
mod snapshot;

pub use config::StateFile;
pub use error::{StartedFrom, StateFileError, Unusable};

pub(super) use mark::{Mark, WriteMark};
pub(super) use opening::{Locked, Memory, Opened};

use self::files::Files;
use self::record::{Record, Run};
use self::seal::Seal;
use self::snapshot::Header;
use super::reading::Reading;
use crate::clock::{Clock, UnixMillis};
use crate::store::{Claim, StoreError};

/// The files of a store that runs.
pub(super) struct State {
    mark: Mark<MarkFile>,
}

impl State {
    /// Returns when the mark on disk is not before the claim.
    pub(super) fn cover(&self, claim: &Claim<'_>, clock: &dyn Clock) -> Result<(), StoreError> {
        match claim.signed_at.max(claim.remembered_since) {
            Some(at) => self.mark.cover(at, clock),
            None => Ok(()),
        }
    }

    /// Writes the snapshot of a store that accepts nothing any more.
    pub(super) fn save(&self, memory: &Memory, now: Reading) -> Result<(), StateFileError> {
        let Memory { shards, fingerprints, unknown_through } = memory;
        let mark = self.mark.get();
        self.mark.with_file(|file| {
            file.check_run()?;
            let header = Header {
                run: file.run,
                time: now.wall,
                unknown_through: *unknown_through,
                mark,
                fingerprints: *fingerprints,
            };
            file.files.replace_snapshot(|to| header.write(shards, now, &file.seal, to))
        })
    }
}

/// The mark's file, as the run that owns it writes it.
pub(super) struct MarkFile {
    files: Files,
    seal: Seal,
    run: Run,
}

impl MarkFile {
    /// The lock keeps others away; this notices if it did not, because its file was deleted, or on a
    /// file system that does not lock. What a second store accepts then is signed after this one's
    /// mark, and this one cannot move it on.
    fn check_run(&self) -> Result<(), StateFileError> {
        let found = self.files.read_mark().and_then(|bytes| Record::decode(&bytes, &self.seal));
        match found.intact() {
            Some(record) if record.run != self.run => {
                Err(StateFileError::TakenOver { path: self.files.path().to_owned() })
            }
            _ => Ok(()),
        }
    }

    fn write(&self, mark: UnixMillis) -> Result<(), StateFileError> {
        let encoded = Record { run: self.run, mark }.encode(&self.seal);
        let encoded = encoded.map_err(StateFileError::io("write", self.files.path()))?;
        self.files.replace_mark(&encoded)
    }
}

impl WriteMark for MarkFile {
    fn write_mark(&mut self, mark: UnixMillis) -> Result<(), StateFileError> {
        self.check_run()?;
        self.write(mark)
    }
}
