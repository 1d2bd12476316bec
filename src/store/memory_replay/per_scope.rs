//! The latest time of signing, for each scope.

use std::io;

use super::fingerprint::Fingerprint;
use super::state::codec::{In, Out};
use crate::clock::UnixMillis;

/// A time for each scope. Scopes are verifiers, so there are few: a list is looked through.
///
/// They are told apart because verifiers may have different windows: what a short one has let go
/// says nothing about requests to another.
#[derive(Clone, Debug, Default)]
pub(super) struct PerScope(Vec<(Fingerprint, UnixMillis)>);

impl PerScope {
    pub(super) fn get(&self, scope: Fingerprint) -> Option<UnixMillis> {
        self.0.iter().find(|(known, _)| *known == scope).map(|(_, at)| *at)
    }

    /// Moves the scope's time on to `at`, if that is later.
    pub(super) fn raise(&mut self, scope: Fingerprint, at: UnixMillis) {
        match self.0.iter_mut().find(|(known, _)| *known == scope) {
            Some((_, latest)) => *latest = at.max(*latest),
            None => self.0.push((scope, at)),
        }
    }

    pub(super) fn save(&self, out: &mut Out<'_>) -> io::Result<()> {
        out.len(self.0.len())?;
        self.0.iter().try_for_each(|(scope, at)| {
            out.u64(scope.bits())?;
            out.time(*at)
        })
    }

    pub(super) fn load(from: &mut In<'_>) -> Option<Self> {
        let len = from.len(size_of::<u64>() * 2)?;
        let times = (0..len).map(|_| Some((Fingerprint::new(from.u64()?), from.time()?)));
        times.collect::<Option<_>>().map(Self)
    }

    /// Moves on to every later time of `other`.
    pub(super) fn raise_all(&mut self, other: &Self) {
        for (scope, at) in &other.0 {
            self.raise(*scope, *at);
        }
    }
}
