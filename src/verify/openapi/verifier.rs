//! Runs the steps in order, with the stores and the clock that they need.

use std::fmt;
use std::sync::Arc;

use super::{
    Authentic, Authorized, BodyStage, HeadStage, Intact, Known, OpenApiPolicy, Presented, Timely,
    VerifiedOpenApi,
};
use crate::clock::Clock;
use crate::error::{Catalogue, OpenApiError, OpenApiRejection};
use crate::protocol::RequestHead;
use crate::store::{
    CredentialStore, DynTwoPhaseReplayStore, HeldClaim, ReplayStore, TwoPhaseReplayStore,
};
use crate::verify::authentic::exceeds;
use crate::verify::pipeline::{Apps, Shell};
use crate::verify::{Authorizer, DynAuthorizer, FormBudget};

/// Verifies requests of OpenAPI clients: a policy, the stores it needs, and a clock. The [module's
/// documentation](super) has an example.
///
/// Clones are cheap and the same verifier, and so is one with another policy: a request that passed
/// one of them is not a replay for the other. The stores may be those of a
/// [`Verifier`](crate::verify::Verifier): nonces of AccessKeys never meet nonces of AppKeys.
pub struct OpenApiVerifier<C, R>(Shell<OpenApiPolicy, Apps<C, dyn DynAuthorizer>, R>);

impl<C: CredentialStore, R: ReplayStore> OpenApiVerifier<C, R> {
    /// A verifier with the strict policy, the system's clock and the name `default`.
    #[must_use]
    pub fn new(credentials: C, replay: R) -> Self {
        Self(Shell::new(OpenApiPolicy::strict(), Apps::new(credentials), replay))
    }
}

impl<C, R> OpenApiVerifier<C, R> {
    /// What is accepted. Default: [`OpenApiPolicy::strict`]. Copies share what was accepted: from now
    /// on each keeps a nonce for the longest window of all.
    #[must_use]
    pub fn with_policy(self, policy: OpenApiPolicy) -> Self {
        Self(self.0.with_policy(policy))
    }

    /// The name under which nonces are claimed: verifiers that share a replay store and a name share
    /// nonces. RPC and ROA do not sign the host, so services with the same AccessKeys need the same
    /// name and store, or a request to one passes at the other. Default: `default`.
    #[must_use]
    pub fn with_name(self, name: impl AsRef<str>) -> Self {
        Self(self.0.with_name(name))
    }

    /// The clock that freshness is judged by. Give the replay store the same. Default: the system's.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        Self(self.0.with_clock(clock))
    }

    /// Decides about authentic requests; the head has the signed
    /// [operation](RequestHead::operation). A gateway's code becomes OpenAPI's for the same. Default:
    /// every enabled app may make every request.
    #[must_use]
    pub fn with_authorizer(self, authorizer: impl Authorizer) -> Self {
        Self(self.0.with_keys(|apps| apps.authorizer = Some(Arc::new(authorizer))))
    }

    /// The bound on forms that are held before their signature is known. Default: the process's.
    #[must_use]
    pub fn with_form_budget(self, budget: Arc<FormBudget>) -> Self {
        Self(self.0.with_form_budget(budget))
    }

    /// What is accepted.
    #[must_use]
    pub fn policy(&self) -> &OpenApiPolicy {
        self.0.policy()
    }

    /// The bound on forms that are held before their signature is known.
    #[must_use]
    pub fn form_budget(&self) -> &Arc<FormBudget> {
        self.0.form_budget()
    }
}

impl<C: CredentialStore, R: ReplayStore> OpenApiVerifier<C, R> {
    /// Step 1, as far as the head decides.
    ///
    /// # Errors
    ///
    /// See [`Presented`].
    pub fn present<'r>(&'r self, head: RequestHead<'r>) -> Result<HeadStage<'r>, OpenApiRejection> {
        Presented::of_head(self.policy(), head)
    }

