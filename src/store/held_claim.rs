//! A claim with its token, for whoever made it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{
    Claim, ClaimToken, Claimed, DynTwoPhaseReplayStore, Released, ReplayStore, Reserved, StoreError,
};
use crate::clock::UnixMillis;

/// A claim that was made and can be taken back, once, by whoever holds this. Dropped, it stays.
///
/// Made by `reserve` of a [`Verifier`](crate::verify::Verifier::reserve). What was verified with it
/// is no proof any more once it is taken back: a request that still carries it is claimed anew.
///
/// Boxed, because every claim answers with room for one, and few hold one.
pub struct HeldClaim(Box<Held>);

struct Held {
    store: Arc<dyn DynTwoPhaseReplayStore>,
    scope: Box<str>,
    app_key: Box<str>,
    nonce: Box<[u8]>,
    until: UnixMillis,
    signed_at: Option<UnixMillis>,
    remembered_since: Option<UnixMillis>,
    token: ClaimToken,
    standing: Standing,
}

impl HeldClaim {
    fn new(store: Arc<dyn DynTwoPhaseReplayStore>, claim: Claim<'_>, token: ClaimToken) -> Self {
        Self(Box::new(Held {
            store,
            scope: claim.scope.into(),
            app_key: claim.app_key.into(),
            nonce: claim.nonce.into(),
            until: claim.until,
            signed_at: claim.signed_at,
            remembered_since: claim.remembered_since,
            token,
            standing: Standing::default(),
        }))
    }

    /// Takes the claim back: one more claim like it will be fresh.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be asked. The claim then stays.
    pub async fn release(self) -> Result<Released, StoreError> {
        self.0.standing.end();
        self.0.store.release_dyn(self.0.claim(), self.0.token).await
    }

    /// [`release`](Self::release) without waiting. `None`: the store has to be waited for.
    pub fn try_release_now(&self) -> Option<Released> {
        self.0.standing.end();
        self.0.store.try_release_now_dyn(self.0.claim(), self.0.token)
    }

    pub(crate) fn standing(&self) -> Standing {
        self.0.standing.clone()
    }
}

impl Held {
    fn claim(&self) -> Claim<'_> {
        Claim {
            scope: &self.scope,
            app_key: &self.app_key,
            nonce: &self.nonce,
            until: self.until,
            signed_at: self.signed_at,
            remembered_since: self.remembered_since,
        }
    }
}

/// Without the nonce and the token.
impl fmt::Debug for HeldClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldClaim").field(&self.0.claim()).finish()
    }
}

/// Whether a claim stands. It does not from when somebody begins to take it back.
#[derive(Clone, Default)]
pub(crate) struct Standing(Arc<AtomicBool>);

impl Standing {
    pub(crate) fn holds(&self) -> bool {
        !self.0.load(Ordering::Acquire)
    }

    fn end(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Makes a claim: for good, or so that it can be taken back if there is a store for that.
pub(crate) async fn make_claim(
    replay: &impl ReplayStore,
    two_phase: Option<&Arc<dyn DynTwoPhaseReplayStore>>,
    claim: &Claim<'_>,
) -> Result<(Claimed, Option<HeldClaim>), StoreError> {
    let Some(store) = two_phase else {
        return Ok((replay.claim(*claim).await?, None));
    };
    let reserved = store.reserve_dyn(*claim).await?;
    let held = match reserved {
        Reserved::Fresh(token) => Some(HeldClaim::new(Arc::clone(store), *claim, token)),
        Reserved::Used | Reserved::Expired => None,
    };
    Ok((reserved.claimed(), held))
}
