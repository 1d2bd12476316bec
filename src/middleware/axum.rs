//! Extractors for handlers.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use std::convert::Infallible;

use super::RequestId;
use crate::error::{ErrorCode, OpenApiError, OpenApiRejection, Rejection};
use crate::verify::Verified;
use crate::verify::backend::{VerifiedGateway, not_presented};
use crate::verify::openapi::VerifiedOpenApi;

/// What a layer has verified. Where it let the request pass without, the caller gets `absent`; where
/// no layer covers the route, `X500ER`, or what OpenAPI has for it.
pub(super) fn verified<T, E>(parts: &Parts, absent: impl FnOnce() -> E) -> Result<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: From<Rejection>,
{
    parts.extensions.get().cloned().ok_or_else(|| match parts.extensions.get::<RequestId>() {
        Some(_) => absent(),
        None => Rejection::from(ErrorCode::X500ER).into(),
    })
}

/// The verified identity. Where there is none, because authentication is optional on the route or
/// only observed, the caller gets `A400MA`: a handler that asks for an identity is never run without
/// one. Use `Option<Verified>` for routes that serve both. Where no layer covers the route, which is
/// the service's mistake, the answer is `X500ER`.
impl<S: Sync> FromRequestParts<S> for Verified {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        verified(parts, || ErrorCode::A400MA.into())
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Verified {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get().cloned())
    }
}

/// The gateway that has sent the request. Where there is none, because refusals are only observed, the
/// caller gets `I400MH`; where no layer covers the route, which is the service's mistake, `X500ER`.
impl<S: Sync> FromRequestParts<S> for VerifiedGateway {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        verified(parts, not_presented)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for VerifiedGateway {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get().cloned())
    }
}

/// The verified identity of an OpenAPI client. Where there is none, because refusals are only observed,
/// the caller gets `MissingAccessKeyId`; where no layer covers the route, which is the service's
/// mistake, `InternalError`.
impl<S: Sync> FromRequestParts<S> for VerifiedOpenApi {
    type Rejection = OpenApiRejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, OpenApiRejection> {
        verified(parts, || {
            OpenApiRejection::new(OpenApiError::MissingParameter).with("AccessKeyId")
        })
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for VerifiedOpenApi {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get().cloned())
    }
}

/// The request's id. Without a layer there is none: `X500ER`.
impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Rejection> {
        parts.extensions.get().cloned().ok_or_else(|| ErrorCode::X500ER.into())
    }
}
