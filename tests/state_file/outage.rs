//! A disk that takes nothing more, while a store runs.
//!
//! A folder in the place of the file that is to be written stands for it.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use countersign::store::memory_replay::{StartedFrom, StateFileError};
use countersign::store::{Claimed, StoreError};

use crate::bench::{Bench, MILLISECOND, MINUTE, SECOND, STEP, claim, is_unavailable, strict};

fn fill(bench: &Bench, name: &str) -> PathBuf {
    let path = bench.folder.path(name);
    fs::create_dir(&path).unwrap();
    path
}

#[test]
fn what_the_mark_does_not_cover_is_not_accepted_while_it_cannot_be_written() {
    let bench = Bench::new();
    let at = bench.now();
    let store = bench.open();
    assert_eq!(claim(&store, b"1", at), Claimed::Fresh);
    let full = fill(&bench, "replay.new");

    let mark = at.saturating_add(STEP);
    assert_eq!(claim(&store, b"2", mark), Claimed::Fresh, "covered already");
    let beyond = mark.saturating_add(MILLISECOND);
    for nonce in [b"3", b"4"] {
        let answer = store.claim_now(strict(nonce, beyond));
        assert!(is_unavailable(&answer), "{answer:?}");
        let error = answer.unwrap_err();
        let source = error.source().unwrap();
        assert!(source.to_string().starts_with("cannot write "), "{source}");
        assert!(source.source().is_some(), "the file system's answer");
        assert_eq!(error.retry_after(), None);
    }
    assert_eq!(store.len(), 2);

    // It is tried again after a second, so that not every claim asks the disk.
    fs::remove_dir(full).unwrap();
    bench.clock.advance(SECOND - MILLISECOND);
    assert!(is_unavailable(&store.claim_now(strict(b"3", beyond))));
    bench.clock.advance(MILLISECOND);
    assert_eq!(claim(&store, b"3", beyond), Claimed::Fresh);
}

#[test]
fn an_unwritable_place_is_found_when_the_store_is_opened_and_the_snapshot_is_kept() {
    let bench = Bench::new();
    let at = bench.now();
    bench.run(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
    let full = fill(&bench, "replay.new");
    let error = bench.try_open().unwrap_err();
    assert!(matches!(error, StateFileError::Io { .. }), "{error}");
    fs::remove_dir(full).unwrap();
    let store = bench.open_from(StartedFrom::Snapshot);
    assert_eq!(claim(&store, b"1", at), Claimed::Used);
}

#[test]
fn a_store_that_cannot_write_its_snapshot_says_so_stays_closed_and_may_try_again() {
    let bench = Bench::new();
    let at = bench.now();
    let store = bench.open();
    assert_eq!(claim(&store, b"1", at), Claimed::Fresh);
    let full = fill(&bench, "replay.snapshot.new");
    assert!(matches!(store.close(), Err(StateFileError::Io { .. })));
    let answer = store.claim_now(strict(b"2", at));
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    fs::remove_dir(full).unwrap();
    store.close().unwrap();
    drop(store);
    let store = bench.open_from(StartedFrom::Snapshot);
    assert_eq!(claim(&store, b"1", at), Claimed::Used);
}

#[test]
fn without_a_snapshot_that_could_not_be_written_the_mark_decides() {
    let bench = Bench::new();
    let at = bench.now();
    let store = bench.open();
    assert_eq!(claim(&store, b"1", at), Claimed::Fresh);
    let full = fill(&bench, "replay.snapshot.new");
    assert!(store.close().is_err());
    drop(store);
    fs::remove_dir(full).unwrap();
    let store = bench.open_from(StartedFrom::Mark);
    assert_eq!(claim(&store, b"1", at), Claimed::Expired);
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_is_a_clear_error() {
    use std::os::unix::fs::PermissionsExt;

    let bench = Bench::new();
    let locked = fill(&bench, "locked");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o500)).unwrap();
    // Some users may write everywhere.
    if fs::write(locked.join("probe"), "").is_err() {
        let file = countersign::store::memory_replay::StateFile::new(locked.join("replay"));
        let error = bench.builder().open(file).unwrap_err();
        assert!(error.to_string().starts_with("cannot open "), "{error}");
    }
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn the_mark_is_written_twice_in_a_step_whatever_the_number_of_claims() {
    let bench = Bench::new();
    let store = bench.open();
    let mut marks = std::collections::HashSet::new();
    for nonce in 0..900_u32 {
        assert_eq!(claim(&store, &nonce.to_be_bytes(), bench.now()), Claimed::Fresh);
        marks.insert(fs::read(bench.folder.mark()).unwrap());
        bench.clock.advance(Duration::from_millis(100));
    }
    let steps = (MINUTE + MINUTE / 2).as_secs() / STEP.as_secs();
    let written = marks.len() as u64;
    assert!((2 * steps - 2..=2 * steps + 2).contains(&written), "{written} in {steps} steps");
}
