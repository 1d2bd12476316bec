//! What holds for every request behind the gateway: signed, it verifies; changed where the signature
//! covers it, it does not; two implementations make one string; and nothing that arrives makes the
//! verifier or the signer panic.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod flips;
mod strategies;
mod support;

use std::collections::BTreeMap;

use countersign::credential::{BackendKey, BackendSecret};
use countersign::error::{Dialect, Rejection, RenderRejection};
use countersign::protocol::{
    BackendRequest, BackendVariant, BodyLength, CaHeaders, Params, ProxyHeaders, SignedHeaders,
};
use countersign::sign::{BackendBody, BackendSigner, Stamps};
use countersign::verify::backend::{BackendPolicy, ReplayProtection, VerifiedGateway};
use flips::{Part, flipped};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use strategies::{
    Body, any_header_value, any_target, handler_text, header_bytes, is_ambiguous, parameters, path,
    request_body, written,
};
use support::{
    BACKEND_KEY, BACKEND_SECRET, BareStyle, BehindGateway, ClashWinner, DigestLine, Forwarded,
    GatewayStyle, NOW, SignedPath, WINDOW_MILLIS, Wire, backend_string_to_sign, hmac_sha256,
};

/// What is to be sent on, before anybody signs it: every name has one value.
#[derive(Clone, Debug)]
struct Request {
    call: Forwarded,
    path: String,
}

fn request() -> impl Strategy<Value = Request> {
    let method = prop_oneof![Just("GET".to_owned()), Just("POST".to_owned()), "[A-Z]{1,7}"];
    let headers = btree_map("[xX]-[a-bA-B0-9]{1,4}", header_bytes(), 0..4);
    let absent = vec("[yY]-[a-bA-B0-9]{1,4}", 0..3);
    ((method, path(), parameters(), request_body()), headers, absent).prop_map(
        |((method, path, parameters, body), headers, absent)| {
            let query = written(&parameters, |places| &places.query);
            let target = match query.as_str() {
                "" => path.clone(),
                query => format!("{path}?{query}"),
            };
            let mut call = Forwarded::new(&method, &target);
            let mut names = Vec::new();
            for (name, value) in headers {
                if !names.contains(&name.to_ascii_lowercase()) {
                    names.push(name.to_ascii_lowercase());
                    call = call.signed_header(&name, value);
                }
            }
            for name in absent {
                if !names.contains(&name.to_ascii_lowercase()) {
                    names.push(name.to_ascii_lowercase());
                    call = call.declare(&name);
                }
            }
            call = match body {
                Body::None => call,
                Body::Digested(body, content_type) => {
                    call.body(body).header("content-type", content_type)
                }
                Body::Form(content_type) => call
                    .form(written(&parameters, |places| &places.form))
                    .header("content-type", content_type),
            };
            Request { call, path }
        },
    )
}

/// A request that a gateway has signed, by any reading of the rules.
fn forwarded() -> impl Strategy<Value = Wire> {
    let stamps = prop_oneof![
        Just(None),
        (header_bytes(), NOW - WINDOW_MILLIS..=NOW + WINDOW_MILLIS).prop_map(Some),
    ];
    (request(), stamps, any::<[bool; 5]>()).prop_map(|(Request { mut call, path }, stamps, how)| {
        let [raw, form_wins, bare, by_gateway, chunked] = how;
        if let Some((nonce, at)) = stamps {
            call = call.signed_header("X-Ca-Timestamp", at.to_string());
            call = call.signed_header("X-Ca-Nonce", nonce);
        }
        // The head alone tells of a form that its caller has digested; a body that nobody digests is
        // refused, which is another test.
        let line = if by_gateway { DigestLine::OfBody } else { DigestLine::AsForwarded };
        if !by_gateway {
            call = call.change(|wire| {
                let digest = support::md5_base64(&wire.body);
                wire.with("content-md5", digest)
            });
        }
        let style = GatewayStyle {
            path: if raw || is_ambiguous(&path) { SignedPath::Raw } else { SignedPath::Decoded },
            clash: if form_wins { ClashWinner::Form } else { ClashWinner::Query },
            bare: if bare { BareStyle::Bare } else { BareStyle::WithEquals },
            line,
        };
        let wire = call.style(style).sign();
        if chunked { wire.chunked() } else { wire }
    })
}

fn policies() -> [BackendPolicy; 3] {
    [
        BackendPolicy::strict(),
        BackendPolicy::gateway_compatible(),
        BackendPolicy::strict()
            .with_replay_protection(ReplayProtection::Required)
            .with_covered_header(HeaderName::from_static("x-a")),
    ]
}

/// The answer, on the wire if it is a refusal.
fn answer(policy: BackendPolicy, wire: &Wire) -> Result<VerifiedGateway, Rejection> {
    let answer = BehindGateway::new(policy).verify(wire);
    if let Err(rejection) = &answer {
        for dialect in [Dialect::Vpc, Dialect::Classic] {
            let response = dialect.render(rejection);
            assert!(response.headers()["x-ca-error-message"].len() <= 4096);
        }
        assert!(!format!("{rejection} {rejection:?}").is_empty());
    }
    answer
}

