//! The timestamp against the clock, in both directions.

use std::borrow::Cow;
use std::time::Duration;

use crate::clock::UnixMillis;
use crate::error::{Catalogue, Rejection};
use crate::verify::Window;

/// Refuses a timestamp outside of the window. Both ends of the window are inside it.
pub(in crate::verify) fn check_window<C: Catalogue>(
    window: Window,
    at: UnixMillis,
    now: UnixMillis,
) -> Result<(), Rejection<C>> {
    let (age, ahead) = (now.since(at), at.since(now));
    if age > window.max_age {
        return Err(expired(format!("stamped {} ms ago", age.as_millis())));
    }
    if ahead > window.max_ahead {
        return Err(expired(format!("stamped {} ms ahead", ahead.as_millis())));
    }
    Ok(())
}

/// Refuses a timestamp whose window has ended since it was checked.
pub(in crate::verify) fn check_still_timely<C: Catalogue>(
    timestamp: Option<UnixMillis>,
    max_age: Duration,
    now: UnixMillis,
) -> Result<(), Rejection<C>> {
    let last = timestamp.map(|at| at.saturating_add(max_age));
    match last.is_some_and(|last| last < now) {
        true => Err(expired("its window ended while it was read")),
        false => Ok(()),
    }
}

/// Its documented message names no reason, so the operator gets one.
#[cold]
pub(super) fn expired<C: Catalogue>(detail: impl Into<Cow<'static, str>>) -> Rejection<C> {
    Rejection::new(C::EXPIRED).with_detail(detail)
}
