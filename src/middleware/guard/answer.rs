//! What goes back: a refusal, or what the inner service has answered.

use http::header::CACHE_CONTROL;
use http::{HeaderValue, Response};

use super::CacheControl;
use super::check::Passed;
use super::options::Options;
use crate::error::{Catalogue, Rejection, render_handlers, rendered};
use crate::middleware::{RequestId, ResponseBody};

/// Whether the service failed: by its error, or by its answer, however a rejection is rendered.
pub(super) fn is_failure<B, E, C: Catalogue>(answer: &Result<Response<B>, E>) -> bool {
    answer.as_ref().map_or(true, |response| {
        let rejection = response.extensions().get::<Rejection<C>>();
        response.status().is_server_error()
            || rejection.is_some_and(|rejection| rejection.code().status().is_server_error())
    })
}

/// The response to a request that was answered, rightly or too late.
pub(super) fn response<B, C: Catalogue>(
    answered: Response<B>,
    passed: &Passed,
    options: &Options<C>,
    request_id: &RequestId,
    asked: &C::Asked,
) -> Response<ResponseBody<B>> {
    match passed.body_was_too_long() {
        true => refusal(&C::body_too_long(), options, request_id, asked),
        false => accept(answered, passed, options, request_id, asked),
    }
}

pub(super) fn refusal<B, C: Catalogue>(
    rejection: &Rejection<C>,
    options: &Options<C>,
    request_id: &RequestId,
    asked: &C::Asked,
) -> Response<ResponseBody<B>> {
    let response = rendered(&*options.renderer, rejection, request_id.as_str(), asked);
    let mut response = response.map(ResponseBody::rejection);
    request_id.write(C::REQUEST_ID, response.headers_mut());
    response
}

fn accept<B, C: Catalogue>(
    mut response: Response<B>,
    passed: &Passed,
    options: &Options<C>,
    request_id: &RequestId,
    asked: &C::Asked,
) -> Response<ResponseBody<B>> {
    let mut response =
        match render_handlers(&mut response, &*options.renderer, request_id.as_str(), asked) {
            Some(rendered) => rendered.map(ResponseBody::rejection),
            None => response.map(ResponseBody::inner),
        };
    let headers = response.headers_mut();
    request_id.write(C::REQUEST_ID, headers);
    let verified = matches!(passed, Passed::Verified { .. });
    if verified && options.cache_control == CacheControl::Private {
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private"));
    }
    response
}
