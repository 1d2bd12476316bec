//! What a claim and a release say to Redis, and what the answers mean.

use std::time::Duration;

use super::RedisReplayStore;
use super::builder::MARGIN;
use super::fault::Fault;
use super::scripts;
use crate::clock::UnixMillis;
use crate::store::{Claim, ClaimToken, Claimed, Released};

/// The last instant that a script can tell from its neighbours: its numbers are floating-point. It
/// is in the year 287396.
const LAST: UnixMillis = UnixMillis::new((1 << 53) - 1);

impl RedisReplayStore {
    pub(super) async fn ask_to_claim(
        &self,
        claim: Claim<'_>,
        token: ClaimToken,
    ) -> Result<Claimed, Fault> {
        if claim.until < self.clock.wall() {
            return Ok(Claimed::Expired);
        }
        let live = self.link.live().await?;
        let since = claim.remembered_since.map(|since| since.min(LAST).to_string());
        let mut script = scripts::CLAIM.key(self.keys.claim(&claim));
        script
            .key(self.keys.memory())
            .arg(claim.until.min(LAST).get())
            .arg(self.forget_at(&claim).get())
            // Read last: how long it took to connect is no difference between clocks.
            .arg(self.clock.wall().min(LAST).get())
            .arg(millis(self.clock_tolerance))
            .arg(millis(MARGIN))
            .arg(&token.get().to_be_bytes()[..])
            .arg(live.memory().as_str())
            .arg(since.unwrap_or_default());
        let answer = live.invoke::<(u8, u64)>(&script).await;
        let claimed = match answer.inspect_err(|fault| self.link.blame(&live, fault))? {
            (0, _) => Claimed::Used,
            (1, _) => Claimed::Fresh,
            (2, _) => Claimed::Expired,
            (_, theirs) => return Err(self.clocks_differ(theirs)),
        };
        if claimed == Claimed::Fresh && self.replicas > 0 {
            let waited = live.wait(self.replicas, self.deadline / 2).await;
            waited.inspect_err(|fault| self.link.blame(&live, fault))?;
        }
        Ok(claimed)
    }

    pub(super) async fn ask_to_release(
        &self,
        claim: Claim<'_>,
        token: ClaimToken,
    ) -> Result<Released, Fault> {
        let live = self.link.live().await?;
        let mut script = scripts::RELEASE.key(self.keys.claim(&claim));
        script.arg(claim.until.min(LAST).get()).arg(&token.get().to_be_bytes()[..]);
        let released = live.invoke(&script).await;
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

    fn clocks_differ(&self, theirs: u64) -> Fault {
        let ours = i64::try_from(self.clock.wall().get()).unwrap_or(i64::MAX);
        Fault::Clock(i64::try_from(theirs).unwrap_or(i64::MAX).saturating_sub(ours))
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
