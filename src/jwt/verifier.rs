//! Runs the steps in order, with the keys, the replay store and the clock that they need.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "jwt-cache")]
use super::cache::KnownTokens;
use super::policy::OtherSchemes;
use super::token::{Compact, unparsable};
use super::{
    AppAuthRule, AuthenticToken, EmptyToken, JwtConfigError, JwtPolicy, Keys, Plugin, ValidToken,
    VerifiedToken,
};
use crate::clock::{Clock, SystemClock};
use crate::error::{ErrorCode, Rejection};
use crate::protocol::RequestHead;
use crate::store::ReplayStore;
use crate::verify::VerifierId;

/// Verifies tokens: a policy, keys, a replay store, and a clock.
///
/// Clones are cheap and the same verifier: a token of single use that passed an outer layer is not a
/// replay for an inner one of the same verifier.
///
/// The layers take the steps one by one; [`verify`](Self::verify) takes them all, for a service
/// without tower. The plug-in document below works on the managed gateway, too:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use countersign::error::ErrorCode;
/// use countersign::jwt::{JwtVerifier, Plugin};
/// use countersign::protocol::{BodyLength, RequestHead};
/// use countersign::store::MemoryReplayStore;
/// use http::{HeaderMap, HeaderValue, Method, Uri};
///
/// let plugin = Plugin::parse("
/// parameter: X-Token
/// parameterLocation: header
/// jwk:
///   kty: oct
///   alg: HS256
///   k: AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow
/// ")?;
/// let verifier = JwtVerifier::from_plugin(plugin, MemoryReplayStore::new())?;
///
/// let target = Uri::from_static("/");
/// let mut headers = HeaderMap::new();
/// let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
/// assert_eq!(verifier.verify(head).await.unwrap_err().code(), ErrorCode::I400JR);
///
/// // {"alg":"HS256"} . {"sub":"1"}
/// # let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.Lxx8Ljza7DLRpZyoKhnVaShQ4RHMAkgmrfW_2xD2gXI";
/// headers.insert("x-token", HeaderValue::from_static(token));
/// let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
/// let verified = verifier.verify(head).await?.expect("a token is there");
/// assert_eq!(verified.subject(), Some("1"));
/// # Ok(()) }
/// ```
pub struct JwtVerifier<R>(pub(super) Arc<Inner<R>>);

pub(super) struct Inner<R> {
    pub(super) id: VerifierId,
    pub(super) name: Arc<str>,
    policy: JwtPolicy,
    keys: Keys,
    pub(super) replay: Arc<R>,
    pub(super) clock: Arc<dyn Clock>,
    #[cfg(feature = "jwt-cache")]
    cache: Option<KnownTokens>,
}

/// Step 1: a token that a request presents.
pub struct PresentedToken<'r>(Cow<'r, [u8]>);

impl<R: ReplayStore> JwtVerifier<R> {
    /// A verifier with the system's clock and the name `default`. `replay` is asked only for tokens
    /// of single use; share it with the app verifier's.
    ///
    /// # Errors
    ///
    /// [`JwtConfigError`] if the policy accepts no algorithm that one of the keys takes, if its carrier
    /// or its leeway cannot be, or if a claim would be forwarded in the token's own place.
    pub fn new(
        policy: JwtPolicy,
        keys: impl Into<Keys>,
        replay: R,
    ) -> Result<Self, JwtConfigError> {
        let keys = keys.into();
        policy.check()?;
        let usable = |set: &super::KeySet| {
            set.iter().any(|key| key.algorithms().any(|algorithm| policy.accepts(algorithm)))
        };
        if keys.fixed().is_some_and(|set| !usable(set)) {
            let problem = "no key takes an algorithm that is accepted";
            return Err(JwtConfigError::new("", problem));
        }
        Ok(Self(Arc::new(Inner {
            id: VerifierId::next(),
            name: "default".into(),
            policy,
            keys,
            replay: Arc::new(replay),
            clock: Arc::new(SystemClock),
            #[cfg(feature = "jwt-cache")]
            cache: None,
        })))
    }

    /// The verifier that a plug-in document describes.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_plugin(plugin: Plugin, replay: R) -> Result<Self, JwtConfigError> {
        let (policy, keys) = plugin.into_parts();
        Self::new(policy, keys, replay)
    }
}

impl<R> JwtVerifier<R> {
    /// The scope in which a `jti` is used once: verifiers that share a replay store and a name share
    /// them. Default: `default`.
    #[must_use]
    pub fn with_name(self, name: impl AsRef<str>) -> Self {
        // Another name is another scope, hence another verifier.
        self.change(|inner| (inner.name, inner.id) = (name.as_ref().into(), VerifierId::next()))
    }

