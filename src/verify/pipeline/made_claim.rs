use std::fmt;

use crate::clock::UnixMillis;
use crate::few::Few;
use crate::store::Claim;
use crate::verify::RestartRule;

/// What a verified request has claimed.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::verify) struct MadeClaim {
    /// The nonce, mostly a UUID, or what stands in for it.
    nonce: Few<u8, 40>,
    /// Who claims it, if that is not the AppKey as it stands.
    owner: Option<Box<str>>,
    until: UnixMillis,
    signed_at: Option<UnixMillis>,
    /// Since when the store had to remember.
    since: Option<UnixMillis>,
}

impl MadeClaim {
    pub(super) fn new(
        nonce: Few<u8, 40>,
        owner: Option<Box<str>>,
        until: UnixMillis,
        signed_at: Option<UnixMillis>,
        restart_rule: RestartRule,
    ) -> Self {
        let since = signed_at.filter(|_| restart_rule == RestartRule::Refuse);
        Self { nonce, owner, until, signed_at, since }
    }

    /// What to ask the replay store.
    pub(super) fn claim<'a>(&'a self, scope: &'a str, key: &'a str) -> Claim<'a> {
        let owner = self.owner.as_deref().unwrap_or(key);
        let claim = Claim::new(scope, owner, &self.nonce, self.until);
        Claim { signed_at: self.signed_at, remembered_since: self.since, ..claim }
    }

    /// Whether a claim for the same key is this one.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.nonce == other.nonce
    }

    /// Whether the store had to remember for this claim what it would for the other.
    pub(super) const fn asked_as_much_as(&self, other: &Self) -> bool {
        self.since.is_some() || other.since.is_none()
    }
}

/// Without the nonce: it is chosen by the caller and may be personal.
impl fmt::Debug for MadeClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MadeClaim({} bytes until {})", self.nonce.len(), self.until)
    }
}
