//! Whose keys a shard holds, as far as it matters: whether an app is alone.

use super::fingerprint::Fingerprint;
use super::sync::{AtomicU64, Ordering};

/// The apps that have keys somewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Occupants {
    #[default]
    Nobody,
    One(Fingerprint),
    Several,
}

impl Occupants {
    /// These and those.
    pub(super) fn and(self, others: Self) -> Self {
        match (self, others) {
            (Self::Nobody, occupants) | (occupants, Self::Nobody) => occupants,
            (Self::One(one), Self::One(other)) if one == other => self,
            _ => Self::Several,
        }
    }

    /// Whether nobody but `app` is among them.
    pub(super) fn are_only(self, app: Fingerprint) -> bool {
        self.and(Self::One(app)) == Self::One(app)
    }
}

/// A shard's occupants for those who do not have its lock.
///
/// Two fingerprints of 2⁶⁴ are taken for something else. An app that has one of them is overlooked,
/// or never alone, and nothing worse: shares divide room, they do not tell whether a key was used.
#[derive(Default)]
pub(super) struct Notice(AtomicU64);

impl Notice {
    const NOBODY: u64 = 0;
    const SEVERAL: u64 = u64::MAX;

    /// For who has the lock. They seldom change, and what is not written is not fetched from other
    /// cores.
    pub(super) fn put_up(&self, occupants: Occupants) {
        let bits = match occupants {
            Occupants::Nobody => Self::NOBODY,
            Occupants::One(app) => app.bits(),
            Occupants::Several => Self::SEVERAL,
        };
        if self.0.load(Ordering::Relaxed) != bits {
            self.0.store(bits, Ordering::Relaxed);
        }
    }

    pub(super) fn read(&self) -> Occupants {
        match self.0.load(Ordering::Relaxed) {
            Self::NOBODY => Occupants::Nobody,
            Self::SEVERAL => Occupants::Several,
            app => Occupants::One(Fingerprint::new(app)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, Notice, Occupants};

    #[test]
    fn an_app_is_alone_until_another_comes() {
        let apps @ [a, b] = [7, 8].map(Fingerprint::new);
        let [one, other] = apps.map(Occupants::One);
        assert!(Occupants::Nobody.are_only(a));
        assert!(one.and(one).and(Occupants::Nobody).are_only(a) && !one.are_only(b));
        assert!(![one.and(other), one.and(other).and(one)].iter().any(|o| o.are_only(a)));
    }

    #[test]
    fn a_notice_says_what_was_put_up_last() {
        let notice = Notice::default();
        for occupants in
            [Occupants::One(Fingerprint::new(7)), Occupants::Several, Occupants::Nobody]
        {
            notice.put_up(occupants);
            assert_eq!(notice.read(), occupants);
        }
    }
}
