//! Rules about how long a key is kept, and how far back a memory reaches.

use std::time::Duration;

use super::subject::{LONG, MILLISECOND, SHORT, Subject, claim};
use super::{Backend, Violation};
use crate::clock::UnixMillis;
use crate::store::Claimed;

/// A key is used through its `until` inclusive and expired afterwards, every time; a claim whose
/// `until` has passed is never written; the ends of time do not overflow.
///
/// # Errors
///
/// [`Violation`].
pub async fn expiry(backend: &impl Backend) -> Result<(), Violation> {
    let rule = "a key is used through its `until`, then expired, and expired is never written";
    let subject = Subject::empty(backend, rule).await;

    let last = claim(b"last instant", backend.now().saturating_add(SHORT));
    subject.expect_alive_or_expired(last, Claimed::Fresh, "the first claim").await?;
    subject.expect_alive_or_expired(last, Claimed::Used, "again, at once").await?;
    backend.pass(last.until.since(backend.now())).await;
    subject.expect_alive_or_expired(last, Claimed::Used, "at the last instant").await?;
    while backend.now() <= last.until {
        backend.pass(MILLISECOND).await;
    }
    for _ in 0..2 {
        subject.expect(last, Claimed::Expired, "after its `until`").await?;
    }

    let passed = claim(b"passed", backend.now().saturating_sub(MILLISECOND));
    for _ in 0..2 {
        subject.expect(passed, Claimed::Expired, "`until` a millisecond ago").await?;
    }
    let alive = claim(b"passed", subject.later());
    subject.expect(alive, Claimed::Fresh, "a key that was only ever expired").await?;

    let now = claim(b"now", backend.now());
    subject.expect_alive_or_expired(now, Claimed::Fresh, "`until` now").await?;

    let dawn = claim(b"ends of time", UnixMillis::ZERO);
    subject.expect(dawn, Claimed::Expired, "`until` the epoch").await?;
    let dusk = claim(b"ends of time", UnixMillis::MAX);
    subject.expect(dusk, Claimed::Fresh, "`until` the end of time").await?;
    subject.expect(dusk, Claimed::Used, "`until` the end of time, again").await
}

/// What the store must have been remembering since before its memory begins is expired, and not
/// written; what it can vouch for is decided as without that demand.
///
/// # Errors
///
/// [`Violation`].
pub async fn memory(backend: &impl Backend) -> Result<(), Violation> {
    /// More than a millisecond, so that clocks which are read to the millisecond tell them apart.
    const APART: Duration = Duration::from_millis(5);
    let rule = "what was signed before the store's memory begins is expired, and not written";
    let before = backend.now();
    backend.pass(APART).await;
    let subject = Subject::empty(backend, rule).await;
    backend.pass(APART).await;
    let since = backend.now();

    let fresh = claim(b"n", subject.later());
    let demanding = fresh.remembered_since(before);
    for _ in 0..2 {
        subject.expect(demanding, Claimed::Expired, "signed before the memory begins").await?;
    }
    let far = fresh.remembered_since(since.saturating_sub(LONG));
    subject.expect(far, Claimed::Expired, "signed an hour before the memory begins").await?;
    let vouched = fresh.remembered_since(since);
    subject.expect(vouched, Claimed::Fresh, "signed after the memory begins").await?;
    subject.expect(vouched, Claimed::Used, "signed after the memory begins, again").await?;
    subject.expect(demanding, Claimed::Expired, "a used key, signed before").await?;
    subject.expect(fresh, Claimed::Used, "a used key, no demand").await
}
