//! Learning a server's clock from its answer.

use std::time::Duration;

use http::header::HeaderMap;

use super::ClockOffset;
use crate::clock::UnixMillis;
use crate::error::ErrorCode;
use crate::header;

/// Whether an answer that says that a timestamp is expired (`S403TE`) teaches how far the server's
/// clock is from one's own, by its `Date`.
///
/// ```
/// use countersign::{clock::UnixMillis, sign::{ClockLearning, ClockOffset}};
/// use std::time::Duration;
///
/// let mut answer = http::HeaderMap::new();
/// answer.insert("x-ca-error-code", "S403TE".parse()?);
/// answer.insert("date", "Tue, 14 Nov 2023 22:13:20 GMT".parse()?);
///
/// let own = UnixMillis::new(1_700_000_000_000 - 3_600_000);
/// let learns = |learning: ClockLearning| learning.learned(&answer, own);
/// let hour = Duration::from_secs(3600);
/// assert_eq!(learns(ClockLearning::Within(hour)), Some(ClockOffset::ahead(hour)));
/// assert_eq!(learns(ClockLearning::Within(hour / 2)), None, "further off than is believed");
/// assert_eq!(learns(ClockLearning::Off), None);
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
///
/// # Security
///
/// Whoever can answer in the server's place decides what time requests are stamped with: one that is
/// stamped ahead can be kept and sent later. So it is off by default, bounded, and for servers that
/// are reached by TLS. The request is sent once more, so a service must not act first and hand on
/// another server's `S403TE` then: it would act twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClockLearning {
    /// It teaches nothing. The default.
    #[default]
    Off,
    /// It does, if the clocks are not further apart than this.
    Within(Duration),
}

impl ClockLearning {
    /// The offset that an answer with these headers teaches, if one's own clock reads `own`.
    ///
    /// A `Date` means the whole second that it names, in the gateway's VPC dialect as in the classic
    /// one. Clocks that agree to the second are no offset: what a restarted server refuses is only to
    /// be signed again.
    #[must_use]
    pub fn learned(self, answer: &HeaderMap, own: UnixMillis) -> Option<ClockOffset> {
        let Self::Within(bound) = self else {
            return None;
        };
        if !says_expired(answer) {
            return None;
        }
        let date = answer.get(header::DATE)?.to_str().ok()?;
        let second = UnixMillis::from(httpdate::parse_http_date(date).ok()?);
        let nearest = own.clamp(second, second.saturating_add(Duration::from_millis(999)));
        let offset = ClockOffset::between(own, nearest);
        (offset.magnitude() <= bound).then_some(offset)
    }
}

/// By its code or, in the classic dialect, which has none, by its text.
fn says_expired(answer: &HeaderMap) -> bool {
    const EXPIRED: ErrorCode = ErrorCode::S403TE;
    let says = |name, text: &str| answer.get(name).is_some_and(|value| value == text);
    says(header::ERROR_CODE, EXPIRED.as_str())
        || (!answer.contains_key(header::ERROR_CODE)
            && EXPIRED.classic().is_some_and(|(_, text)| says(header::ERROR_MESSAGE, text)))
}
