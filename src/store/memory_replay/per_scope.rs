//! The latest time of signing, for each scope.

use std::io;

use super::fingerprint::Fingerprint;
use super::state::codec::{In, Out};
use crate::clock::UnixMillis;

/// A time for each scope. Scopes are verifiers, so there are few: mostly one, and of more a list is
/// looked through.
///
/// They are told apart because verifiers may have different windows: what a short one has let go
/// says nothing about requests to another.
#[derive(Clone, Debug, Default)]
pub(super) struct PerScope {
    first: Option<(Fingerprint, UnixMillis)>,
    others: Vec<(Fingerprint, UnixMillis)>,
}

impl PerScope {
    pub(super) fn get(&self, scope: Fingerprint) -> Option<UnixMillis> {
        self.iter().find(|(known, _)| *known == scope).map(|(_, at)| *at)
    }

    /// Moves the scope's time on to `at`, if that is later.
    pub(super) fn raise(&mut self, scope: Fingerprint, at: UnixMillis) {
        self.first.get_or_insert((scope, at));
        let known =
            self.first.iter_mut().chain(&mut self.others).find(|(known, _)| *known == scope);
        match known {
            // What is not written is not fetched from other cores.
            Some((_, latest)) if *latest < at => *latest = at,
            Some(_) => {}
            None => self.others.push((scope, at)),
        }
    }

    pub(super) fn save(&self, out: &mut Out<'_>) -> io::Result<()> {
        out.len(self.iter().count())?;
        self.iter().try_for_each(|(scope, at)| {
            out.u64(scope.bits())?;
            out.time(*at)
        })
    }

    pub(super) fn load(from: &mut In<'_>) -> Option<Self> {
        let len = from.len(size_of::<u64>() * 2)?;
        let mut times = (0..len).map(|_| Some((Fingerprint::new(from.u64()?), from.time()?)));
        let first = match times.next() {
            Some(first) => Some(first?),
            None => None,
        };
        Some(Self { first, others: times.collect::<Option<_>>()? })
    }

    /// Moves on to every later time of `other`.
    pub(super) fn raise_all(&mut self, other: &Self) {
        for (scope, at) in other.iter() {
            self.raise(*scope, *at);
        }
    }

    fn iter(&self) -> impl Iterator<Item = &(Fingerprint, UnixMillis)> {
        self.first.iter().chain(&self.others)
    }
}
