//! Runs the steps in order, with the stores and the clock that they need.

use std::fmt;
use std::sync::Arc;

use super::authentic::exceeds;
use super::pipeline::{Apps, Shell};
use super::{
    Authentic, Authorized, Authorizer, BodyStage, DynAuthorizer, FormBudget, Known, Lookup, Policy,
    Presented, Timely, Verified,
};
use crate::clock::Clock;
use crate::error::{ErrorCode, Rejection};
use crate::protocol::RequestHead;
use crate::store::{CredentialStore, ReplayStore};

/// Verifies requests: a policy, the stores it needs, and a clock.
///
/// Clones are cheap and the same verifier. So is a verifier with another policy
/// ([`with_policy`](Self::with_policy)): a request that passed one of them is not a replay for the
/// other, so layers on an outer and a nested router claim a nonce once.
///
/// The layers take the steps one by one; [`verify`](Self::verify) takes them all, for a service
/// without tower:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use countersign::credential::{App, AppCode, AppKey, AppSecret};
/// use countersign::error::ErrorCode;
/// use countersign::protocol::{BodyLength, RequestHead};
/// use countersign::store::{MemoryCredentials, MemoryReplayStore};
/// use countersign::verify::Verifier;
/// use http::{HeaderMap, HeaderValue, Method, Uri};
///
/// let app = App::new("demo", AppKey::new("203710001")?)
///     .with_secret(AppSecret::new("a secret")?)
///     .with_app_code(AppCode::new("a code")?);
/// let verifier = Verifier::new(MemoryCredentials::new([app])?, MemoryReplayStore::new());
///
/// let target = Uri::from_static("/hello");
/// let mut headers = HeaderMap::new();
/// let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
/// assert_eq!(verifier.verify(head, b"").await.unwrap_err().code(), ErrorCode::A400MA);
///
/// headers.insert("authorization", HeaderValue::from_static("APPCODE a code"));
/// let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
/// assert_eq!(verifier.verify(head, b"").await?.app_id(), "demo");
/// # Ok(()) }
/// ```
pub struct Verifier<C, R>(pub(super) Shell<Policy, Apps<C, dyn DynAuthorizer>, R>);

impl<C: CredentialStore, R: ReplayStore> Verifier<C, R> {
    /// A verifier with the strict policy, the system's clock and the name `default`.
    #[must_use]
    pub fn new(credentials: C, replay: R) -> Self {
        Self(Shell::new(Policy::strict(), Apps::new(credentials), replay))
    }
}

impl<C, R> Verifier<C, R> {
    /// What is accepted. Default: [`Policy::strict`]. Copies share what was accepted: from now on each
    /// keeps a nonce for the longest window of all.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self(self.0.with_policy(policy))
    }

    /// The name under which nonces are claimed: verifiers that share a replay store and a name
    /// share nonces. Services that should not see each other's nonces need different names.
    /// Default: `default`.
    #[must_use]
    pub fn with_name(self, name: impl AsRef<str>) -> Self {
        Self(self.0.with_name(name))
    }

    /// The clock that freshness is judged by. Give the replay store the same. Default: the
    /// system's.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        Self(self.0.with_clock(clock))
    }

    /// Decides about authentic requests. Default: every enabled app may make every request.
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
    pub fn policy(&self) -> &Policy {
        self.0.policy()
    }

    /// The bound on forms that are held before their signature is known.
    #[must_use]
    pub fn form_budget(&self) -> &Arc<FormBudget> {
        self.0.form_budget()
    }
}

impl<C: CredentialStore, R: ReplayStore> Verifier<C, R> {
    /// Step 1.
    ///
    /// # Errors
    ///
    /// See [`Presented`].
    pub fn present<'r>(&'r self, head: RequestHead<'r>) -> Result<Presented<'r>, Rejection> {
        Presented::new(self.policy(), head)
    }

    /// Step 2.
    ///
    /// # Errors
    ///
    /// `A400IK`, `A401AC`, and `X503BZ` if the credential store cannot answer.
    pub async fn identify<'r>(&'r self, presented: Presented<'r>) -> Result<Known<'r>, Rejection> {
        let app = match presented.lookup() {
            Lookup::Key(key) => self.0.keys().credentials.app_by_key(key).await?,
            Lookup::Code(code) => self.0.keys().credentials.app_by_code(code).await?,
        };
        Known::new(presented, app)
    }

    /// Step 3.
    ///
    /// # Errors
    ///
    /// `S403TE`.
    pub fn check_freshness<'r>(&'r self, known: Known<'r>) -> Result<Timely<'r>, Rejection> {
        Timely::new(known, self.0.now())
    }

    /// Step 4. `form` is the whole body if [`Timely::needs_form`], else empty.
    ///
    /// # Errors
    ///
    /// `I413RL`, `I400HD`, `I400IP`, `A403IS`.
    pub fn authenticate<'r>(
        &'r self,
        timely: Timely<'r>,
        form: &[u8],
    ) -> Result<Authentic<'r>, Rejection> {
        Authentic::new(timely, form)
    }

    /// Step 5.
    ///
    /// # Errors
    ///
    /// `A403EP`, `A403PR`, and what the authorizer answers.
    pub async fn authorize<'r>(
        &'r self,
        authentic: Authentic<'r>,
    ) -> Result<Authorized<'r>, Rejection> {
        let mut authorized = Authorized::new(authentic)?;
        if let Some(authorizer) = &self.0.keys().authorizer {
            authorizer.authorize_dyn(authorized.app(), authorized.head()).await?;
            authorized.authentic.has_waited = true;
        }
        Ok(authorized)
    }

    /// All steps, for a request whose whole body is at hand.
    ///
    /// # Errors
    ///
    /// The codes of all steps, in their order.
    pub async fn verify(&self, head: RequestHead<'_>, body: &[u8]) -> Result<Verified, Rejection> {
        let presented = self.present(head.with_whole_body(body))?;
        let timely = self.check_freshness(self.identify(presented).await?)?;
        let too_large = exceeds(body, timely.body_limit());
        let form = if timely.needs_form() { body } else { b"" };
        let authentic = self.authenticate(timely, form)?;
        let intact = match self.authorize(authentic).await?.body() {
            BodyStage::Uncovered(_) if too_large => return Err(ErrorCode::I413RL.into()),
            BodyStage::Uncovered(intact) => intact,
            BodyStage::Digest(mut check) => {
                check.update(body)?;
                check.finish()?
            }
        };
        let (verified, _none) = self.claim_in(None, intact, None).await?;
        Ok(verified)
    }
}

/// From now on there are two, which may get policies of their own.
impl<C, R> Clone for Verifier<C, R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C, R> fmt::Debug for Verifier<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("name", &self.0.name())
            .field("policy", self.policy())
            .finish_non_exhaustive()
    }
}
