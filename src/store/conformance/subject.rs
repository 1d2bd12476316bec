//! A store under test, with the clock it goes by.

use std::sync::Arc;
use std::time::Duration;

use super::{Backend, Violation};
use crate::clock::UnixMillis;
use crate::store::{Claim, Claimed, ReplayStore, StoreError};

/// Longer than any rule takes.
pub(super) const LONG: Duration = Duration::from_secs(3_600);

/// How long the keys live that a rule waits for. Long enough for a slow store to answer meanwhile.
pub(super) const SHORT: Duration = Duration::from_millis(400);

pub(super) const MILLISECOND: Duration = Duration::from_millis(1);

const SCOPE: &str = "conformance";
const APP: &str = "203710001";

/// A key of the rules' own app.
pub(super) fn claim(nonce: &[u8], until: UnixMillis) -> Claim<'_> {
    Claim::new(SCOPE, APP, nonce, until)
}

pub(super) struct Subject<'b, B: Backend> {
    pub(super) backend: &'b B,
    pub(super) store: Arc<B::Store>,
    rule: &'static str,
}

impl<'b, B: Backend> Subject<'b, B> {
    pub(super) async fn empty(backend: &'b B, rule: &'static str) -> Self {
        Self::of(backend, backend.empty().await, rule)
    }

    pub(super) fn of(backend: &'b B, store: B::Store, rule: &'static str) -> Self {
        Self { backend, store: Arc::new(store), rule }
    }

    pub(super) fn violation(&self, seen: impl Into<String>) -> Violation {
        Violation::new(self.rule, seen)
    }

    /// An `until` that is not reached.
    pub(super) fn later(&self) -> UnixMillis {
        self.backend.now().saturating_add(LONG)
    }

    pub(super) async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
        self.store.claim(claim).await
    }

    pub(super) async fn expect(
        &self,
        claim: Claim<'_>,
        expected: Claimed,
        when: &str,
    ) -> Result<(), Violation> {
        match self.claim(claim).await {
            Ok(answer) if answer == expected => Ok(()),
            answer => Err(self.violation(format!("{when}: {answer:?} instead of {expected:?}"))),
        }
    }

    /// Claims, and judges the answer by what the clock showed before and after it: while `until`
    /// was not passed it is `alive`, and afterwards expired.
    pub(super) async fn expect_alive_or_expired(
        &self,
        claim: Claim<'_>,
        alive: Claimed,
        when: &str,
    ) -> Result<(), Violation> {
        let before = self.backend.now();
        let answer = self.claim(claim).await;
        let after = self.backend.now();
        match answer {
            Ok(Claimed::Expired) if claim.until >= after => Err(self.violation(format!(
                "{when}: expired at {after}, no later than its `until`, {}",
                claim.until
            ))),
            Ok(answer) if answer != Claimed::Expired && claim.until < before => Err(self
                .violation(format!(
                    "{when}: {answer:?} at {before}, after its `until`, {}",
                    claim.until
                ))),
            Ok(answer) if answer == alive || answer == Claimed::Expired => Ok(()),
            answer => Err(self.violation(format!("{when}: {answer:?} instead of {alive:?}"))),
        }
    }
}
