//! Signs a call without a body, with the headers that the strict policy asks for.

use countersign::clock::UnixMillis;
use countersign::credential::{AppKey, AppSecret};
use countersign::sign::{SignableBody, SignableRequest, Signer};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use crate::common::Problem;

/// What is to be signed.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) key: &'a str,
    pub(crate) at: UnixMillis,
    pub(crate) nonce: &'a str,
}

/// The call's headers, the signature among them.
pub(crate) fn signed(
    call: &Call<'_>,
    secret: &AppSecret,
) -> Result<Vec<(&'static str, String)>, Problem> {
    const SIGNED: &str = "X-Ca-Key,X-Ca-Nonce,X-Ca-Timestamp";
    let mut list = vec![
        ("Accept", "application/json".to_owned()),
        ("X-Ca-Key", call.key.to_owned()),
        ("X-Ca-Timestamp", call.at.to_string()),
        ("X-Ca-Nonce", call.nonce.to_owned()),
        ("X-Ca-Signature-Headers", SIGNED.to_owned()),
    ];
    let mut headers = HeaderMap::new();
    for (name, value) in &list {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(unsignable)?;
        headers.insert(name, HeaderValue::from_str(value).map_err(unsignable)?);
    }
    let method = Method::from_bytes(call.method.as_bytes()).map_err(unsignable)?;
    let target: Uri = call.target.parse().map_err(unsignable)?;
    let request = SignableRequest::new(&method, &target, &headers, SignableBody::Empty);
    // As declared: the printed names are in title case, as people write them.
    let signer = Signer::new(AppKey::new(call.key)?, secret.clone())?;
    let signed = signer.sign_as_declared(&request).map_err(unsignable)?;
    for (_, signature) in signed.headers() {
        list.push(("X-Ca-Signature", signature.to_str().map_err(unsignable)?.to_owned()));
    }
    Ok(list)
}

fn unsignable(error: impl std::fmt::Display) -> Problem {
    Problem(format!("this call cannot be signed: {error}"))
}
