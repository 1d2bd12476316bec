//! What holds for every request: signed, it verifies; changed, it does not, unless a handler could not
//! see the change; and nothing that arrives makes anything panic.

use std::collections::BTreeMap;

use countersign::credential::{AccessKeySecret, OpenApiScheme};
use countersign::protocol::BodyLength;
use countersign::protocol::Params;
use countersign::protocol::openapi::{
    AcsHeaders, AcsReading, AcsReadings, NameOrder, PayloadAlgorithm, Recognized, RoaAuthorization,
    RoaRequest, RoaVariant, RpcParams, RpcRequest, V3Authorization, V3Request, V3SignedHeaders,
    V3Variant, malformed_param, parse_acs_timestamp, parse_http_date, repeated_param,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::client::{KEY, Place, Places, SECRET, Style, rpc_signature, sign_roa, sign_v3, written};
use crate::flips::{Part, flipped};
use crate::judge::{Coverage, Key, verified};
use crate::strategies::{any_target, handler_text, header_bytes, path, spelling};
use crate::support::Wire;

pub(crate) fn judged(wire: &Wire) -> Result<OpenApiScheme, String> {
    let secret = AccessKeySecret::new(SECRET).unwrap();
    verified(wire.head(), &wire.body, &Key { id: KEY, secret: &secret }, Coverage::Full)
}

fn style() -> impl Strategy<Value = Style> {
    let any = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    any.prop_map(|(utf16, decoded_path, bare_empty, plain_names)| Style {
        utf16,
        decoded_path,
        bare_empty,
        plain_names,
    })
}

/// Parameters with names of this pattern.
fn places(names: &'static str, in_form: BoxedStrategy<bool>) -> impl Strategy<Value = Places> {
    let name = prop_oneof![
        3 => "[a-zA-Z][a-zA-Z0-9_.:\\[\\]-]{0,6}".prop_map(String::from),
        1 => names,
    ];
    let value = prop_oneof![
        2 => "[a-zA-Z0-9]{0,8}",
        1 => any::<String>(),
        1 => "[ +%&=?#;/*~]{0,6}",
        1 => Just(String::new()),
    ];
    let place = (value, spelling(), in_form);
    let place = place.prop_map(|(value, spelling, in_form)| Place { value, spelling, in_form });
    btree_map(name, place, 0..6)
}

fn method() -> impl Strategy<Value = String> {
    prop_oneof![Just("GET".to_owned()), Just("POST".to_owned()), "[A-Z]{1,7}"]
}

fn with_query(path: &str, query: &str) -> Option<Uri> {
    match query {
        "" => path.parse().ok(),
        query => format!("{path}?{query}").parse().ok(),
    }
}

fn wire(method: &str, target: Uri, body: Vec<u8>) -> Wire {
    Wire {
        method: Method::from_bytes(method.as_bytes()).unwrap(),
        target,
        headers: HeaderMap::new(),
        length: BodyLength::Known(body.len() as u64),
        body,
    }
}

/// An RPC request, its own parameters in the query or in the form.
fn rpc_request() -> impl Strategy<Value = Wire> {
    let business = places("[^\\x00]{0,5}", any::<bool>().boxed());
    (method(), business, any::<bool>(), style()).prop_map(|(method, mut places, in_form, style)| {
        let own = |value: &str| Place { value: value.into(), spelling: vec![1], in_form };
        places.insert("AccessKeyId".into(), own(KEY));
        places.insert("SignatureMethod".into(), own("HMAC-SHA1"));
        places.insert("SignatureNonce".into(), own("n-1"));
        places.insert("Timestamp".into(), own("2024-01-01T00:00:00Z"));
        let signature = rpc_signature(&method, &places, style);
        places.insert("Signature".into(), own(&signature));
        let target = with_query("/", &written(&places, false)).unwrap();
        let form = written(&places, true).into_bytes();
        match form.is_empty() {
            true => wire(&method, target, form),
            false => wire(&method, target, form)
                .with("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        }
    })
}

/// A request with headers and a body, to be signed by its head.
pub(crate) fn unsigned_request(names: &'static str) -> impl Strategy<Value = (Wire, Places)> {
    let headers = btree_map("x-acs-[a-c0-9]{1,4}", header_bytes(), 0..4);
    let lines = (proptest::option::of(header_bytes()), header_bytes());
    let body = prop_oneof![Just(Vec::new()), vec(any::<u8>(), 1..40)];
    (method(), path(), places(names, Just(false).boxed()), headers, lines, body).prop_filter_map(
        "a target",
        |(method, path, places, headers, (accept, content_type), body)| {
            let mut wire = wire(&method, with_query(&path, &written(&places, false))?, body)
                .with("content-type", content_type)
                .with("x-acs-signature-nonce", "n-1");
            for (name, value) in headers {
                wire = wire.with(&name, value);
            }
            if let Some(accept) = accept {
                wire = wire.with("accept", accept);
            }
            Some((wire, places))
        },
    )
}

fn roa_request() -> impl Strategy<Value = Wire> {
    (unsigned_request("[^\\x00&=]{0,5}"), style()).prop_map(|((wire, places), style)| {
        sign_roa(wire.with("date", "Mon, 01 Jan 2024 00:00:00 GMT"), &places, style)
    })
}

fn v3_request() -> impl Strategy<Value = Wire> {
    (unsigned_request("[^\\x00]{0,5}"), style()).prop_map(|((wire, places), style)| {
        let wire = wire.with("host", "h.example").with("x-acs-date", "2024-01-01T00:00:00Z");
        sign_v3(wire, &places, style)
    })
}

fn signed_request() -> impl Strategy<Value = (OpenApiScheme, Wire)> {
    prop_oneof![
        rpc_request().prop_map(|wire| (OpenApiScheme::Rpc, wire)),
        roa_request().prop_map(|wire| (OpenApiScheme::Roa, wire)),
        v3_request().prop_map(|wire| (OpenApiScheme::V3, wire)),
    ]
}

/// A request as a handler sees it, as far as its signature covers it.
#[derive(Debug, PartialEq)]
struct Seen {
    method: Method,
    path: Vec<u8>,
    parameters: BTreeMap<String, String>,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

fn seen(scheme: OpenApiScheme, wire: &Wire) -> Seen {
    let is_rpc = scheme == OpenApiScheme::Rpc;
    let mut parameters = pairs(wire.target.query().unwrap_or_default().as_bytes());
    if is_rpc {
        parameters.extend(pairs(&wire.body));
    }
    let is_signed = |name: &str| match scheme {
        OpenApiScheme::Rpc => false,
        OpenApiScheme::Roa => {
            name.starts_with("x-acs-")
                || ["accept", "content-md5", "content-type", "date"].contains(&name)
        }
        OpenApiScheme::V3 => name != "authorization",
    };
    let headers = wire.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    Seen {
        method: wire.method.clone(),
        path: percent_encoding::percent_decode_str(wire.target.path()).collect(),
        parameters,
        headers: headers
            .filter(|(name, _)| is_signed(name))
            .map(|(name, value)| (name.to_owned(), value.trim_ascii().to_vec()))
            .collect(),
        body: if is_rpc { Vec::new() } else { wire.body.clone() },
    }
}

fn pairs(text: &[u8]) -> BTreeMap<String, String> {
    let parts = text.split(|byte| *byte == b'&').filter(|part| !part.is_empty());
    parts
        .map(|part| match part.iter().position(|byte| *byte == b'=') {
            Some(at) => (handler_text(&part[..at]), handler_text(&part[at + 1..])),
            None => (handler_text(part), String::new()),
        })
        .collect()
}

fn parts(wire: &Wire) -> Vec<Part> {
    let headers = wire.headers.iter().filter(|(_, value)| !value.is_empty());
    let mut parts: Vec<_> = headers.map(|(name, _)| Part::Header(name.clone())).collect();
    parts.extend([Part::Method, Part::Target, Part::Target]);
    parts.extend((!wire.body.is_empty()).then_some(Part::Body));
    parts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_client_signs_verifies((scheme, wire) in signed_request()) {
        prop_assert_eq!(judged(&wire), Ok(scheme));
    }

    #[test]
    fn one_bit_that_a_handler_could_see_breaks_the_signature(
        (scheme, wire) in signed_request(),
        part in any::<Index>(),
        at in any::<Index>(),
    ) {
        let parts = parts(&wire);
        let part = &parts[part.index(parts.len())];
        for bit in 0..8 {
            let Some(changed) = flipped(&wire, part, at, bit) else { continue };
            if judged(&changed).is_ok() {
                prop_assert_eq!(
                    seen(scheme, &wire),
                    seen(scheme, &changed),
                    "bit {} of {:?} changed {:?} to {:?}", bit, part, wire, changed
                );
            }
        }
    }

    #[test]
    fn what_is_added_breaks_the_signature(
        (scheme, wire) in signed_request(),
        name in "[a-z]{7,9}",
    ) {
        let query = wire.target.query().map_or(String::new(), |query| format!("{query}&"));
        let target = format!("{}?{query}{name}=1", wire.target.path());
        prop_assert!(judged(&wire.clone().to(&target)).is_err());
        if scheme != OpenApiScheme::Rpc {
            let added = format!("x-acs-{name}");
            prop_assert!(judged(&wire.clone().with(&added, "1")).is_err());
        }
        let length = BodyLength::Known(wire.body.len() as u64 + 5);
        let longer = Wire { body: [&wire.body[..], b"&a12="].concat(), length, ..wire };
        prop_assert!(judged(&longer).is_err());
    }
}

/// A value for a header of the signatures, or for a parameter.
fn any_value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..40),
        Just(b"application/x-www-form-urlencoded".to_vec()),
        Just(b"HMAC-SHA1".to_vec()),
        Just(b"BEARERTOKEN".to_vec()),
        "acs [a-z:,/ ]{0,9}:[A-Za-z0-9+/]{27}=".prop_map(String::into_bytes),
        "ACS3-HMAC-S(M3|HA256) [A-Za-z=,; ]{0,60}".prop_map(String::into_bytes),
        "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=(host|accept|x-acs-(date|a)|;|A){0,6},Signature=[0-9a-f]{64}"
            .prop_map(String::into_bytes),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z".prop_map(String::into_bytes),
        "(Mon|Thu), [0-3][0-9] (Jan|Feb) [0-9]{4} [0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT"
            .prop_map(String::into_bytes),
        "[0-9a-f]{64}".prop_map(String::into_bytes),
    ]
}

/// Whatever HTTP lets through.
fn any_request() -> impl Strategy<Value = Option<Wire>> {
    const HEADERS: [&str; 14] = [
        "authorization",
        "x-acs-action",
        "x-acs-date",
        "x-acs-signature-nonce",
        "x-acs-signature-method",
        "x-acs-signature-type",
        "x-acs-content-sha256",
        "x-acs-security-token",
        "x-acs-bearer-token",
        "accept",
        "content-md5",
        "content-type",
        "date",
        "host",
    ];
    let target = prop_oneof![
        any_target(),
        "/\\?(&|=|%|Signature|SignatureMethod|HMAC-SHA1|AccessKeyId|%[0-9A-F]{2}|[a-z]|\u{1F600}|\u{FFFC}){0,20}"
            .prop_map(String::into_bytes),
    ];
    let headers = vec((0..HEADERS.len(), any_value()), 0..12);
    let body =
        prop_oneof![vec(any::<u8>(), 0..80), "[ab%&=+0-9]{0,60}".prop_map(String::into_bytes)];
    (vec(any::<u8>(), 1..8), target, headers, body).prop_map(|(method, target, lines, body)| {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let name = HeaderName::from_static(HEADERS[name]);
            headers.append(name, HeaderValue::from_bytes(&value).ok()?);
        }
        Some(Wire {
            method: Method::from_bytes(&method).unwrap_or(Method::GET),
            target: Uri::try_from(target).ok()?,
            headers,
            length: BodyLength::Known(body.len() as u64),
            body,
        })
    })
}

