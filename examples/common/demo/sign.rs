//! Signs a call without a body, with the headers that the strict policy asks for.

use countersign::clock::UnixMillis;
use countersign::credential::AppSecret;
use countersign::protocol::{
    BodyLength, CaHeaders, CanonicalRequest, Params, RequestHead, SignatureMethod, SignedHeaders,
    Variant,
};
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
    let head = RequestHead::new(&method, &target, &headers, BodyLength::Empty);

    let ca = CaHeaders::collect(&headers);
    let declared = SignedHeaders::parse(SIGNED.as_bytes(), &headers).map_err(unsignable)?;
    let params = Params::query(&head).map_err(unsignable)?;
    let request = CanonicalRequest::new(&head, &ca, &declared, &params);
    let string_to_sign = request.string_to_sign(Variant::PRIMARY);
    list.push(("X-Ca-Signature", SignatureMethod::HmacSha256.sign(secret, &string_to_sign)));
    Ok(list)
}

fn unsignable(error: impl std::fmt::Display) -> Problem {
    Problem(format!("this call cannot be signed: {error}"))
}
