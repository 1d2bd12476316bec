//! What holds for every request: signed, it verifies; changed, it does not, unless a handler could
//! not see the change; and nothing that arrives makes the verifier panic.

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

use countersign::error::{Dialect, Rejection, RenderRejection};
use countersign::protocol::{Reading, Readings};
use countersign::verify::{
    AppCodeCarriers, Policy, ReplayIdentity, TimestampUnit, UnknownKey, Verified,
};
use flips::{Part, flipped};
use http::{HeaderName, Uri};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use strategies::{
    Body, any_request, any_target, handler_text, header_bytes, is_ambiguous, parameters, path,
    request_body, written,
};
use support::{Call, ClashWinner, NOW, Server, SignedPath, Style, WINDOW_MILLIS, Wire};

/// A signed request that the strict policy must accept.
fn signed_request() -> impl Strategy<Value = Wire> {
    let method = prop_oneof![
        Just("GET".to_owned()),
        Just("POST".to_owned()),
        "[A-Z]{1,7}",
        "[A-Za-z!#$%&'*+.^_`|~-]{1,8}",
    ];
    let headers = btree_map("[xX]-[a-bA-B0-9]{1,4}", header_bytes(), 0..4);
    let nonce = header_bytes().prop_filter("a nonce", |nonce| !nonce.trim_ascii().is_empty());
    let timestamp = NOW - WINDOW_MILLIS..=NOW + WINDOW_MILLIS;
    let lines = (proptest::option::of(header_bytes()), proptest::option::of(header_bytes()));
    (
        (method, path(), parameters(), request_body()),
        (headers, nonce, timestamp, lines),
        (any::<bool>(), any::<bool>()),
    )
        .prop_map(
            |((method, path, parameters, body), (headers, nonce, timestamp, lines), style)| {
                let query = written(&parameters, |places| &places.query);
                let form = written(&parameters, |places| &places.form);
                let target = match query.as_str() {
                    "" => path.clone(),
                    query => format!("{path}?{query}"),
                };
                let mut call = Call::new(&method, &target).nonce(nonce).timestamp(timestamp);
                call = match body {
                    Body::None => call,
                    Body::Digested(body, content_type) => {
                        call.digested(body).header("content-type", content_type)
                    }
                    Body::Form(content_type) => {
                        call.form(form).header("content-type", content_type)
                    }
                };
                let mut seen = Vec::new();
                for (name, value) in headers {
                    if !seen.contains(&name.to_ascii_lowercase()) {
                        seen.push(name.to_ascii_lowercase());
                        call = call.signed_header(&name, value);
                    }
                }
                let (accept, date) = lines;
                if let Some(accept) = accept {
                    call = call.header("accept", accept);
                }
                if let Some(date) = date {
                    call = call.header("date", date);
                }
                let (raw, form_wins) = style;
                call.style(Style {
                    path: match raw || is_ambiguous(&path) {
                        true => SignedPath::Raw,
                        false => SignedPath::Decoded,
                    },
                    clash: match form_wins {
                        true => ClashWinner::Form,
                        false => ClashWinner::Query,
                    },
                })
                .sign()
            },
        )
}

// What a handler sees.

/// The parameters as a handler's map has them: every name with its values. A pair that is said
/// again is no other pair.
fn handler_parameters(text: &[u8]) -> BTreeMap<String, Vec<String>> {
    let mut parameters = BTreeMap::<String, Vec<String>>::new();
    for part in text.split(|byte| *byte == b'&').filter(|part| !part.is_empty()) {
        let (name, value) = match part.iter().position(|byte| *byte == b'=') {
            Some(at) => (&part[..at], &part[at + 1..]),
            None => (part, &b""[..]),
        };
        let values = parameters.entry(handler_text(name)).or_default();
        if !values.contains(&handler_text(value)) {
            values.push(handler_text(value));
        }
    }
    parameters
}

/// A request as a handler sees it, as far as a signature covers it.
#[derive(Debug, PartialEq)]
struct Seen {
    method: String,
    path: Vec<String>,
    query: BTreeMap<String, Vec<String>>,
    form: BTreeMap<String, Vec<String>>,
    body: Vec<u8>,
    headers: BTreeMap<String, Vec<u8>>,
}

fn is_form(wire: &Wire) -> bool {
    let content_type = wire.header("content-type").to_ascii_lowercase();
    content_type.windows(33).any(|part| part == b"application/x-www-form-urlencoded")
}

fn seen(wire: &Wire, covered: &[HeaderName]) -> Seen {
    // A target without a path, such as `*.example.com:80`, asks for the root.
    let path = match wire.target.path() {
        "" => "/",
        path => path,
    };
    let segments = path.replace('+', "%2B");
    let form = is_form(wire);
    Seen {
        method: wire.method.to_string(),
        path: segments.split('/').map(|part| handler_text(part.as_bytes())).collect(),
        query: handler_parameters(wire.target.query().unwrap_or_default().as_bytes()),
        form: if form { handler_parameters(&wire.body) } else { BTreeMap::new() },
        body: if form { Vec::new() } else { wire.body.clone() },
        headers: covered
            .iter()
            .map(|name| {
                let value = wire.header(name.as_str()).trim_ascii().to_vec();
                (name.to_string(), value)
            })
            .collect(),
    }
}