/// A request as a handler sees it, as far as the signature covers it.
#[derive(Debug, PartialEq)]
struct Seen {
    method: Method,
    path: Vec<String>,
    parameters: BTreeMap<String, Vec<String>>,
    body: Vec<u8>,
    headers: Vec<Option<Vec<u8>>>,
}

fn seen(wire: &Wire, covered: &[HeaderName]) -> Seen {
    let is_form = CaHeaders::collect(&wire.headers).is_form();
    let mut parameters = BTreeMap::<String, Vec<String>>::new();
    let form = if is_form { &wire.body[..] } else { b"" };
    let query = wire.target.query().unwrap_or_default().as_bytes();
    for part in query.split(|b| *b == b'&').chain(form.split(|b| *b == b'&')) {
        let (name, value) = match part.iter().position(|byte| *byte == b'=') {
            _ if part.is_empty() => continue,
            Some(at) => (&part[..at], &part[at + 1..]),
            None => (part, &b""[..]),
        };
        let values = parameters.entry(handler_text(name)).or_default();
        if !values.contains(&handler_text(value)) {
            values.push(handler_text(value));
        }
    }
    let path = if wire.target.path().is_empty() { "/" } else { wire.target.path() };
    let path = path.replace('+', "%2B");
    Seen {
        method: wire.method.clone(),
        path: path.split('/').map(|part| handler_text(part.as_bytes())).collect(),
        parameters,
        body: if is_form { Vec::new() } else { wire.body.clone() },
        headers: covered
            .iter()
            .map(|name| Some(wire.headers.get(name)?.as_bytes().trim_ascii().to_vec()))
            .collect(),
    }
}

fn covered_headers(wire: &Wire) -> Vec<HeaderName> {
    let list = wire.header("x-ca-proxy-signature-headers").to_vec();
    let list = String::from_utf8(list).unwrap();
    list.split(',').filter_map(|name| name.parse().ok()).collect()
}

/// All but `Content-Type`, which is not covered unless it is declared: a form whose parameters stand
/// in the query, too, can be made another body of the same bytes.
fn parts(wire: &Wire) -> Vec<Part> {
    let mut parts = vec![Part::Method, Part::Target];
    let names = wire.headers.keys().filter(|name| {
        *name != http::header::CONTENT_TYPE && !wire.header(name.as_str()).is_empty()
    });
    parts.extend(names.cloned().map(Part::Header));
    if !wire.body.is_empty() {
        parts.push(Part::Body);
    }
    parts
}

/// Whatever HTTP lets through.
fn any_request() -> impl Strategy<Value = Option<Wire>> {
    let name = proptest::sample::select(vec![
        "x-ca-proxy-signature",
        "x-ca-proxy-signature-headers",
        "x-ca-proxy-signature-secret-key",
        "x-ca-timestamp",
        "x-ca-nonce",
        "x-ca-key",
        "content-md5",
        "content-type",
        "content-length",
        "x-a",
    ]);
    let value = prop_oneof![2 => any_header_value(), 1 => Just(BACKEND_KEY.into())];
    let length = prop_oneof![
        Just(BodyLength::Empty),
        Just(BodyLength::Unknown),
        any::<u64>().prop_map(BodyLength::Known),
        (0..100_u64).prop_map(BodyLength::Known),
    ];
    let body = prop_oneof![vec(any::<u8>(), 0..80), "[ab%&=+0-9]{0,60}".prop_map(Into::into)];
    (any_target(), vec((name, value), 0..12), body, length, any::<bool>()).prop_map(
        |(target, lines, body, length, keyed)| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(name, HeaderValue::from_bytes(&value).ok()?);
            }
            if keyed {
                headers.insert("x-ca-proxy-signature-secret-key", BACKEND_KEY.parse().ok()?);
            }
            let target = Uri::try_from(target).ok()?;
            Some(Wire { method: Method::POST, target, headers, body, length })
        },
    )
}