/// Everything that is made of a request, whether or not it would come to that.
fn everything(wire: &Wire) {
    let head = wire.head();
    let readings = AcsReading::ALL.into_iter().fold(AcsReadings::NONE, AcsReadings::with);
    let acs = AcsHeaders::collect(&wire.headers);
    let Ok(query) = Params::query(&head) else { return };
    let Ok(both) = query.clone().with_form(&wire.body) else { return };
    let _ = Recognized::of(&acs, &both);
    let _ = malformed_param(&both);
    if repeated_param(&both).is_some() {
        return; // No scheme signs such parameters.
    }
    let _ = format!("{:?} {acs:?}", RpcParams::collect(&both));

    let rpc = RpcRequest::new(&wire.method, &both);
    let primary = rpc.string_to_sign(NameOrder::Bytes);
    for order in rpc.alternates(readings) {
        assert_ne!(rpc.string_to_sign(order), primary);
    }
    assert_eq!(rpc.disclosed(|_| true).as_bytes(), primary);

    let roa = RoaRequest::new(&head, &acs, &query);
    let primary = roa.string_to_sign(RoaVariant::PRIMARY);
    for variant in roa.alternates(readings) {
        assert_ne!(roa.string_to_sign(variant), primary);
    }
    let _ = roa.disclosed(|_| false);

    let authorization = acs.authorization.unwrap_or_default();
    let _ = RoaAuthorization::parse(authorization);
    let list =
        V3Authorization::parse(authorization).map_or("", |presented| presented.signed_headers);
    if let Ok(signed) = V3SignedHeaders::parse(list, &head) {
        let payload = PayloadAlgorithm::Sha256.digest(&wire.body);
        let v3 = V3Request::new(&head, &signed, &query, payload);
        let primary = v3.canonical_request(V3Variant::PRIMARY);
        let alternates = v3.alternates(readings);
        assert!(alternates.len() < 5 * 2 * 2);
        for variant in alternates {
            assert_ne!(v3.canonical_request(variant), primary);
        }
        let _ = (v3.disclosed(|_| false), signed.missing(), signed.uncovered(&wire.headers));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_arrives_makes_anything_panic_or_verifies(wire in any_request()) {
        let Some(wire) = wire else { return Ok(()); };
        everything(&wire);
        prop_assert!(judged(&wire).is_err());
    }

    #[test]
    fn any_bytes_are_a_time_or_none(text in any_value()) {
        let time = parse_acs_timestamp(&text).or_else(|| parse_http_date(&text));
        prop_assert!(time.is_none() || matches!(text.len(), 20 | 29));
    }
}
