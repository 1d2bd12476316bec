//! Files that are not what a store wrote.

use std::fs;
use std::path::PathBuf;

use countersign::clock::UnixMillis;
use countersign::store::memory_replay::{StartedFrom, Unusable};
use countersign::store::{Claimed, MemoryReplayStore};
use proptest::prelude::*;

use crate::bench::{Bench, MINUTE, SECOND, claim};

/// What a store left, and what it had accepted.
struct Left {
    bench: Bench,
    mark: Vec<u8>,
    snapshot: Option<Vec<u8>>,
    accepted: Vec<(u8, UnixMillis)>,
}

impl Left {
    fn by(end: impl FnOnce(&MemoryReplayStore)) -> Self {
        let bench = Bench::new();
        let store = bench.open();
        let mut accepted = Vec::new();
        // Some were signed earlier, some ahead.
        for nonce in 0..6_u8 {
            let at = bench.now().saturating_add(MINUTE * u32::from(nonce / 2));
            assert_eq!(claim(&store, &[nonce], at), Claimed::Fresh);
            accepted.push((nonce, at));
            bench.clock.advance(SECOND);
        }
        end(&store);
        drop(store);
        let mark = fs::read(bench.folder.mark()).unwrap();
        let snapshot = fs::read(bench.folder.snapshot()).ok();
        Self { bench, mark, snapshot, accepted }
    }

    fn by_a_crash() -> Self {
        Self::by(|_| {})
    }

    fn by_a_stop() -> Self {
        Self::by(|store| store.close().unwrap())
    }

    /// Puts both files back as they were, but for one.
    fn put_back_but(&self, path: PathBuf, bytes: &[u8]) {
        fs::write(self.bench.folder.mark(), &self.mark).unwrap();
        if let Some(snapshot) = &self.snapshot {
            fs::write(self.bench.folder.snapshot(), snapshot).unwrap();
        }
        fs::write(path, bytes).unwrap();
    }

    /// Opens a store and sends everything again, up to what was signed at `last`.
    fn nothing_is_accepted_twice(&self, last: UnixMillis) -> StartedFrom {
        let store = self.bench.open();
        for (nonce, at) in self.accepted.iter().filter(|(_, at)| *at <= last) {
            assert_ne!(claim(&store, &[*nonce], *at), Claimed::Fresh, "{nonce}");
        }
        store.started_from()
    }
}

fn flips(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len()).map(|at| {
        let mut flipped = bytes.to_vec();
        flipped[at] ^= 1 << (at % 8);
        flipped
    })
}

fn beginnings(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len()).map(|len| bytes[..len].to_vec())
}

#[test]
fn a_snapshot_with_a_flipped_bit_or_a_torn_end_brings_the_restart_rule() {
    let left = Left::by_a_stop();
    let snapshot = left.snapshot.as_deref().unwrap();
    for damaged in flips(snapshot).chain(beginnings(snapshot)) {
        left.put_back_but(left.bench.folder.snapshot(), &damaged);
        let from = left.nothing_is_accepted_twice(UnixMillis::MAX);
        assert!(matches!(from, StartedFrom::Unusable(_)), "{from:?}");
    }
}

#[test]
fn a_mark_with_a_flipped_bit_has_a_second_copy_after_a_crash() {
    let left = Left::by_a_crash();
    for damaged in flips(&left.mark) {
        left.put_back_but(left.bench.folder.mark(), &damaged);
        assert_eq!(left.nothing_is_accepted_twice(UnixMillis::MAX), StartedFrom::Mark);
    }
}

#[test]
fn a_torn_mark_brings_the_restart_rule_after_a_crash() {
    let left = Left::by_a_crash();
    let now = left.bench.now();
    for torn in beginnings(&left.mark) {
        left.put_back_but(left.bench.folder.mark(), &torn);
        // What was stamped ahead is known by the mark alone.
        let from = left.nothing_is_accepted_twice(now);
        assert_eq!(from == StartedFrom::Mark, torn.len() >= left.mark.len() / 2, "{}", torn.len());
    }
}

#[test]
fn a_torn_mark_loses_nothing_beside_a_snapshot() {
    let left = Left::by_a_stop();
    for torn in beginnings(&left.mark) {
        left.put_back_but(left.bench.folder.mark(), &torn);
        let _ = left.nothing_is_accepted_twice(UnixMillis::MAX);
    }
}

#[test]
fn a_damaged_file_does_not_keep_new_requests_out() {
    let left = Left::by_a_crash();
    left.put_back_but(left.bench.folder.mark(), b"what is this?");
    let store = left.bench.open_from(StartedFrom::Unusable(Unusable::Foreign));
    assert_eq!(claim(&store, b"new", left.bench.now()), Claimed::Fresh);
    drop(store);
    // And it is not lost, whosever it is.
    let aside = left.bench.folder.path("replay.unusable");
    assert_eq!(fs::read(aside).unwrap(), b"what is this?");
    let _ = left.bench.open_from(StartedFrom::Mark);
}

