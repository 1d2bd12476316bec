//! Runs the steps in order, with the pairs, the replay store and the clock that they need.

use std::fmt;
use std::sync::Arc;

use super::{
    Authentic, BackendPairs, BackendPolicy, BodyStage, Intact, Known, Presented, SignatureStage,
    Timely, VerifiedGateway,
};
use crate::clock::Clock;
use crate::error::{ErrorCode, Rejection};
use crate::protocol::RequestHead;
use crate::store::ReplayStore;
use crate::verify::FormBudget;
use crate::verify::authentic::exceeds;
use crate::verify::pipeline::Shell;

/// Verifies back-end signatures: pairs, a policy, a replay store, and a clock. The [module's
/// documentation](super) has an example.
///
/// Clones are cheap and the same verifier, and so is one with another policy: a request that passed
/// one of them is not a replay for the other.
pub struct BackendVerifier<R>(pub(super) Shell<BackendPolicy, BackendPairs, R>);

impl<R: ReplayStore> BackendVerifier<R> {
    /// A verifier with the strict policy, the system's clock and the name `default`. `replay` is asked
    /// only for requests whose timestamp and nonce are covered.
    #[must_use]
    pub fn new(pairs: BackendPairs, replay: R) -> Self {
        Self(Shell::new(BackendPolicy::strict(), pairs, replay))
    }
}

impl<R> BackendVerifier<R> {
    /// What is accepted. Default: [`BackendPolicy::strict`]. Copies share what was accepted: from now
    /// on each keeps a nonce for the longest window of all.
    #[must_use]
    pub fn with_policy(self, policy: BackendPolicy) -> Self {
        Self(self.0.with_policy(policy))
    }

    /// The name under which nonces are claimed: verifiers that share a replay store and a name share
    /// nonces. Default: `default`.
    #[must_use]
    pub fn with_name(self, name: impl AsRef<str>) -> Self {
        Self(self.0.with_name(name))
    }

    /// The clock that freshness is judged by. Give the replay store the same. Default: the system's.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        Self(self.0.with_clock(clock))
    }

    /// The bound on bodies that are held before their signature is known. Default: the process's,
    /// which other verifiers' forms count against, too.
    #[must_use]
    pub fn with_form_budget(self, budget: Arc<FormBudget>) -> Self {
        Self(self.0.with_form_budget(budget))
    }

    /// What is accepted.
    #[must_use]
    pub fn policy(&self) -> &BackendPolicy {
        self.0.policy()
    }

    /// The bound on bodies that are held before their signature is known.
    #[must_use]
    pub fn form_budget(&self) -> &Arc<FormBudget> {
        self.0.form_budget()
    }

    /// Steps 1 to 3.
    ///
    /// # Errors
    ///
    /// The codes of steps 1 to 3.
    pub fn present<'r>(&'r self, head: RequestHead<'r>) -> Result<Timely<'r>, Rejection> {
        let presented = Presented::new(self.policy(), head)?;
        let pair = self.0.keys().get(presented.key());
        Timely::new(Known::new(presented, pair)?, self.0.now())
    }
}

impl<R: ReplayStore> BackendVerifier<R> {
    /// All steps, for a request whose whole body is at hand.
    ///
    /// # Errors
    ///
    /// The codes of all steps, in their order.
    pub async fn verify(
        &self,
        head: RequestHead<'_>,
        body: &[u8],
    ) -> Result<VerifiedGateway, Rejection> {
        let authentic = match self.present(head.with_whole_body(body))?.authenticate()? {
            SignatureStage::Authentic(authentic) => authentic,
            SignatureStage::Unread(unread) => unread.authenticate(body)?,
        };
        let intact = self.check_body(authentic, body)?;
        self.claim(intact, None).await
    }

    fn check_body<'r>(
        &self,
        authentic: Authentic<'r>,
        body: &[u8],
    ) -> Result<Intact<'r>, Rejection> {
        match authentic.body()? {
            BodyStage::Settled(_) if exceeds(body, self.policy().limits.max_body) => {
                Err(ErrorCode::I413RL.into())
            }
            BodyStage::Settled(intact) => Ok(intact),
            BodyStage::Check(mut check) => {
                check.update(body)?;
                check.finish()
            }
        }
    }
}

/// From now on there are two, which may get policies of their own.
impl<R> Clone for BackendVerifier<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R> fmt::Debug for BackendVerifier<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendVerifier")
            .field("name", &self.0.name())
            .field("policy", self.policy())
            .field("pairs", self.0.keys())
            .finish_non_exhaustive()
    }
}