fn signer() -> BackendSigner {
    let (key, secret) = (BackendKey::new(BACKEND_KEY), BackendSecret::new(BACKEND_SECRET));
    BackendSigner::new(key.unwrap(), secret.unwrap())
        .with_clock(std::sync::Arc::new(countersign::clock::ManualClock::at(
            countersign::clock::UnixMillis::new(NOW),
        )))
        .with_signed_header(HeaderName::from_static("x-a"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_gateway_signs_verifies(wire in forwarded()) {
        for policy in [BackendPolicy::strict(), BackendPolicy::gateway_compatible()] {
            let answer = answer(policy, &wire);
            prop_assert!(answer.is_ok(), "{:?}", answer.map_err(|rejection| rejection.message()));
            // Without reading it, nobody knows that a body of unknown length is none.
            let unread = wire.length == BodyLength::Unknown && wire.body.is_empty();
            prop_assert!(answer.unwrap().covers_body() || unread);
        }
    }

    #[test]
    fn what_was_claimed_once_is_not_accepted_again(wire in forwarded()) {
        let service = BehindGateway::strict();
        let claimed = service.verify(&wire).unwrap().is_claimed();
        let again = service.verify(&wire);
        prop_assert_eq!(again.is_err(), claimed);
    }

    #[test]
    fn one_bit_that_is_covered_breaks_the_signature(
        wire in forwarded(),
        part in any::<Index>(),
        at in any::<Index>(),
    ) {
        let parts = parts(&wire);
        let part = &parts[part.index(parts.len())];
        for bit in 0..8 {
            let Some(changed) = flipped(&wire, part, at, bit) else {
                continue;
            };
            if answer(BackendPolicy::strict(), &changed).is_ok() {
                let covered = covered_headers(&wire);
                prop_assert_eq!(
                    seen(&wire, &covered),
                    seen(&changed, &covered),
                    "bit {} of {:?} changed {:?} to {:?}", bit, part, wire, changed
                );
            }
        }
    }

    #[test]
    fn what_the_signer_signs_verifies_and_is_what_the_rules_say(
        request in request(),
        fresh in any::<bool>(),
    ) {
        let Request { call, path } = request;
        let mut wire = call.sign();
        for name in ["x-ca-proxy-signature", "x-ca-proxy-signature-headers"] {
            wire.headers.remove(name);
        }
        let stamps = if fresh { Stamps::Fresh } else { Stamps::AsForwarded };
        let signer = signer().with_stamps(stamps);
        let signed = signer.sign(&wire.head(), BackendBody::Bytes(&wire.body)).unwrap();
        signed.apply_to(&mut wire.headers).unwrap();

        let service = BehindGateway::strict();
        let verified = service.verify(&wire).map_err(|rejection| rejection.message());
        prop_assert!(verified.is_ok(), "{verified:?}");
        prop_assert_eq!(verified.unwrap().is_claimed(), fresh);
        prop_assert_eq!(service.verify(&wire).is_err(), fresh);

        let by = |path| {
            let style = GatewayStyle { path, ..GatewayStyle::default() };
            hmac_sha256(BACKEND_SECRET, &backend_string_to_sign(&wire, style)).into_bytes()
        };
        let signature = wire.header("x-ca-proxy-signature");
        let raw = is_ambiguous(&path) && signature == by(SignedPath::Raw);
        prop_assert!(raw || signature == by(SignedPath::Decoded));
    }

    #[test]
    fn another_secret_signs_nothing(wire in forwarded(), other in "[a-z]{6,20}") {
        let text = backend_string_to_sign(&wire, GatewayStyle::default());
        let forged = wire.with("x-ca-proxy-signature", hmac_sha256(&other, &text));
        prop_assert!(answer(BackendPolicy::gateway_compatible(), &forged).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_arrives_makes_the_verifier_or_the_signer_panic(wire in any_request()) {
        let Some(wire) = wire else { return Ok(()); };
        for policy in policies() {
            // Nobody guesses a signature.
            prop_assert!(answer(policy, &wire).is_err());
        }
        for body in [BackendBody::Bytes(&wire.body), BackendBody::DangerouslyUncovered] {
            if let Ok(signed) = signer().sign(&wire.head(), body) {
                let mut headers = wire.headers.clone();
                signed.apply_to(&mut headers).unwrap();
                prop_assert!(headers.contains_key("x-ca-proxy-signature"));
            }
        }
    }

    /// Malformed targets, forms and lists included.
    #[test]
    fn two_implementations_make_one_string(
        wire in any_request(),
        list in "[a-zA-Z, -]{0,30}(x-ca-key,X-A)?",
    ) {
        let Some(wire) = wire else { return Ok(()); };
        let wire = wire.with("x-ca-proxy-signature-headers", list);
        let proxy = ProxyHeaders::collect(&wire.headers);
        let listed = proxy.signature_headers.unwrap_or_default();
        let Ok(covered) = SignedHeaders::parse(listed, &wire.headers) else { return Ok(()); };
        let head = wire.head();
        let is_form = CaHeaders::collect(&wire.headers).is_form();
        let form = if is_form { &wire.body[..] } else { b"" };
        let params = Params::query(&head).unwrap().with_form(form).unwrap();
        let request = BackendRequest::new(&head, &covered, &params);
        let line = wire.header("content-md5").trim_ascii();
        let made = request.string_to_sign(line, BackendVariant::PRIMARY);
        let wanted = backend_string_to_sign(&wire, GatewayStyle::default());
        prop_assert_eq!(String::from_utf8_lossy(&made), String::from_utf8_lossy(&wanted));
    }
}