    /// Steps 2 to 5.
    ///
    /// # Errors
    ///
    /// Their codes, in their order, what the authorizer answers, and `ServiceUnavailable` if the
    /// credential store cannot answer.
    pub async fn authenticate<'r>(
        &'r self,
        presented: Presented<'r>,
    ) -> Result<Authorized<'r>, OpenApiRejection> {
        let apps = self.0.keys();
        let found = apps.credentials.app_by_access_key(presented.access_key_id()).await?;
        let known = Known::new(presented, found)?;
        let authentic = Authentic::new(Timely::new(known, self.0.now())?)?;
        let authorized = Authorized::new(authentic)?;
        if let Some(authorizer) = &apps.authorizer {
            let operation = authorized.operation();
            let head = authorized.head().asking_for(operation.as_ref());
            authorizer.authorize_dyn(authorized.app(), &head).await?;
        }
        Ok(authorized)
    }

    /// Step 7. `earlier` is the identity that an outer layer has put on the same request: what this
    /// verifier has claimed for it is not claimed again.
    ///
    /// # Errors
    ///
    /// `InvalidTimeStamp.Expired`, `SignatureNonceUsed`, and `ServiceUnavailable` if the replay store
    /// cannot answer.
    pub async fn claim(
        &self,
        intact: Intact<'_>,
        earlier: Option<&VerifiedOpenApi>,
    ) -> Result<VerifiedOpenApi, OpenApiRejection> {
        let (verified, _none) = self.claim_in(None, intact, earlier).await?;
        Ok(verified)
    }

    /// Step 7, in `two_phase` if there is one: this verifier's own store under another name.
    pub(crate) fn claim_in(
        &self,
        two_phase: Option<&Arc<dyn DynTwoPhaseReplayStore>>,
        intact: Intact<'_>,
        earlier: Option<&VerifiedOpenApi>,
    ) -> impl Future<Output = Result<(VerifiedOpenApi, Option<HeldClaim>), OpenApiRejection>> + Send
    {
        self.0.claim(two_phase, intact, earlier)
    }

    /// All steps, for a request whose whole body is at hand.
    ///
    /// # Errors
    ///
    /// The codes of all steps, in their order.
    pub async fn verify(
        &self,
        head: RequestHead<'_>,
        body: &[u8],
    ) -> Result<VerifiedOpenApi, OpenApiRejection> {
        let presented = match self.present(head.with_whole_body(body))? {
            HeadStage::Presented(presented) => presented,
            HeadStage::Unread(unread) => unread.with_form(body)?,
        };
        let intact = match self.authenticate(presented).await?.body()? {
            BodyStage::Settled(_) if exceeds(body, self.policy().limits().max_body) => {
                return Err(OpenApiError::body_too_long());
            }
            BodyStage::Settled(intact) => intact,
            BodyStage::Check(mut check) => {
                check.update(body)?;
                check.finish()?
            }
        };
        self.claim(intact, None).await
    }
}

impl<C: CredentialStore, R: TwoPhaseReplayStore> OpenApiVerifier<C, R> {
    /// [`claim`](Self::claim), but so that it can be taken back when the request could not be
    /// handled. There is nothing to take back of a request whose claim an outer layer has made.
    ///
    /// # Errors
    ///
    /// As [`claim`](Self::claim).
    pub async fn reserve(
        &self,
        intact: Intact<'_>,
        earlier: Option<&VerifiedOpenApi>,
    ) -> Result<(VerifiedOpenApi, Option<HeldClaim>), OpenApiRejection> {
        self.claim_in(Some(&self.two_phase_store()), intact, earlier).await
    }

    pub(crate) fn two_phase_store(&self) -> Arc<dyn DynTwoPhaseReplayStore> {
        self.0.two_phase_store()
    }
}

/// From now on there are two, which may get policies of their own.
impl<C, R> Clone for OpenApiVerifier<C, R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C, R> fmt::Debug for OpenApiVerifier<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenApiVerifier")
            .field("name", &self.0.name())
            .field("policy", self.policy())
            .finish_non_exhaustive()
    }
}
