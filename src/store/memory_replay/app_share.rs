//! How much of the store one app may hold while others are active.

use std::fmt;

/// The part of a store that one app may hold while other apps are active, in percent.
///
/// ```
/// use countersign::store::AppShare;
///
/// assert_eq!(AppShare::percent(50), Some(AppShare::HALF));
/// assert_eq!(AppShare::percent(0), None);
/// assert_eq!(AppShare::percent(101), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppShare(u8);

impl AppShare {
    /// Half of the store, the default.
    pub const HALF: Self = Self(50);
    /// The whole store: one app may keep all others out.
    pub const ALL: Self = Self(100);

    /// A share of 1 to 100 percent.
    #[must_use]
    pub const fn percent(percent: u8) -> Option<Self> {
        match percent {
            1..=100 => Some(Self(percent)),
            _ => None,
        }
    }

    /// This share of `capacity`, but at least one key: an app that could hold none could do nothing.
    pub(super) fn of(self, capacity: usize) -> usize {
        let percent = usize::from(self.0);
        // In two parts, so that no capacity overflows.
        let share = capacity / 100 * percent + capacity % 100 * percent / 100;
        share.max(1)
    }
}

impl Default for AppShare {
    fn default() -> Self {
        Self::HALF
    }
}

impl fmt::Debug for AppShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::AppShare;

    #[test]
    fn a_share_is_rounded_down_but_never_to_nothing() {
        assert_eq!(AppShare::HALF.of(8_000_000), 4_000_000);
        assert_eq!(AppShare::HALF.of(199), 99);
        assert_eq!(AppShare::HALF.of(1), 1);
        assert_eq!(AppShare::ALL.of(usize::MAX), usize::MAX);
    }
}
