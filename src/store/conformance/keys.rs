//! Rules about what a key is, and who gets it.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::subject::{Subject, claim};
use super::{Backend, Violation};
use crate::clock::UnixMillis;
use crate::store::{Claim, Claimed, ReplayStore, StoreError};

/// Of any number of concurrent claims on one key, exactly one is fresh, and the others are used.
///
/// # Errors
///
/// [`Violation`].
pub async fn one_winner(backend: &impl Backend) -> Result<(), Violation> {
    const CALLERS: usize = 32;
    const ROUNDS: u32 = 200;
    let rule = "of any number of concurrent claims on one key, exactly one is fresh";
    let subject = Subject::empty(backend, rule).await;
    let (until, start) = (subject.later(), Arc::new(Barrier::new(CALLERS)));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (store, start) = (Arc::clone(&subject.store), Arc::clone(&start));
        callers.spawn(async move {
            let mut won = Vec::new();
            for round in 0..ROUNDS {
                start.wait().await;
                if store.claim(claim(&round.to_be_bytes(), until)).await? == Claimed::Fresh {
                    won.push(round);
                }
            }
            Ok::<_, StoreError>(won)
        });
    }
    let mut winners = Vec::new();
    while let Some(won) = callers.join_next().await {
        let won = won.map_err(|error| subject.violation(error.to_string()))?;
        winners.extend(won.map_err(|error| subject.violation(format!("{error:?}")))?);
    }
    winners.sort_unstable();
    if winners.iter().copied().eq(0..ROUNDS) {
        return Ok(());
    }
    Err(subject.violation(format!("{} winners in {ROUNDS} rounds", winners.len())))
}

/// [`Backend::keys`] distinct keys, claimed 64 at a time, are all fresh, and then all used.
///
/// # Errors
///
/// [`Violation`].
pub async fn distinct_keys<B: Backend>(backend: &B) -> Result<(), Violation> {
    let rule = "distinct keys never collide, and none is forgotten";
    let subject = Subject::empty(backend, rule).await;
    for expected in [Claimed::Fresh, Claimed::Used] {
        claim_each(&subject, backend.keys(), expected).await?;
    }
    Ok(())
}

async fn claim_each<B: Backend>(
    subject: &Subject<'_, B>,
    keys: u32,
    expected: Claimed,
) -> Result<(), Violation> {
    const IN_FLIGHT: u32 = 64;
    let until = subject.later();
    let mut workers = JoinSet::new();
    for first in 0..IN_FLIGHT {
        let store = Arc::clone(&subject.store);
        workers.spawn(async move {
            for key in (first..keys).step_by(IN_FLIGHT as usize) {
                let answer = store.claim(claim(&key.to_be_bytes(), until)).await;
                if !matches!(answer, Ok(answer) if answer == expected) {
                    return Err(format!("key {key}: {answer:?} instead of {expected:?}"));
                }
            }
            Ok(())
        });
    }
    while let Some(done) = workers.join_next().await {
        let done = done.map_err(|error| subject.violation(error.to_string()))?;
        done.map_err(|seen| subject.violation(seen))?;
    }
    Ok(())
}

/// Scope, AppKey and nonce are encoded injectively: moving a byte from one to the next, or putting
/// into one what could separate them, makes another key. A nonce is bytes, and many apps may use
/// one.
///
/// # Errors
///
/// [`Violation`].
pub async fn injective_keys(backend: &impl Backend) -> Result<(), Violation> {
    let rule = "different scopes, AppKeys or nonces are different keys";
    let subject = Subject::empty(backend, rule).await;
    let apps: Vec<_> = (0..1_000).map(|app| app.to_string()).collect();
    let of_apps = apps.iter().map(|app| ("shared", app.as_str(), &b"nonce"[..]));
    let long = vec![b'n'; 4_096];
    let triples = MOVED.iter().copied().chain([("s", "k", &*long)]).chain(of_apps);
    for expected in [Claimed::Fresh, Claimed::Used] {
        for (scope, app_key, nonce) in triples.clone() {
            let claim = Claim::new(scope, app_key, nonce, subject.later());
            let when = format!("scope {scope:?}, AppKey {app_key:?}, nonce of {}", nonce.len());
            subject.expect(claim, expected, &when).await?;
            let again = Claim { until: UnixMillis::MAX, ..claim };
            subject.expect(again, Claimed::Used, "the same key with another `until`").await?;
        }
    }
    Ok(())
}

/// Triples that an encoding which joins, pads, cuts or decodes would mix up.
const MOVED: &[(&str, &str, &[u8])] = &[
    ("ab", "c", b"d"),
    ("a", "bc", b"d"),
    ("a", "b", b"cd"),
    ("ab", "", b"cd"),
    ("", "ab", b"cd"),
    ("abcd", "", b""),
    ("", "abcd", b""),
    ("", "", b"abcd"),
    ("", "", b""),
    ("a:b", "c", b"d"),
    ("a", "b:c", b"d"),
    ("a", "b", b"c:d"),
    ("a\0b", "c", b"d"),
    ("a", "b\0c", b"d"),
    ("a", "b", b"c\0d"),
    ("a", "b", b"c"),
    ("a", "b", b"c\0"),
    ("a", "b", b" c"),
    ("a", "b", b"C"),
    ("a", "b", b"\xff"),
    ("a", "b", b"\xfe"),
    ("a", "b", "\u{fffd}".as_bytes()),
    ("a", "b", b"\r\n"),
    ("\x01a", "b", b"c"),
    ("1", "a1", b"b"),
    ("1a", "1", b"b"),
];
