//! What answers and logs take from a request, whatever becomes of it.
//!
//! XML by name only: the parameter `Format` of the query, or the `Accept` of a ROA request. A form is
//! not looked into.

use http::HeaderValue;

use crate::error::{OpenApiAsked, OpenApiFormat};
use crate::header;
use crate::protocol::RequestHead;
use crate::protocol::openapi::{RoaAuthorization, V3Authorization, access_key_id, is_form_type};
use crate::verify::Mechanism;

pub(crate) fn asked(head: &RequestHead<'_>, read: &[u8]) -> OpenApiAsked {
    let headers = head.headers();
    let authority = || HeaderValue::from_str(head.target().authority()?.as_str()).ok();
    let is_roa = headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| value.as_bytes().trim_ascii().starts_with(b"acs "));
    // A form is read before all else only where it may hold the parameters of an RPC request.
    let is_form = headers.get(header::CONTENT_TYPE).is_some_and(|it| is_form_type(it.as_bytes()));
    let form = read.get(..if is_form { read.len() } else { 0 }).unwrap_or_default();
    let of_form = form.split(|byte| *byte == b'&').find_map(|it| it.strip_prefix(b"Format="));
    let of_query = head.query().split('&').find_map(|param| param.strip_prefix("Format="));
    let named = of_query.map(str::as_bytes).or(of_form);
    let format = match (named, headers.get(header::ACCEPT).filter(|_| is_roa)) {
        (Some(format), _) => OpenApiFormat::of_parameter(format),
        (None, Some(accept)) => OpenApiFormat::of_accept(accept.as_bytes()),
        (None, None) => None,
    };
    let host = headers.get(header::HOST).cloned().or_else(authority);
    OpenApiAsked { host, format: format.unwrap_or_default() }
}

/// What a request presents, right or wrong, for logs: by its `Authorization` or its query.
pub(crate) fn presented_key<'r>(head: &RequestHead<'r>) -> Option<(Mechanism, &'r str)> {
    let authorization = head.headers().get(header::AUTHORIZATION);
    let authorization =
        authorization.map(|value| value.as_bytes().trim_ascii()).unwrap_or_default();
    if let Ok(presented) = V3Authorization::parse(authorization) {
        return Some((Mechanism::V3, presented.access_key_id));
    }
    if let Ok(presented) = RoaAuthorization::parse(authorization) {
        return Some((Mechanism::Roa, presented.access_key_id));
    }
    let key = head.query().split('&').find_map(|param| param.strip_prefix("AccessKeyId="))?;
    Some((Mechanism::Rpc, access_key_id(key.as_bytes())?))
}
