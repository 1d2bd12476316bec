//! What a claim and a release say to Redis, and what the answers mean.

use super::builder::MARGIN;
use super::connect::{Live, millis};
use super::fault::Fault;
use super::scripts::{CLAIM, Call, LAST, RELEASE};
use super::{RedisReplayStore, telemetry};
use crate::clock::UnixMillis;
use crate::store::{Claim, ClaimToken, Claimed, Released};

impl RedisReplayStore {
    /// Asks once more over a new connection if the one that stands was checked for another memory:
    /// nothing was written then.
    pub(super) async fn ask_to_claim(
        &self,
        claim: Claim<'_>,
        token: ClaimToken,
    ) -> Result<Claimed, Fault> {
        match self.ask_once(claim, token).await {
            Err(Fault::OtherMemory) => self.ask_once(claim, token).await,
            answer => answer,
        }
    }

    async fn ask_once(&self, claim: Claim<'_>, token: ClaimToken) -> Result<Claimed, Fault> {
        let live = self.link.live().await?;
        let since = claim.remembered_since.map(|since| since.min(LAST).to_string());
        let keys = [&*self.keys.claim(&claim), self.keys.memory()];
        let call = Call::new(&CLAIM, &keys)
            .arg(claim.until.min(LAST).get())
            .arg(self.forget_at(&claim).get())
            // Read last: how long it took to connect is no difference between clocks.
            .arg(self.clock.wall().min(LAST).get())
            .arg(millis(self.clock_tolerance))
            .arg(millis(MARGIN))
            .arg(&token.get().to_be_bytes()[..])
            .arg(live.memory().as_str())
            .arg(since.unwrap_or_default());
        let blame = |fault: &Fault| self.link.blame(&live, fault);
        let (what, theirs, begun): (u8, u64, bool) = live.invoke(&call).await.inspect_err(blame)?;
        if begun {
            telemetry::memory_begun();
        }
        let claimed = match what {
            0 => Ok(Claimed::Used),
            1 => Ok(Claimed::Fresh),
            2 => Ok(Claimed::Expired),
            3 => Err(self.clocks_differ(UnixMillis::new(theirs))),
            _ => Err(Fault::OtherMemory),
        };
        let claimed = claimed.inspect_err(blame)?;
        self.passed.note(&*self.clock);
        if claimed == Claimed::Fresh && self.replicas > 0 {
            live.wait(self.replicas, self.deadline / 2).await.inspect_err(blame)?;
        }
        Ok(claimed)
    }

    pub(super) async fn ask_to_release(
        &self,
        claim: Claim<'_>,
        token: ClaimToken,
    ) -> Result<Released, Fault> {
        let live = self.link.live().await?;
        let call = Call::new(&RELEASE, &[&self.keys.claim(&claim)])
            .arg(claim.until.min(LAST).get())
            .arg(&token.get().to_be_bytes()[..]);
        let released = live.invoke(&call).await;
        match released.inspect_err(|fault| self.link.blame(&live, fault))? {
            true => Ok(Released::Released),
            false => Ok(Released::Kept),
        }
    }

    fn forget_at(&self, claim: &Claim<'_>) -> UnixMillis {
        let longest = claim.signed_at.map(|at| at.saturating_add(self.longest_window));
        let until = longest.map_or(claim.until, |longest| longest.max(claim.until));
        until.saturating_add(MARGIN).min(LAST)
    }

    /// Whether Redis's clock and ours are as near as they must be.
    pub(super) async fn compare_clocks(&self, live: &Live) -> Result<(), Fault> {
        let theirs = live.clock().await?;
        let ours = self.clock.wall();
        match theirs.since(ours).max(ours.since(theirs)) <= self.clock_tolerance {
            true => Ok(()),
            false => Err(self.clocks_differ(theirs)),
        }
    }

    fn clocks_differ(&self, theirs: UnixMillis) -> Fault {
        let [theirs, ours] =
            [theirs, self.clock.wall()].map(|at| i64::try_from(at.get()).unwrap_or(i64::MAX));
        Fault::Clock(theirs.saturating_sub(ours))
    }
}
