//! Runs the steps in order, with the pairs, the replay store and the clock that they need.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Authentic, BackendPairs, BackendPolicy, BodyStage, Intact, Known, Presented, SignatureStage,
    Timely, VerifiedGateway,
};
use crate::clock::{Clock, SystemClock};
use crate::error::{ErrorCode, Rejection};
use crate::protocol::RequestHead;
use crate::store::ReplayStore;
use crate::verify::authentic::exceeds;
use crate::verify::{FormBudget, LongestWindow, VerifierId};

/// Verifies back-end signatures: pairs, a policy, a replay store, and a clock. The [module's
/// documentation](super) has an example.
///
/// Clones are cheap and the same verifier, and so is one with another policy: a request that passed
/// one of them is not a replay for the other.
pub struct BackendVerifier<R>(pub(super) Arc<Inner<R>>);

pub(super) struct Inner<R> {
    pub(super) id: VerifierId,
    pub(super) name: Arc<str>,
    policy: BackendPolicy,
    pairs: BackendPairs,
    pub(super) replay: Arc<R>,
    pub(super) clock: Arc<dyn Clock>,
    form_budget: Arc<FormBudget>,
    longest_window: LongestWindow,
}

impl<R: ReplayStore> BackendVerifier<R> {
    /// A verifier with the strict policy, the system's clock and the name `default`. `replay` is asked
    /// only for requests whose timestamp and nonce are covered.
    #[must_use]
    pub fn new(pairs: BackendPairs, replay: R) -> Self {
        Self(Arc::new(Inner {
            id: VerifierId::next(),
            name: "default".into(),
            policy: BackendPolicy::strict(),
            pairs,
            replay: Arc::new(replay),
            clock: Arc::new(SystemClock),
            form_budget: FormBudget::of_process(),
            longest_window: LongestWindow::default(),
        }))
    }
}

impl<R> BackendVerifier<R> {
    /// What is accepted. Default: [`BackendPolicy::strict`].
    #[must_use]
    pub fn with_policy(self, policy: BackendPolicy) -> Self {
        self.change(|inner| inner.policy = policy)
    }

    /// The name under which nonces are claimed: verifiers that share a replay store and a name share
    /// nonces. Default: `default`.
    #[must_use]
    pub fn with_name(self, name: impl AsRef<str>) -> Self {
        // Another name is another scope of nonces, hence another verifier.
        self.change(|inner| (inner.name, inner.id) = (name.as_ref().into(), VerifierId::next()))
    }

    /// The clock that freshness is judged by. Give the replay store the same. Default: the system's.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        self.change(|inner| inner.clock = Arc::new(clock))
    }

    /// The bound on bodies that are held before their signature is known. Default: the process's,
    /// which other verifiers' forms count against, too.
    #[must_use]
    pub fn with_form_budget(self, budget: Arc<FormBudget>) -> Self {
        self.change(|inner| inner.form_budget = budget)
    }

    /// What is accepted.
    #[must_use]
    pub fn policy(&self) -> &BackendPolicy {
        &self.0.policy
    }

    /// The bound on bodies that are held before their signature is known.
    #[must_use]
    pub fn form_budget(&self) -> &Arc<FormBudget> {
        &self.0.form_budget
    }

    /// Steps 1 to 3.
    ///
    /// # Errors
    ///
    /// The codes of steps 1 to 3.
    pub fn present<'r>(&'r self, head: RequestHead<'r>) -> Result<Timely<'r>, Rejection> {
        let presented = Presented::new(&self.0.policy, head)?;
        let pair = self.0.pairs.get(presented.key());
        Timely::new(Known::new(presented, pair)?, self.0.clock.wall())
    }

    /// For how long a nonce is kept.
    pub(super) fn longest_window(&self) -> Duration {
        self.0.longest_window.and(self.0.policy.window.max_age)
    }

    fn change(mut self, change: impl FnOnce(&mut Inner<R>)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
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
        let authentic = match self.present(head)?.authenticate()? {
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
            BodyStage::Settled(_) if exceeds(body, self.0.policy.limits.max_body) => {
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

impl<R> Clone for BackendVerifier<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R> Clone for Inner<R> {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            name: Arc::clone(&self.name),
            policy: self.policy.clone(),
            pairs: self.pairs.clone(),
            replay: Arc::clone(&self.replay),
            clock: Arc::clone(&self.clock),
            form_budget: Arc::clone(&self.form_budget),
            longest_window: self.longest_window.clone(),
        }
    }
}

impl<R> fmt::Debug for BackendVerifier<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendVerifier")
            .field("name", &self.0.name)
            .field("policy", &self.0.policy)
            .field("pairs", &self.0.pairs)
            .finish_non_exhaustive()
    }
}
