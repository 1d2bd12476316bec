//! What every verifier is besides its steps.

use std::sync::Arc;
use std::time::Duration;

use super::{ClaimRecord, Claimable, LongestWindow, Outstanding, ReplayStage, VerifierId};
use crate::clock::{Clock, SystemClock, UnixMillis};
use crate::error::Rejection;
use crate::store::{
    Claimed, DynTwoPhaseReplayStore, HeldClaim, ReplayStore, TwoPhaseReplayStore, make_claim,
};
use crate::verify::FormBudget;

/// A policy that says how old a request may be.
pub(in crate::verify) trait Windowed {
    fn max_age(&self) -> Duration;
}

/// A verifier around its steps: a policy, the keys that it knows, a replay store and a clock.
///
/// Clones are cheap and the same verifier, and so is one with another policy.
pub(in crate::verify) struct Shell<P: Windowed, K, R>(Arc<Inner<P, K, R>>);

struct Inner<P, K, R> {
    id: VerifierId,
    name: Arc<str>,
    policy: P,
    keys: K,
    replay: Arc<R>,
    clock: Arc<dyn Clock>,
    form_budget: Arc<FormBudget>,
    longest_window: LongestWindow,
}

impl<P: Windowed, K, R> Shell<P, K, R> {
    /// With the system's clock, the process's budget and the name `default`.
    pub(in crate::verify) fn new(policy: P, keys: K, replay: R) -> Self {
        Self(Arc::new(Inner {
            id: VerifierId::next(),
            name: "default".into(),
            policy,
            keys,
            replay: Arc::new(replay),
            clock: Arc::new(SystemClock),
            form_budget: FormBudget::of_process(),
            longest_window: LongestWindow::default(),
        }))
    }

    pub(in crate::verify) fn name(&self) -> &str {
        &self.0.name
    }

    pub(in crate::verify) fn policy(&self) -> &P {
        &self.0.policy
    }

    pub(in crate::verify) fn keys(&self) -> &K {
        &self.0.keys
    }

    pub(in crate::verify) fn form_budget(&self) -> &Arc<FormBudget> {
        &self.0.form_budget
    }

    pub(in crate::verify) fn now(&self) -> UnixMillis {
        self.0.clock.wall()
    }

    /// For how long a nonce is kept.
    fn longest_window(&self) -> Duration {
        self.0.longest_window.at_least(self.0.policy.max_age())
    }
}

impl<P: Windowed + Clone, K: Clone, R> Shell<P, K, R> {
    /// Copies share what was accepted: from now on each keeps a nonce for the longest window of all.
    pub(in crate::verify) fn with_policy(self, policy: P) -> Self {
        self.0.longest_window.at_least(policy.max_age());
        self.change(|inner| inner.policy = policy)
    }

    pub(in crate::verify) fn with_name(self, name: impl AsRef<str>) -> Self {
        // Another name is another scope of nonces, hence another verifier.
        self.change(|inner| (inner.name, inner.id) = (name.as_ref().into(), VerifierId::next()))
    }

    pub(in crate::verify) fn with_clock(self, clock: impl Clock) -> Self {
        self.change(|inner| inner.clock = Arc::new(clock))
    }

    pub(in crate::verify) fn with_form_budget(self, budget: Arc<FormBudget>) -> Self {
        self.change(|inner| inner.form_budget = budget)
    }

    pub(in crate::verify) fn with_keys(self, change: impl FnOnce(&mut K)) -> Self {
        self.change(|inner| change(&mut inner.keys))
    }

    fn change(mut self, change: impl FnOnce(&mut Inner<P, K, R>)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

/// The request with what it has claimed, and the claim if it may be taken back.
type Outcome<I> =
    Result<(<I as Claimable>::Verified, Option<HeldClaim>), Rejection<<I as Claimable>::Codes>>;

impl<P: Windowed, K, R: ReplayStore> Shell<P, K, R> {
    /// The last step with its store, in `two_phase` if there is one: this verifier's own store under
    /// another name. What an outer layer of the same verifier has claimed, and not taken back, is not
    /// claimed again: `earlier` is what it has put on the request.
    #[allow(clippy::manual_async_fn, reason = "an async function holds what it is given twice")]
    pub(in crate::verify) fn claim<I: Claimable>(
        &self,
        two_phase: Option<&Arc<dyn DynTwoPhaseReplayStore>>,
        intact: I,
        earlier: Option<&I::Verified>,
    ) -> impl Future<Output = Outcome<I>> {
        async move {
            let inner = &self.0;
            let now = intact.judged_at().unwrap_or_else(|| self.now());
            let pending = match ReplayStage::of(intact, now, self.longest_window(), Some(inner.id))?
            {
                ReplayStage::Unclaimable(verified) => return Ok((verified, None)),
                ReplayStage::Claim(pending) => pending,
            };
            let earlier = pending.record_of(earlier);
            let outstanding = Outstanding::of(pending.made(), inner.id, earlier);
            let two_phase = two_phase.filter(|_| outstanding == Outstanding::Claim);
            let (answer, held) = match outstanding {
                Outstanding::Nothing => (Claimed::Fresh, None),
                Outstanding::Memory | Outstanding::Claim => {
                    make_claim(&*inner.replay, two_phase, &pending.claim(&inner.name)).await?
                }
            };
            let standing = match outstanding {
                Outstanding::Claim => held.as_ref().map(HeldClaim::standing),
                Outstanding::Nothing | Outstanding::Memory => {
                    earlier.and_then(ClaimRecord::standing)
                }
            };
            Ok((pending.settle_standing(outstanding.read(answer), standing)?, held))
        }
    }
}

impl<P: Windowed, K, R: TwoPhaseReplayStore> Shell<P, K, R> {
    /// This verifier's own store, for claims that may be taken back.
    pub(in crate::verify) fn two_phase_store(&self) -> Arc<dyn DynTwoPhaseReplayStore> {
        Arc::<R>::clone(&self.0.replay)
    }
}

/// From now on there are two, which may get policies of their own.
impl<P: Windowed, K, R> Clone for Shell<P, K, R> {
    fn clone(&self) -> Self {
        self.longest_window();
        Self(Arc::clone(&self.0))
    }
}

impl<P: Clone, K: Clone, R> Clone for Inner<P, K, R> {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            name: Arc::clone(&self.name),
            policy: self.policy.clone(),
            keys: self.keys.clone(),
            replay: Arc::clone(&self.replay),
            clock: Arc::clone(&self.clock),
            form_budget: Arc::clone(&self.form_budget),
            longest_window: self.longest_window.clone(),
        }
    }
}