    /// The clock that tokens are judged by. Give the replay store the same. Default: the system's.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        self.change(|inner| inner.clock = Arc::new(clock))
    }

    /// Remembers tokens whose signature was verified, for this verifier and its clones alone.
    /// Default: every signature is verified.
    #[cfg(feature = "jwt-cache")]
    #[must_use]
    pub fn with_cache(self, cache: super::TokenCache) -> Self {
        self.change(|inner| inner.cache = Some(KnownTokens::new(cache)))
    }

    /// What is accepted.
    #[must_use]
    pub fn policy(&self) -> &JwtPolicy {
        &self.0.policy
    }

    fn change(mut self, change: impl FnOnce(&mut Inner<R>)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl<R: ReplayStore> JwtVerifier<R> {
    /// Takes every step. `None` is a request without a token, where that is accepted.
    ///
    /// # Errors
    ///
    /// Those of the steps, in their order.
    pub async fn verify(&self, head: RequestHead<'_>) -> Result<Option<VerifiedToken>, Rejection> {
        match self.present(head)? {
            None => self.accept_absence().map(|()| None),
            Some(presented) => {
                let token = self.authenticate(presented).await?;
                // Nothing is waited for between the two steps.
                let now = self.0.clock.wall();
                let valid = ValidToken::new(token, &self.0.policy, now)?;
                let (verified, _none) = self.claim_at(now, None, valid, None).await?;
                Ok(Some(verified))
            }
        }
    }

    /// Step 1. `None`: the request presents no token.
    ///
    /// # Errors
    ///
    /// `I400JD`: two different tokens, another scheme in `Authorization`, more than
    /// [`JwtPolicy::MAX_TOKEN`] bytes.
    pub fn present<'r>(
        &self,
        head: RequestHead<'r>,
    ) -> Result<Option<PresentedToken<'r>>, Rejection> {
        let schemes = match self.0.policy.app_auth_rule {
            AppAuthRule::Besides => OtherSchemes::Refused,
            AppAuthRule::Instead => OtherSchemes::AppCodeIsNoToken,
        };
        let token = self.0.policy.carrier.find(&head, schemes)?;
        match token {
            Some(token) if token.len() > JwtPolicy::MAX_TOKEN => {
                Err(unparsable(&token).with_detail("it is longer than 16 KiB"))
            }
            token => Ok(token.map(PresentedToken)),
        }
    }

    /// What becomes of a request without a token.
    ///
    /// # Errors
    ///
    /// `I400JR`, unless the policy lets such requests pass.
    pub fn accept_absence(&self) -> Result<(), Rejection> {
        match self.0.policy.empty_token {
            EmptyToken::Refuse => Err(ErrorCode::I400JR.into()),
            EmptyToken::Bypass => Ok(()),
        }
    }

    /// Steps 2 to 4.
    ///
    /// # Errors
    ///
    /// `I400JD`, `A403JK`, `A403JT`, and `X503BZ` if remote keys were never fetched.
    pub async fn authenticate(
        &self,
        presented: PresentedToken<'_>,
    ) -> Result<AuthenticToken, Rejection> {
        #[cfg(feature = "jwt-cache")]
        if let (Some(known), Some(generation)) = (&self.0.cache, self.0.keys.generation())
            && let Some(token) = known.get(&presented.0, generation)
        {
            return Ok(token);
        }
        let token = Compact::parse(&presented.0)?;
        let held = self.0.keys.holding(token.header.kid(), token.header.algorithm()).await?;
        let token = AuthenticToken::new(token, &held.keys, &self.0.policy)?;
        #[cfg(feature = "jwt-cache")]
        if let Some(known) = &self.0.cache {
            known.insert(&presented.0, &token, held.generation);
        }
        Ok(token)
    }

    /// Step 5.
    ///
    /// # Errors
    ///
    /// `A403JT`, `A403JE`, `S403JI`.
    pub fn check(&self, token: AuthenticToken) -> Result<ValidToken, Rejection> {
        ValidToken::new(token, &self.0.policy, self.0.clock.wall())
    }
}

impl<R> Clone for JwtVerifier<R> {
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
            keys: self.keys.clone(),
            replay: Arc::clone(&self.replay),
            clock: Arc::clone(&self.clock),
            // What it holds depends on the keys and the policy, which are the same.
            #[cfg(feature = "jwt-cache")]
            cache: self.cache.clone(),
        }
    }
}

impl<R> fmt::Debug for JwtVerifier<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtVerifier")
            .field("name", &self.0.name)
            .field("policy", &self.0.policy)
            .field("keys", &self.0.keys)
            .finish_non_exhaustive()
    }
}

/// Without the token.
impl fmt::Debug for PresentedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PresentedToken({} bytes)", self.0.len())
    }
}
