//! Rules about stores that are full or cannot be asked.

use super::subject::{Subject, claim};
use super::{BoundedBackend, FailingBackend, Violation};
use crate::clock::UnixMillis;
use crate::store::{Claimed, StoreError};

/// A full store refuses, says that it is full, and forgets nothing to make room.
///
/// # Errors
///
/// [`Violation`].
pub async fn bounds(backend: &impl BoundedBackend) -> Result<(), Violation> {
    const ENOUGH: u32 = 1_000_000;
    const BEYOND: u32 = 1_000;
    let rule = "a full store refuses, and forgets nothing";
    let subject = Subject::of(backend, backend.small().await, rule);
    let until = subject.later();
    let mut accepted = Vec::new();
    let mut refused = 0_u32;
    for key in 0..ENOUGH {
        match subject.claim(claim(&key.to_be_bytes(), until)).await {
            Ok(Claimed::Fresh) => accepted.push(key),
            Err(StoreError::Full { .. }) => refused += 1,
            answer => return Err(subject.violation(format!("a new key: {answer:?}"))),
        }
        if refused > BEYOND {
            break;
        }
    }
    if refused == 0 {
        return Err(subject.violation(format!("{ENOUGH} keys did not fill it")));
    }
    for key in accepted {
        match subject.claim(claim(&key.to_be_bytes(), until)).await {
            Ok(Claimed::Used) => {}
            answer => return Err(subject.violation(format!("key {key}, accepted: {answer:?}"))),
        }
    }
    Ok(())
}

/// A store that cannot be asked answers an error, every time: neither fresh nor used.
///
/// # Errors
///
/// [`Violation`].
pub async fn outage(backend: &impl FailingBackend) -> Result<(), Violation> {
    let rule = "a store that cannot be asked answers an error";
    let subject = Subject::of(backend, backend.unreachable().await, rule);
    for key in 0..20_u32 {
        for until in [subject.later(), UnixMillis::MAX] {
            if let Ok(answer) = subject.claim(claim(&key.to_be_bytes(), until)).await {
                return Err(subject.violation(format!("{answer:?}")));
            }
        }
    }
    Ok(())
}
