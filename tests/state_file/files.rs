//! What may be a state file, and who may have it.

use std::error::Error;
use std::fs;

use countersign::store::Claimed;
use countersign::store::memory_replay::{StartedFrom, StateFile, StateFileError};

use crate::bench::{Bench, MINUTE, SECOND, claim, is_unavailable, strict};

#[test]
fn a_second_store_is_kept_away_while_the_first_lives() {
    let bench = Bench::new();
    let first = bench.open();
    for _ in 0..2 {
        let error = bench.try_open().unwrap_err();
        assert!(matches!(error, StateFileError::Locked { .. }));
        assert!(error.to_string().ends_with("replay is in use by another store"), "{error}");
        // Closed is not gone.
        first.close().unwrap();
    }
    drop(first);
    let _ = bench.open_from(StartedFrom::Snapshot);
}

#[test]
fn a_store_that_was_refused_has_touched_nothing() {
    let bench = Bench::new();
    let at = bench.now();
    let first = bench.open();
    assert_eq!(claim(&first, b"1", at), Claimed::Fresh);
    let before = fs::read(bench.folder.mark()).unwrap();
    assert!(bench.try_open().is_err());
    assert_eq!(fs::read(bench.folder.mark()).unwrap(), before);
    assert_eq!(claim(&first, b"2", at.saturating_add(MINUTE)), Claimed::Fresh);
}

#[test]
fn a_store_whose_lock_was_deleted_accepts_nothing_beyond_its_mark_beside_another() {
    let bench = Bench::new();
    let at = bench.now();
    let first = bench.open();
    assert_eq!(claim(&first, b"1", at), Claimed::Fresh);
    fs::remove_file(bench.folder.path("replay.lock")).unwrap();
    bench.clock.advance(MINUTE);
    let second = bench.open_from(StartedFrom::Mark);
    // The second refuses what the first may have accepted or still may.
    assert_eq!(claim(&second, b"1", at), Claimed::Expired);
    let now = bench.now();
    assert_eq!(claim(&second, b"2", now), Claimed::Fresh);
    let answer = first.claim_now(strict(b"2", now));
    assert!(is_unavailable(&answer), "{answer:?}");
    let source = answer.unwrap_err().source().unwrap().to_string();
    assert!(source.ends_with("replay was taken over by another store"), "{source}");
    assert!(matches!(first.close(), Err(StateFileError::TakenOver { .. })));
    assert!(!bench.folder.snapshot().exists());
}

#[test]
fn a_state_file_that_is_deleted_while_it_is_used_is_written_again() {
    let bench = Bench::new();
    let at = bench.now();
    let ahead = at.saturating_add(MINUTE);
    bench.crash(|store| {
        assert_eq!(claim(store, b"1", at), Claimed::Fresh);
        fs::remove_file(bench.folder.mark()).unwrap();
        assert_eq!(claim(store, b"2", ahead), Claimed::Fresh);
    });
    let store = bench.open_from(StartedFrom::Mark);
    assert_eq!(claim(&store, b"1", at), Claimed::Expired);
    assert_eq!(claim(&store, b"2", ahead), Claimed::Expired);
}

#[test]
fn without_its_file_a_store_follows_the_restart_rule() {
    let bench = Bench::new();
    let at = bench.now();
    bench.crash(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
    fs::remove_file(bench.folder.mark()).unwrap();
    bench.clock.advance(SECOND);
    let store = bench.open_from(StartedFrom::Nothing);
    assert_eq!(claim(&store, b"1", at), Claimed::Expired);
    assert_eq!(claim(&store, b"2", bench.now()), Claimed::Fresh);
}

#[test]
fn what_is_no_regular_file_is_refused_and_left_alone() {
    for name in ["replay", "replay.lock", "replay.snapshot"] {
        let bench = Bench::new();
        fs::create_dir(bench.folder.path(name)).unwrap();
        let error = bench.try_open().unwrap_err();
        assert!(matches!(error, StateFileError::NotAFile { .. }), "{error}");
        assert!(bench.folder.path(name).is_dir());
    }
    let nameless = StateFile::new("/");
    let error = Bench::new().builder().open(nameless).unwrap_err();
    assert!(matches!(error, StateFileError::NotAFile { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_not_followed() {
    for name in ["replay", "replay.lock", "replay.snapshot"] {
        let bench = Bench::new();
        let target = bench.folder.path("elsewhere");
        fs::write(&target, "precious").unwrap();
        std::os::unix::fs::symlink(&target, bench.folder.path(name)).unwrap();
        let error = bench.try_open().unwrap_err();
        assert!(matches!(error, StateFileError::NotAFile { .. }), "{error}");
        assert_eq!(fs::read(&target).unwrap(), b"precious");
    }
}

#[cfg(unix)]
#[test]
fn the_folder_may_be_a_symbolic_link_and_two_names_of_it_are_one_place() {
    let bench = Bench::new();
    let real = bench.folder.path("real");
    let link = bench.folder.path("link");
    fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let store = bench.builder().open(StateFile::new(link.join("replay"))).unwrap();
    assert!(real.join("replay").exists());
    let error = bench.builder().open(StateFile::new(real.join("replay"))).unwrap_err();
    assert!(matches!(error, StateFileError::Locked { .. }), "{error}");
    drop(store);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let bench = Bench::new();
    let file = StateFile::new(bench.folder.path("missing").join("replay"));
    let error = bench.builder().open(file).unwrap_err();
    assert!(error.to_string().starts_with("cannot find "), "{error}");
    assert!(error.to_string().ends_with("missing"), "{error}");
    assert!(error.source().is_some());
}

#[cfg(unix)]
#[test]
fn all_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let bench = Bench::new();
    let at = bench.now();
    bench.run(|store| assert_eq!(claim(store, b"1", at), Claimed::Fresh));
    for name in bench.folder.names() {
        let mode = fs::metadata(bench.folder.path(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn files_hold_no_nonce_and_no_key_of_an_app_and_debug_no_key_of_ours() {
    let bench = Bench::new();
    let at = bench.now();
    let file = || bench.file().with_mac_key(b"a state key of our own").unwrap();
    let store = bench.builder().open(file()).unwrap();
    assert_eq!(claim(&store, b"4f0c8e52", at), Claimed::Fresh);
    store.close().unwrap();
    for name in bench.folder.names() {
        let text = fs::read(bench.folder.path(&name)).unwrap().escape_ascii().to_string();
        for secret in ["4f0c8e52", "203710001", "orders", "a state key"] {
            assert!(!text.contains(secret), "{secret} in {name}: {text}");
        }
    }
    let shown = format!("{:?} {store:?}", file());
    assert!(shown.contains("replay") && !shown.contains("a state key"), "{shown}");
}

#[test]
fn an_empty_key_authenticates_nothing_and_is_refused() {
    assert!(StateFile::new("replay").with_mac_key(b"").is_err());
}