#[test]
fn a_file_of_another_version_is_not_read() {
    const VERSION: usize = 16;
    let left = Left::by_a_stop();
    for path in [left.bench.folder.mark(), left.bench.folder.snapshot()] {
        left.put_back_but(path.clone(), &[]);
        let mut newer = if path == left.bench.folder.mark() {
            left.mark.clone()
        } else {
            left.snapshot.clone().unwrap()
        };
        let half = left.mark.len() / 2;
        newer[VERSION] += 1;
        if path == left.bench.folder.mark() {
            newer[half + VERSION] += 1;
        }
        left.put_back_but(path, &newer);
        let from = left.nothing_is_accepted_twice(UnixMillis::MAX);
        assert_eq!(from, StartedFrom::Unusable(Unusable::Version));
    }
}

#[test]
fn the_files_of_another_store_bring_the_restart_rule() {
    let (left, other) = (Left::by_a_stop(), Left::by_a_stop());
    left.put_back_but(left.bench.folder.snapshot(), other.snapshot.as_deref().unwrap());
    let from = left.nothing_is_accepted_twice(UnixMillis::MAX);
    assert_eq!(from, StartedFrom::Unusable(Unusable::OtherRun));
    left.put_back_but(left.bench.folder.mark(), &other.mark);
    let from = left.nothing_is_accepted_twice(UnixMillis::MAX);
    assert_eq!(from, StartedFrom::Unusable(Unusable::OtherRun));
    // A mark in the place of a snapshot, and a snapshot in the place of a mark.
    left.put_back_but(left.bench.folder.snapshot(), &left.mark);
    let from = left.nothing_is_accepted_twice(UnixMillis::MAX);
    assert_eq!(from, StartedFrom::Unusable(Unusable::Foreign));
    left.put_back_but(left.bench.folder.mark(), left.snapshot.as_deref().unwrap());
    let from = left.nothing_is_accepted_twice(UnixMillis::MAX);
    assert_eq!(from, StartedFrom::Unusable(Unusable::Foreign));
}

#[test]
fn files_under_another_key_or_none_bring_the_restart_rule() {
    let keys: [Option<&[u8]>; 3] = [None, Some(b"a key"), Some(b"another key")];
    for (wrote, reads) in keys.iter().flat_map(|a| keys.iter().map(move |b| (a, b))) {
        let bench = Bench::new();
        let at = bench.now();
        let open = |key: &Option<&[u8]>| {
            let file = match key {
                Some(key) => bench.file().with_mac_key(key).unwrap(),
                None => bench.file(),
            };
            bench.builder().open(file).unwrap()
        };
        let store = open(wrote);
        assert_eq!(claim(&store, b"1", at), Claimed::Fresh);
        store.close().unwrap();
        drop(store);
        bench.clock.advance(SECOND);
        let store = open(reads);
        if wrote == reads {
            assert_eq!(store.started_from(), StartedFrom::Snapshot);
            assert_eq!(claim(&store, b"1", at), Claimed::Used);
        } else {
            assert_eq!(store.started_from(), StartedFrom::Unusable(Unusable::Seal));
            assert_eq!(claim(&store, b"1", at), Claimed::Expired);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_in_the_files_nothing_signed_before_is_accepted_and_nothing_panics(
        mark in damage(), snapshot in damage()
    ) {
        let left = Left::by_a_stop();
        fs::write(left.bench.folder.mark(), mark.apply(&left.mark)).unwrap();
        let bytes = left.snapshot.as_deref().unwrap();
        fs::write(left.bench.folder.snapshot(), snapshot.apply(bytes)).unwrap();
        left.nothing_is_accepted_twice(left.bench.now());
    }
}

/// What is done to a file.
#[derive(Clone, Debug)]
enum Damage {
    Cut { keep: prop::sample::Index },
    Overwrite { at: prop::sample::Index, with: Vec<u8> },
    Extend { by: Vec<u8> },
    Replace { with: Vec<u8> },
}

impl Damage {
    fn apply(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        match self {
            Self::Cut { keep } => bytes.truncate(keep.index(bytes.len())),
            Self::Overwrite { at, with } => {
                let at = at.index(bytes.len());
                bytes.iter_mut().skip(at).zip(with).for_each(|(byte, with)| *byte = *with);
            }
            Self::Extend { by } => bytes.extend(by),
            Self::Replace { with } => bytes.clone_from(with),
        }
        bytes
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let some = || prop::collection::vec(any::<u8>(), 1..100);
    prop_oneof![
        any::<prop::sample::Index>().prop_map(|keep| Damage::Cut { keep }),
        (any::<prop::sample::Index>(), some())
            .prop_map(|(at, with)| Damage::Overwrite { at, with }),
        some().prop_map(|by| Damage::Extend { by }),
        some().prop_map(|with| Damage::Replace { with }),
    ]
}
