//! The replay store's contract: one atomic claim per request.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::StoreError;
use crate::clock::UnixMillis;

/// What a request asks a [`ReplayStore`] to remember.
///
/// The key is the triple (`scope`, `app_key`, `nonce`). A store must encode it injectively: two
/// different triples are two different keys.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim<'a> {
    /// Who claims: the verifier's name. Verifiers that share a name and a store share nonces.
    pub scope: &'a str,
    /// The AppKey that signed the request.
    pub app_key: &'a str,
    /// The nonce, as the bytes that were on the wire.
    pub nonce: &'a [u8],
    /// The last instant at which the request could be accepted: its timestamp plus the window.
    pub until: UnixMillis,
    /// When the request was signed, if the signature covers that.
    pub signed_at: Option<UnixMillis>,
    /// If set, the store must have been remembering since this instant, else the answer is
    /// [`Claimed::Expired`]: a store that was restarted cannot know what was accepted before.
    pub remembered_since: Option<UnixMillis>,
}

impl<'a> Claim<'a> {
    /// A claim on a nonce that no later request may make up to and including `until`.
    #[must_use]
    pub const fn new(scope: &'a str, app_key: &'a str, nonce: &'a [u8], until: UnixMillis) -> Self {
        Self { scope, app_key, nonce, until, signed_at: None, remembered_since: None }
    }

    /// Tells when the request was signed. A store that has forgotten a key of the same scope signed
    /// then or later answers [`Claimed::Expired`], so that a longer window accepts nothing again
    /// that a shorter one has let go.
    #[must_use]
    pub const fn signed_at(mut self, at: UnixMillis) -> Self {
        self.signed_at = Some(at);
        self
    }

    /// Demands that the store's memory reaches back to `since`.
    #[must_use]
    pub const fn remembered_since(mut self, since: UnixMillis) -> Self {
        self.remembered_since = Some(since);
        self
    }
}

/// Leaves the nonce out: it is chosen by the caller and may be personal.
impl fmt::Debug for Claim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("scope", &self.scope)
            .field("app_key", &self.app_key)
            .field("nonce_len", &self.nonce.len())
            .field("until", &self.until)
            .field("signed_at", &self.signed_at)
            .field("remembered_since", &self.remembered_since)
            .finish()
    }
}

/// A [`ReplayStore`]'s answer to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a request may pass only if its claim is Fresh"]
pub enum Claimed {
    /// The key was not known; it is now, through `until`. Exactly one claim gets this answer.
    Fresh,
    /// The key was claimed before.
    Used,
    /// `until` has passed, or the store cannot vouch for what was accepted before. Nothing was
    /// written.
    Expired,
}

/// Remembers which nonces were accepted, so that a request passes once.
///
/// # Contract
///
/// [`claim`](ReplayStore::claim) is one atomic step that reads the time itself:
///
/// 1. `until` before now → [`Claimed::Expired`], and nothing is written;
/// 2. [`remembered_since`](Claim::remembered_since) is before the store's memory begins, or the
///    store may have forgotten keys with such an `until` or [`signed_at`](Claim::signed_at) →
///    [`Claimed::Expired`]. A store that is never emptied may leave the first out; one that only
///    serves policies with one window, the last;
/// 3. the key is known → [`Claimed::Used`];
/// 4. otherwise the key is written, to be kept through `until` inclusive → [`Claimed::Fresh`].
///
/// Of any number of concurrent claims on one key, one gets `Fresh`. A store that cannot keep this
/// promise for a claim (full, unreachable) answers [`StoreError`]; it never forgets a key early
/// and never answers `Fresh` in doubt.
///
/// ```
/// use countersign::clock::{Clock, SystemClock, UnixMillis};
/// use countersign::store::{Claim, Claimed, ReplayStore, StoreError};
/// use std::collections::HashMap;
/// use std::sync::Mutex;
///
/// type Key = (String, String, Vec<u8>);
///
/// /// The contract word by word; it never forgets, so it is no store to use.
/// struct Ledger {
///     begins: UnixMillis,
///     used: Mutex<HashMap<Key, UnixMillis>>,
/// }
///
/// impl ReplayStore for Ledger {
///     async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
///         let mut used = self.used.lock().map_err(|_| StoreError::unavailable("poisoned"))?;
///         let now = SystemClock.wall();
///         if claim.until < now || claim.remembered_since.is_some_and(|since| since < self.begins) {
///             return Ok(Claimed::Expired);
///         }
///         let key = (claim.scope.into(), claim.app_key.into(), claim.nonce.to_vec());
///         match used.get(&key) {
///             Some(until) if now <= *until => Ok(Claimed::Used),
///             _ => {
///                 used.insert(key, claim.until);
///                 Ok(Claimed::Fresh)
///             }
///         }
///     }
/// }
/// # let _ = Ledger { begins: SystemClock.wall(), used: Mutex::default() };
/// ```
///
/// For a store outside the process: one conditional write that carries its expiry (`SET … NX PXAT`,
/// or an insert that fails on the primary key), never a look-up and then a write. Check `until`
/// first, by a clock that agrees with the store's: Redis answers OK to a key that expires in the
/// past, and keeps nothing. It must not evict, and after it was emptied step 2 applies. `conformance`
/// (feature `test-util`) has these rules as tests.
pub trait ReplayStore: Send + Sync + 'static {
    /// Claims a nonce.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store is full or cannot be asked. The request is then refused with
    /// `X503BZ`.
    fn claim(&self, claim: Claim<'_>) -> impl Future<Output = Result<Claimed, StoreError>> + Send;
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// [`ReplayStore`] as a trait object: use `Arc<dyn DynReplayStore>` where the store is chosen at
/// run time. It is implemented for every [`ReplayStore`].
pub trait DynReplayStore: Send + Sync + 'static {
    /// [`ReplayStore::claim`], boxed.
    fn claim_dyn<'a>(&'a self, claim: Claim<'a>) -> BoxFuture<'a, Result<Claimed, StoreError>>;
}

impl<S: ReplayStore> DynReplayStore for S {
    fn claim_dyn<'a>(&'a self, claim: Claim<'a>) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        Box::pin(self.claim(claim))
    }
}

impl ReplayStore for Arc<dyn DynReplayStore> {
    async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
        (**self).claim_dyn(claim).await
    }
}

impl<S: ReplayStore> ReplayStore for Arc<S> {
    /// The store's own future: one around it would hold the claim once more.
    fn claim(&self, claim: Claim<'_>) -> impl Future<Output = Result<Claimed, StoreError>> + Send {
        (**self).claim(claim)
    }
}
