//! Extractors of what a token says.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::{ErrorCode, Rejection};
use crate::jwt::VerifiedToken;
use crate::middleware::RequestId;

/// The verified claims, as a type of the service's own.
///
/// Where there is no token, because the route lets such requests pass or refusals are only observed,
/// the answer is `I400JR`; where the claims have another shape, `A403JT`; where no layer covers the
/// route, which is the service's mistake, `X500ER`. `Option<Claims<T>>` serves those without a token,
/// too.
///
/// ```
/// use countersign::middleware::jwt_auth::Claims;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Who {
///     sub: String,
///     #[serde(default)]
///     roles: Vec<String>,
/// }
///
/// async fn handler(Claims(who): Claims<Who>) -> String {
///     format!("{} with {} role(s)", who.sub, who.roles.len())
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims<T>(pub T);

impl<T: DeserializeOwned> Claims<T> {
    fn of(token: &VerifiedToken) -> Result<Self, Rejection> {
        // serde's reason may show a claim.
        let other_shape = |_| Rejection::new(ErrorCode::A403JT).with("its claims lack something");
        token.claims_as().map(Self).map_err(other_shape)
    }
}

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Claims<T> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        Self::of(&<VerifiedToken as FromRequestParts<S>>::from_request_parts(parts, state).await?)
    }
}

impl<S: Sync, T: DeserializeOwned> OptionalFromRequestParts<S> for Claims<T> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Rejection> {
        parts.extensions.get::<VerifiedToken>().map(Self::of).transpose()
    }
}

/// The verified token. Where there is none the answer is as for [`Claims`].
impl<S: Sync> FromRequestParts<S> for VerifiedToken {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        parts.extensions.get().cloned().ok_or_else(|| match parts.extensions.get::<RequestId>() {
            Some(_) => ErrorCode::I400JR.into(),
            None => ErrorCode::X500ER.into(),
        })
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for VerifiedToken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get().cloned())
    }
}
