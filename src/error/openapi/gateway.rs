//! A refusal of the gateway's catalogue, as OpenAPI would answer it.
//!
//! Bodies are read, limited and budgeted by the same code for every protocol, and an authorizer answers
//! a gateway's code whatever the request is signed with. So each code of the gateway has one here:
//!
//! 1. the codes that mean the same
//! 2. of the others, by status: 404 `InvalidApi.NotFound`; 429 `Throttling.User`; other 4xx that the
//!    caller can mend `NoPermission` (401, 403) or `Invalid{Name}` about the request; the rest
//!    `InternalError`
//!
//! The operator is told the gateway's code; `Retry-After` stays, and so does a store's error.

use super::{OpenApiError, OpenApiRejection};
use crate::error::{ErrorCode, Fault, Rejection};

/// The same refusal in the words of OpenAPI.
///
/// ```
/// use countersign::error::{ErrorCode, OpenApiRejection, Rejection};
///
/// let too_long: OpenApiRejection = Rejection::new(ErrorCode::I413RL).into();
/// assert_eq!(too_long.code_text(), "InvalidBody.LengthLimit");
/// assert_eq!(too_long.detail(), Some("I413RL: Request body too Large"));
/// ```
impl From<Rejection> for OpenApiRejection {
    fn from(rejection: Rejection) -> Self {
        let (code, subject) = same(&rejection);
        let rejection = rejection.recoded(code).with_detail(rejection.to_string());
        match subject {
            Some(subject) => rejection.with(subject),
            None => rejection,
        }
    }
}

fn same(rejection: &Rejection) -> (OpenApiError, Option<&'static str>) {
    use ErrorCode as G;
    use OpenApiError as O;

    match rejection.code() {
        G::I413RL => (O::InvalidLength, Some("Body")),
        G::I413UL => (O::InvalidLength, Some("Url")),
        G::I400BD => (O::InvalidParameter, Some("Body")),
        G::I405UM => (O::UnsupportedHttpMethod, None),
        G::I400I5 => (O::ContentMd5NotMatched, None),
        G::A400IK => (O::InvalidAccessKeyIdNotFound, None),
        G::A400MA => (O::MissingParameter, Some("AccessKeyId")),
        G::A403IS => (O::SignatureDoesNotMatch, None),
        G::I400NC => (O::MissingParameter, Some("SignatureNonce")),
        G::S403NU => (O::SignatureNonceUsed, None),
        G::S403TE => (O::InvalidTimeStampExpired, None),
        G::T429PA => (O::ThrottlingApi, None),
        G::X503BZ | G::D503BB | G::D503CB => (O::ServiceUnavailable, None),
        code => match (code.status().as_u16(), code.fault()) {
            (404, Fault::Client) => (O::InvalidApiNotFound, None),
            (429, _) => (O::ThrottlingUser, None),
            (401 | 403, _) => (O::NoPermission, None),
            (400..500, Fault::Client) => (O::InvalidParameter, Some("Request")),
            _ => (O::InternalError, None),
        },
    }
}
