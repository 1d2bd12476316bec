//! Extractors of what a token says.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::error::{ErrorCode, Rejection};
use crate::jwt::VerifiedToken;
use crate::middleware::axum::verified;

/// The verified claims, as a type of the service's own.
///
/// Where there is no token, because the route lets such requests pass or refusals are only observed,
/// the answer is `I400JR`; where the claims have another shape, `A403JT` with the claim's name; where
/// no layer covers the route, which is the service's mistake, `X500ER`. These are a handler's refusals:
/// `on_rejection` does not see them, and a `jti` is spent by then. `Option<Claims<T>>` serves those without a token,
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
        let claims = serde_path_to_error::deserialize(token.claims());
        claims.map(Self).map_err(|error| {
            // Only names: what serde says of a value shows it.
            let reason = match (error.inner().to_string(), error.path().iter().next()) {
                (missing, _) if missing.starts_with("missing field") => missing,
                (_, Some(Segment::Map { key })) => {
                    format!("claim `{key}` is not what this service expects")
                }
                _ => "its claims are not what this service expects".to_owned(),
            };
            Rejection::new(ErrorCode::A403JT).with(reason)
        })
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
        verified(parts, || ErrorCode::I400JR.into())
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for VerifiedToken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get().cloned())
    }
}
