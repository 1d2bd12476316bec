//! A reverse proxy around the layer. What becomes of a request, and where it is decided:
//!
//! | | | |
//! |---|---|---|
//! | 1 | [`admit`] | what its head alone forbids is refused |
//! | 2 | the layer | what is not authentic is refused; the app is told in headers |
//! | 3 | [`rewrite`] | the request as the service gets it ([`target`], [`headers`]) |
//! | 4 | [`backend`] | it is signed, if the service wants to know that it comes from here |
//! | 5 | [`forward`] | it is sent ([`upstream`], [`body`], [`progress`]) |
//! | 6 | [`faults`] | what is answered where the service is not |
//!
//! Beside it: [`args`], [`admin`], [`metrics`].

pub(crate) mod admin;
pub(crate) mod admit;
pub(crate) mod args;
pub(crate) mod backend;
pub(crate) mod body;
pub(crate) mod faults;
pub(crate) mod forward;
pub(crate) mod headers;
pub(crate) mod metrics;
pub(crate) mod progress;
pub(crate) mod rewrite;
pub(crate) mod target;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod upstream;

use std::convert::Infallible;

use bytes::Bytes;
use countersign::error::Rejection;
use countersign::jwt::JwtPolicy;
use countersign::middleware::ResponseBody;
use countersign::middleware::app_auth::IdentityHeaders;
use futures_util::{FutureExt, TryFutureExt};
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use http_body::Body;
use http_body_util::{Either as EitherBody, Full};
use tower::util::Either;
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

use self::args::Flags;
use self::backend::Backend;
use self::forward::{Answer, Forward};
use self::headers::reserved::REQUEST_ID;
use self::headers::via::Pseudonym;
use self::rewrite::Rules;
use crate::common::verifier::Protection;
use crate::common::{BoxError, Problem};

/// What came through the layer, or was refused before it.
type AnswerBody = EitherBody<ResponseBody<Answer>, Full<Bytes>>;

/// The whole of it: a service that answers every request.
pub(crate) fn app<B>(
    flags: &Flags,
    protection: Protection,
    tokens: Option<&JwtPolicy>,
) -> Result<
    impl Service<Request<B>, Response = Response<AnswerBody>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static
    + use<B>,
    Problem,
>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    let rules = rules(flags, tokens)?;
    let pool = upstream::pool(flags.protocol, flags.connect, flags.keep);
    let (own, upstream) = (rules.via.clone(), rules.upstream.clone());
    let backend = match (&flags.backend_key, &flags.backend_secret) {
        (Some(key), Some(secret)) => Some(Backend::new(key, secret, tokens)?),
        _ => None,
    };
    let forward = Forward::new(pool, rules, backend, flags.patience);
    let forward = service_fn(move |request| {
        let forward = forward.clone();
        async move { Ok::<_, Infallible>(forward.call(request).await) }
    });
    let protected = ServiceBuilder::new().layer(identifying(protection)?).service(forward);
    Ok(service_fn(move |request: Request<B>| {
        let (head, body) = request.into_parts();
        let answer = match admit::admit(&head, &own, &upstream) {
            Ok(()) => {
                let request = Request::from_parts(head, body);
                let answer = protected.clone().oneshot(request);
                answer.map_ok(|answer| answer.map(EitherBody::Left)).left_future()
            }
            Err(rejection) => {
                let answer = refused(rejection, head.version).map(EitherBody::Right);
                std::future::ready(Ok(answer)).right_future()
            }
        };
        answer.inspect_ok(|answer| metrics::answered(answer.status()))
    }))
}

fn rules(flags: &Flags, tokens: Option<&JwtPolicy>) -> Result<Rules, Problem> {
    let upstream = flags.upstream.clone().ok_or_else(|| Problem("there is no service".into()))?;
    Ok(Rules {
        upstream,
        protocol: flags.protocol,
        host: flags.host,
        origin: flags.origin,
        credentials: flags.credentials,
        token: tokens.map(|policy| policy.carrier().clone()),
        via: flags.via.clone().map_or_else(Pseudonym::random, Ok)?,
    })
}

/// The layer that tells the service who calls. Of a token the plug-in document says what is told.
fn identifying(protection: Protection) -> Result<Protection, Problem> {
    let headers = IdentityHeaders::default();
    Ok(match protection {
        Either::Left(Either::Left(apps)) => {
            Either::Left(Either::Left(apps.with_identity_headers(headers)))
        }
        Either::Left(Either::Right(openapi)) => Either::Left(Either::Right(openapi)),
        Either::Right(Either::Left(tokens)) => Either::Right(Either::Left(tokens)),
        Either::Right(Either::Right(both)) => {
            let both = both.with_identity_headers(headers);
            let both = both.map_err(|error| Problem(error.to_string()))?;
            Either::Right(Either::Right(both))
        }
    })
}

/// The answer to what does not come as far as the layer, which would have rendered it. Who sent it may
/// see the request's end elsewhere, so the connection is closed: what else stands there is no request.
fn refused(rejection: Rejection, version: Version) -> Response<Full<Bytes>> {
    metrics::refused(rejection.code());
    let mut response = Response::from(rejection).map(Full::new);
    if version < Version::HTTP_2 {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let mut bytes = [0; 16];
    // Without random bytes the layer could not have begun.
    let _ = getrandom::fill(&mut bytes);
    let id = uuid::Builder::from_random_bytes(bytes).into_uuid();
    let mut text = uuid::Uuid::encode_buffer();
    if let Ok(id) = HeaderValue::from_str(id.hyphenated().encode_upper(&mut text)) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
