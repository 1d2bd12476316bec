//! Assertions on the verifier's answer.

use countersign::error::{ErrorCode, Rejection};
use countersign::verify::Verified;

/// The identity of a request that must have been accepted.
#[track_caller]
pub(crate) fn assert_accepted(answer: Result<Verified, Rejection>) -> Verified {
    match answer {
        Ok(verified) => verified,
        Err(rejection) => panic!("refused: {}: {}", rejection.code(), rejection.message()),
    }
}

/// The request must have been refused with this code.
#[track_caller]
pub(crate) fn assert_code(answer: Result<Verified, Rejection>, code: ErrorCode) -> Rejection {
    match answer {
        Ok(verified) => panic!("accepted as {}, not refused: {code}", verified.app_id()),
        Err(rejection) => {
            assert_eq!(rejection.code(), code, "{}", rejection.message());
            rejection
        }
    }
}

/// The request must have been refused with this code and exactly this message.
#[track_caller]
pub(crate) fn assert_refused(answer: Result<Verified, Rejection>, code: ErrorCode, message: &str) {
    assert_eq!(assert_code(answer, code).message(), message);
}
