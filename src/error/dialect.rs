//! The two ways in which instances of the gateway answer.

use http::{HeaderMap, StatusCode};

use super::{ErrorCode, Rejection};
use crate::header;

/// Which kind of gateway instance the answers look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// Instances of the VPC type: `X-Ca-Error-Code` with a documented code and its status. The
    /// default, because a code is what a caller can program against.
    #[default]
    Vpc,
    /// Instances of the classic network type: no code header, their own statuses and texts.
    Classic,
}

impl Dialect {
    /// The HTTP status that this dialect answers.
    #[must_use]
    pub fn status(self, rejection: &Rejection) -> StatusCode {
        match self {
            Self::Vpc => rejection.status(),
            Self::Classic => classic(rejection).map_or(rejection.status(), |(status, _)| status),
        }
    }

    /// The text of `X-Ca-Error-Message`, before it is made safe as a header value.
    #[must_use]
    pub fn message(self, rejection: &Rejection) -> String {
        match self {
            Self::Vpc => rejection.message(),
            Self::Classic => match classic(rejection) {
                Some((_, template)) => rejection.fill(template),
                None => rejection.message(),
            },
        }
    }

    pub(super) fn write_code(self, code: ErrorCode, headers: &mut HeaderMap) {
        match self {
            Self::Vpc => {
                let value = http::HeaderValue::from_static(code.as_str());
                headers.insert(header::ERROR_CODE, value);
            }
            Self::Classic => {}
        }
    }
}

/// What the classic network type documents for the rejection. Two of its texts are about one
/// header only; the catalogue has the rest.
fn classic(rejection: &Rejection) -> Option<(StatusCode, &'static str)> {
    let about = |name: &http::HeaderName| {
        rejection.subject().is_some_and(|subject| subject.eq_ignore_ascii_case(name.as_str()))
    };
    match rejection.code() {
        ErrorCode::I400MH if about(&header::SIGNATURE) => {
            Some((StatusCode::UNAUTHORIZED, "Empty Signature"))
        }
        ErrorCode::I400HD if about(&header::TIMESTAMP) => {
            Some((StatusCode::BAD_REQUEST, "Invalid Timestamp"))
        }
        code => code.classic(),
    }
}
