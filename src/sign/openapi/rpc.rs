//! Signs by RPC: everything is a parameter of the query.

use http::Uri;
use http::uri::PathAndQuery;

use super::error::check_params;
use super::{OpenApiBody, OpenApiSignError, OpenApiSigned, OpenApiSigner, Unsigned};
use crate::header;
use crate::protocol::openapi::{
    MacMethod, NameOrder, RpcRequest, encode_param, fmt_acs_timestamp, is_form_type,
};
use crate::protocol::{BodyLength, Params, RequestHead};
use crate::sign::Stamp;

pub(super) fn sign(
    signer: &OpenApiSigner,
    request: &Unsigned<'_>,
    stamp: &Stamp,
) -> Result<OpenApiSigned, OpenApiSignError> {
    if request.target.path() != "/" {
        return Err(OpenApiSignError::Path);
    }
    let form = form(request)?;
    let time = fmt_acs_timestamp(stamp.at()).ok_or(OpenApiSignError::Date)?;
    let mut query = request.target.query().unwrap_or_default().to_owned();
    let method = MacMethod::RpcHmacSha1;
    for (name, value) in [
        ("AccessKeyId", signer.access_key_id.as_bytes()),
        ("SignatureMethod", method.as_str().as_bytes()),
        ("SignatureNonce", stamp.nonce()),
        ("SignatureVersion", b"1.0"),
        ("Timestamp", time.as_bytes()),
    ] {
        encode_param(&mut query, name, value);
    }
    if let Some(token) = &signer.security_token {
        encode_param(&mut query, "SecurityToken", token.as_bytes());
    }
    let target = with_query(request.target, &query)?;
    let string_to_sign = {
        let head = RequestHead::new(request.method, &target, request.headers, BodyLength::Empty);
        let params = Params::query(&head)?.with_form(form)?;
        // One that the request has already stands twice now, but for the signature itself.
        check_params(&params)?;
        if let Some(earlier) = params.iter().find(|param| param.handler_name() == "Signature") {
            return Err(OpenApiSignError::parameter(earlier));
        }
        RpcRequest::new(request.method, &params).string_to_sign(NameOrder::Bytes)
    };
    let signature = method.sign(&signer.secret, &string_to_sign);
    encode_param(&mut query, "Signature", signature.as_bytes());
    let target = with_query(request.target, &query)?;
    Ok(OpenApiSigned { headers: Vec::new(), target: Some(target), string_to_sign })
}

/// The body, which is a form or empty.
fn form<'r>(request: &Unsigned<'r>) -> Result<&'r [u8], OpenApiSignError> {
    let content_type = request.headers.get(header::CONTENT_TYPE);
    let is_form = content_type.is_some_and(|value| is_form_type(value.as_bytes()));
    match request.body {
        OpenApiBody::Bytes(body) if is_form || body.is_empty() => Ok(body),
        _ => Err(OpenApiSignError::Body),
    }
}

fn with_query(target: &Uri, query: &str) -> Result<Uri, OpenApiSignError> {
    let mut parts = target.clone().into_parts();
    let path = PathAndQuery::try_from(format!("/?{query}"));
    parts.path_and_query = Some(path.map_err(|_| OpenApiSignError::TooLarge)?);
    Uri::from_parts(parts).map_err(|_| OpenApiSignError::TooLarge)
}