/// The headers whose values a signature covers: the declared ones and those with lines.
fn covered_headers(wire: &Wire) -> Vec<HeaderName> {
    let list = String::from_utf8(wire.header("x-ca-signature-headers").to_vec()).unwrap();
    let lines = ["accept", "content-md5", "content-type", "date"];
    let mut names: Vec<HeaderName> = list
        .split(',')
        .chain(lines)
        .map(|name| name.parse().unwrap())
        .filter(|name| wire.headers.contains_key(name))
        .collect();
    names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    names.dedup();
    names
}

// One bit.

fn parts(wire: &Wire) -> Vec<Part> {
    let mut parts = vec![Part::Method, Part::Target];
    let mut names = covered_headers(wire);
    names.extend(["x-ca-signature", "x-ca-signature-headers"].map(HeaderName::from_static));
    for name in names {
        if !wire.header(name.as_str()).is_empty() {
            parts.push(Part::Header(name));
        }
    }
    if !wire.body.is_empty() {
        parts.push(Part::Body);
    }
    parts
}

/// Policies that between them reach every branch.
fn policies() -> [Policy; 3] {
    let readings = Reading::ALL.into_iter().fold(Readings::NONE, Readings::with);
    [
        Policy::strict(),
        Policy::gateway_compatible(),
        Policy::gateway_compatible()
            .with_readings(readings)
            .with_app_code(AppCodeCarriers::HeaderAndQuery)
            .with_unknown_key(UnknownKey::AsWrongSignature)
            .with_replay_identity(ReplayIdentity::NonceOrSignature)
            .with_timestamp_unit(TimestampUnit::MillisOrSeconds),
    ]
}

/// The answer, on the wire if it is a refusal.
fn answer(policy: Policy, wire: &Wire) -> Result<Verified, Rejection> {
    let answer = Server::new(policy).verify(wire);
    if let Err(rejection) = &answer {
        for dialect in [Dialect::Vpc, Dialect::Classic] {
            let response = dialect.render(rejection);
            assert!(response.headers()["x-ca-error-message"].len() <= 4096);
        }
        assert!(!format!("{rejection} {rejection:?}").is_empty());
    }
    answer
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_client_signs_verifies(wire in signed_request()) {
        for policy in policies() {
            let answer = answer(policy, &wire);
            prop_assert!(answer.is_ok(), "{:?}", answer.map_err(|rejection| rejection.message()));
            let verified = answer.unwrap();
            prop_assert_eq!(verified.app_id(), "demo");
            prop_assert_eq!(verified.nonce(), Some(wire.header("x-ca-nonce").trim_ascii()));
        }
    }

    #[test]
    fn what_was_accepted_once_is_not_accepted_again(wire in signed_request()) {
        for policy in policies() {
            let server = Server::new(policy);
            prop_assert!(server.verify(&wire).is_ok());
            let again = server.verify(&wire);
            prop_assert_eq!(again.unwrap_err().message(), "Nonce Used");
        }
    }

    #[test]
    fn one_bit_that_a_handler_could_see_breaks_the_signature(
        wire in signed_request(),
        part in any::<Index>(),
        at in any::<Index>(),
    ) {
        let parts = parts(&wire);
        let part = &parts[part.index(parts.len())];
        for bit in 0..8 {
            let Some(changed) = flipped(&wire, part, at, bit) else {
                continue;
            };
            if answer(Policy::strict(), &changed).is_ok() {
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
    fn another_secret_signs_nothing(wire in signed_request(), other in "[a-z]{1,20}") {
        let text = support::string_to_sign(&wire, Style::default());
        let forged = wire.with("x-ca-signature", support::hmac_sha256(&other, &text));
        prop_assert!(answer(Policy::gateway_compatible(), &forged).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_arrives_makes_the_verifier_panic(wire in any_request()) {
        let Some(wire) = wire else { return Ok(()); };
        for policy in policies() {
            let answer = answer(policy, &wire);
            // Nobody guesses a signature; an AppCode may have been put in.
            let by_app_code = wire.header("authorization").starts_with(b"APPCODE");
            prop_assert!(answer.is_err() || by_app_code);
        }
    }

    /// Client and server read any bytes alike, malformed ones included.
    #[test]
    fn client_and_server_read_any_target_and_form_alike(
        target in any_target(),
        form in prop_oneof![
            vec(any::<u8>(), 0..80),
            "[ab%&=+0-9A-F]{0,60}".prop_map(String::into_bytes),
        ],
    ) {
        let Ok(target) = Uri::try_from(target) else { return Ok(()); };
        let call = Call::post("/").form(form).change(|wire| Wire { target, ..wire });
        let answer = answer(Policy::gateway_compatible(), &call.sign());
        prop_assert!(answer.is_ok(), "{:?}", answer.map_err(|rejection| rejection.message()));
    }
}
