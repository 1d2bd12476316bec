//! The rules of claims that can be taken back.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::subject::{MILLISECOND, SHORT, Subject, claim};
use super::{Backend, Violation};
use crate::store::{
    Claim, ClaimToken, Claimed, Released, ReplayStore, Reserved, TwoPhaseReplayStore,
};

/// Who made a claim may release it, once in the key's life, and one claim then gets it.
///
/// # Errors
///
/// [`Violation`].
pub async fn two_phase<B>(backend: &B) -> Result<(), Violation>
where
    B: Backend<Store: TwoPhaseReplayStore>,
{
    let rule = "who made a claim may release it, once in its key's life";
    let subject = Subject::empty(backend, rule).await;
    subject.release_belongs_to_the_claim().await?;
    subject.release_happens_once().await?;
    subject.release_ends_with_the_key().await
}

impl<B: Backend<Store: TwoPhaseReplayStore>> Subject<'_, B> {
    async fn release_belongs_to_the_claim(&self) -> Result<(), Violation> {
        let (mine, other) = (claim(b"mine", self.later()), claim(b"other", self.later()));
        let token = self.reserve(mine, "a first reservation").await?;
        let others = self.reserve(other, "another key's reservation").await?;
        let stranger = Claim { app_key: "another", ..mine };
        for (claim, token, whose) in [
            (mine, others, "another claim's token"),
            (mine, ClaimToken::new(0), "a made-up token"),
            (stranger, token, "another app's key"),
        ] {
            self.expect_release(claim, token, Released::Kept, whose).await?;
        }
        self.expect(mine, Claimed::Used, "a pending key").await?;
        self.expect_used(mine, "a pending key, reserved again").await?;
        self.expect(stranger, Claimed::Fresh, "a key that was only ever released").await?;
        self.expect_release(stranger, token, Released::Kept, "a claim without a token").await
    }

    async fn release_happens_once(&self) -> Result<(), Violation> {
        let key = claim(b"once", self.later());
        let token = self.reserve(key, "a first reservation").await?;
        self.expect_release(key, token, Released::Released, "its own token").await?;
        self.expect_release(key, token, Released::Kept, "a second release").await?;
        let winners = self.race(key).await?;
        let [second] = winners[..] else {
            let seen = format!("{} claims got a released key", winners.len());
            return Err(self.violation(seen));
        };
        let second = second.unwrap_or(token);
        for (token, whose) in [(token, "the first token"), (second, "the second claim's token")] {
            self.expect_release(key, token, Released::Kept, whose).await?;
        }
        self.expect(key, Claimed::Used, "a key claimed for the second time").await?;
        self.expect_used(key, "a key claimed for the second time, reserved").await
    }

    async fn release_ends_with_the_key(&self) -> Result<(), Violation> {
        let until = self.backend.now().saturating_add(SHORT);
        let (pending, released) = (claim(b"pending", until), claim(b"released", until));
        let late = self.reserve(pending, "a reservation").await?;
        let token = self.reserve(released, "a reservation").await?;
        self.expect_release(released, token, Released::Released, "its own token").await?;
        while self.backend.now() <= until {
            self.backend.pass(until.since(self.backend.now()).max(MILLISECOND)).await;
        }
        self.expect_release(pending, late, Released::Kept, "a release after `until`").await?;
        for over in [pending, released] {
            self.expect(over, Claimed::Expired, "after `until`").await?;
        }
        Ok(())
    }

    /// Claims a key many times at once, with and without reserving; what the winners got.
    async fn race(&self, key: Claim<'static>) -> Result<Vec<Option<ClaimToken>>, Violation> {
        let mut callers = JoinSet::new();
        for caller in 0..32 {
            let store = Arc::clone(&self.store);
            callers.spawn(async move {
                if caller % 2 == 0 {
                    return Ok((store.claim(key).await? == Claimed::Fresh).then_some(None));
                }
                Ok(match store.reserve(key).await? {
                    Reserved::Fresh(token) => Some(Some(token)),
                    Reserved::Used | Reserved::Expired => None,
                })
            });
        }
        let mut winners = Vec::new();
        while let Some(done) = callers.join_next().await {
            let done = done.map_err(|error| self.violation(error.to_string()))?;
            winners.extend(done.map_err(|error: crate::store::StoreError| {
                self.violation(format!("a race: {error:?}"))
            })?);
        }
        Ok(winners)
    }

    async fn reserve(&self, claim: Claim<'_>, when: &str) -> Result<ClaimToken, Violation> {
        match self.store.reserve(claim).await {
            Ok(Reserved::Fresh(token)) => Ok(token),
            answer => Err(self.violation(format!("{when}: {answer:?}"))),
        }
    }

    async fn expect_used(&self, claim: Claim<'_>, when: &str) -> Result<(), Violation> {
        match self.store.reserve(claim).await {
            Ok(Reserved::Used) => Ok(()),
            answer => Err(self.violation(format!("{when}: {answer:?}"))),
        }
    }

    async fn expect_release(
        &self,
        claim: Claim<'_>,
        token: ClaimToken,
        expected: Released,
        whose: &str,
    ) -> Result<(), Violation> {
        match self.store.release(claim, token).await {
            Ok(answer) if answer == expected => Ok(()),
            answer => Err(self.violation(format!("{whose}: {answer:?} instead of {expected:?}"))),
        }
    }
}
