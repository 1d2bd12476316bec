//! What the targets of the OpenAPI signatures share.

use std::sync::LazyLock;

use countersign::credential::{AccessKeySecret, OpenApiScheme};
use countersign::protocol::openapi::{parse_acs_timestamp, parse_http_date};
use countersign::sign::{OpenApiBody, OpenApiSigner};
use percent_encoding::percent_decode_str;

use crate::{Wire, changed, pairs};

/// What the protocol alone says of a request, as the tests have it.
#[path = "../../tests/openapi/judge.rs"]
mod judge;

use judge::{Coverage, Key};

static SECRET: LazyLock<AccessKeySecret> =
    LazyLock::new(|| AccessKeySecret::new("testsecret").unwrap());

/// Judges the request as it is, then signs it, changes it, and judges it again.
pub fn sign_and_change(scheme: OpenApiScheme, input: &[u8]) {
    let end = input.iter().rposition(|byte| *byte == 0).unwrap_or(input.len());
    let Some(mut wire) = Wire::parse(&input[..end]) else { return };
    let _ = judge(&wire);
    for value in wire.headers.values() {
        let _ = (parse_acs_timestamp(value.as_bytes()), parse_http_date(value.as_bytes()));
    }
    if sign(scheme, &mut wire).is_none() || judge(&wire) != Ok(scheme) {
        return;
    }
    let Some(changed) = changed(&wire, &input[end..]) else { return };
    // A value of ROA can be sent as several parameters and the other way round: by design, and
    // refused by a knob.
    let is_open = |wire: &Wire| pairs(query(wire)).iter().any(|(_, value)| value.contains('&'));
    if scheme == OpenApiScheme::Roa && (is_open(&wire) || is_open(&changed)) {
        return;
    }
    if judge(&changed) == Ok(scheme) {
        assert_eq!(as_handled(scheme, &wire), as_handled(scheme, &changed));
    }
}

fn sign(scheme: OpenApiScheme, wire: &mut Wire) -> Option<()> {
    let signer = OpenApiSigner::new("testid", SECRET.clone()).ok()?.with_scheme(scheme);
    let body = OpenApiBody::Bytes(&wire.body);
    let signed = signer.sign(&wire.method, &wire.target, &wire.headers, body).ok()?;
    signed.apply_to(&mut wire.headers, &mut wire.target).ok()
}

fn judge(wire: &Wire) -> Result<OpenApiScheme, String> {
    let key = Key { id: "testid", secret: &SECRET };
    judge::verified(wire.head(), &wire.body, &key, Coverage::Full)
}

/// What a handler reads of a request, as far as it is signed.
fn as_handled(scheme: OpenApiScheme, wire: &Wire) -> impl PartialEq + std::fmt::Debug + use<> {
    let is_rpc = scheme == OpenApiScheme::Rpc;
    let (form, body) = match is_rpc {
        true => (pairs(&wire.body), Vec::new()),
        false => (Vec::new(), wire.body.clone()),
    };
    let mut parameters = [pairs(query(wire)), form].concat();
    parameters.sort();
    let path: Vec<u8> = percent_decode_str(wire.target.path()).collect();
    let signed = |name: &str| !is_rpc && (name.starts_with("x-acs-") || name == "content-type");
    let mut headers: Vec<_> = wire
        .headers
        .iter()
        .filter(|(name, _)| signed(name.as_str()))
        .map(|(name, value)| (name.to_string(), value.as_bytes().trim_ascii().to_vec()))
        .collect();
    headers.sort();
    (wire.method.clone(), path, parameters, headers, body)
}

fn query(wire: &Wire) -> &[u8] {
    wire.target.query().unwrap_or_default().as_bytes()
}
