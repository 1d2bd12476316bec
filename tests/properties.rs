//! What holds for every request: signed, it verifies; changed, it does not, unless a handler could
//! not see the change; and nothing that arrives makes the verifier panic.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use std::collections::BTreeMap;

use countersign::error::{Dialect, Rejection, RenderRejection};
use countersign::protocol::{BodyLength, Reading, Readings};
use countersign::verify::{
    AppCodeCarriers, Policy, ReplayIdentity, TimestampUnit, UnknownKey, Verified,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use support::{
    APP_CODE, Call, ClashWinner, KEY, NOW, Server, SignedPath, Style, WINDOW_MILLIS, Wire,
};

/// How a text is written: which bytes are escaped, and how. Read in a circle.
type Spelling = Vec<u8>;

fn spelling() -> impl Strategy<Value = Spelling> {
    vec(any::<u8>(), 1..16)
}

/// One of the ways to write `text` in a query or form.
fn spelled(text: &str, spelling: &[u8]) -> String {
    let choices = spelling.iter().cycle();
    text.bytes()
        .zip(choices)
        .map(|(byte, choice)| match (byte, choice % 3) {
            (b' ', 0 | 1) => "+".to_owned(),
            (byte, 0 | 1) if byte.is_ascii_alphanumeric() || b"-._~*!/:,;".contains(&byte) => {
                char::from(byte).to_string()
            }
            (byte, 1) => format!("%{byte:02x}"),
            (byte, _) => format!("%{byte:02X}"),
        })
        .collect()
}

/// Where a parameter stands, and how it is written each time.
#[derive(Clone, Debug)]
struct Places {
    value: String,
    query: Vec<Spelling>,
    form: Vec<Spelling>,
}

/// Parameters that the strict policy accepts: any Unicode, no separator in a name, every name with
/// one value, which may be said several times.
fn parameters() -> impl Strategy<Value = BTreeMap<String, Places>> {
    let name = prop_oneof![
        4 => "[a-zA-Z][a-zA-Z0-9_.\\[\\]-]{0,6}",
        1 => "[^&=]{0,6}",
    ];
    let value = prop_oneof![
        2 => "[a-zA-Z0-9]{0,8}",
        1 => any::<String>(),
        1 => "[ +%&=?#;/]{0,6}",
        1 => Just(String::new()),
    ];
    let places = (value, vec(spelling(), 0..3), vec(spelling(), 0..2));
    let places = places.prop_map(|(value, query, form)| Places { value, query, form });
    btree_map(name, places, 0..6)
}

fn written(parameters: &BTreeMap<String, Places>, places: fn(&Places) -> &[Spelling]) -> String {
    let mut pairs = Vec::new();
    for (name, parameter) in parameters {
        for spelling in places(parameter) {
            // An `=` even before an empty value: a form's bare name is signed as it is written.
            let name = spelled(name, spelling);
            let value = spelled(&parameter.value, spelling);
            // The order in which parameters are sent does not matter, so it depends on chance.
            pairs.push((spelling.clone(), format!("{name}={value}")));
        }
    }
    pairs.sort();
    let pairs: Vec<_> = pairs.into_iter().map(|(_, pair)| pair).collect();
    pairs.join("&")
}

/// A path in any spelling.
fn path() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9._~+@:,-]{1,6}",
        2 => Just("/".to_owned()),
        2 => any::<char>().prop_map(|c| {
            let mut buffer = [0; 4];
            let bytes = c.encode_utf8(&mut buffer).bytes();
            bytes.map(|byte| format!("%{byte:02X}")).collect()
        }),
        1 => any::<u8>().prop_map(|byte| format!("%{byte:02x}")),
        1 => Just("%".to_owned()),
    ];
    vec(piece, 0..6).prop_map(|pieces| format!("/{}", pieces.concat()))
}

fn header_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "[a-zA-Z0-9 ,;=/*-]{0,20}".prop_map(String::into_bytes),
        "[^\\p{Cc}]{0,10}".prop_map(String::into_bytes),
        vec(prop_oneof![0x20..=0x7e_u8, 0x80..=0xff_u8, Just(b'\t')], 0..12),
    ]
}

#[derive(Clone, Debug)]
enum Body {
    None,
    Digested(Vec<u8>, String),
    Form(String),
}

fn request_body() -> impl Strategy<Value = Body> {
    prop_oneof![
        Just(Body::None),
        (vec(any::<u8>(), 0..40), "[a-z]{1,5}/[a-z]{1,5}(; charset=utf-8)?")
            .prop_map(|(body, content_type)| Body::Digested(body, content_type)),
        prop_oneof![
            Just("application/x-www-form-urlencoded"),
            Just("Application/X-WWW-Form-URLEncoded;charset=UTF-8"),
        ]
        .prop_map(|content_type| Body::Form(content_type.to_owned())),
    ]
}

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

/// Whether a path must be signed raw for the strict policy: decoded it may read as another one.
fn is_ambiguous(path: &str) -> bool {
    let decoded = handler_text(path.replace('+', "%2B").as_bytes());
    let needless = |escape: &str| {
        let byte = escape.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    path.contains("%25")
        || path.split('%').skip(1).any(needless)
        || decoded.chars().any(|c| c == '?' || c.is_control())
}

// What a handler sees.

/// A text as a handler decodes it: `application/x-www-form-urlencoded`, to Unicode.
fn handler_text(text: &[u8]) -> String {
    let hex = |digit: u8| char::from(digit).to_digit(16);
    let mut out = Vec::new();
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        let escape = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match (first, escape) {
            (_, Some((high, low))) => {
                out.push((high * 16 + low) as u8);
                rest = &after[2..];
            }
            (b'+', None) => out.push(b' '),
            (byte, None) => out.push(*byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

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

/// A part of a request that is covered, as the bytes of which one bit will flip.
#[derive(Clone, Debug)]
enum Part {
    Method,
    Target,
    Header(HeaderName),
    Body,
}

/// The request with one bit of a part flipped, if that is HTTP at all.
fn flipped(wire: &Wire, part: &Part, at: Index, bit: u32) -> Option<Wire> {
    let mut wire = wire.clone();
    let flip = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        bytes
    };
    match part {
        Part::Method => {
            wire.method = Method::from_bytes(&flip(wire.method.as_str().as_bytes())).ok()?
        }
        Part::Target => {
            let target = flip(wire.target.to_string().as_bytes());
            wire.target = Uri::try_from(target).ok()?;
        }
        Part::Header(name) => {
            let value = wire.headers.get_mut(name)?;
            *value = HeaderValue::from_bytes(&flip(value.as_bytes())).ok()?;
        }
        Part::Body => wire.body = flip(&wire.body),
    }
    Some(wire)
}

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

// Anything at all.

fn any_target() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..60).prop_map(|mut bytes| {
            bytes.insert(0, b'/');
            bytes
        }),
        "/[a-z%0-9/+?&=]{0,40}".prop_map(String::into_bytes),
        "/\\?[ab%&=+0-9A-F]{0,60}".prop_map(String::into_bytes),
        "http://[a-z]{1,5}(:[0-9]{1,5})?(/[a-z%]{0,5})?(\\?[a-z&=%]{0,9})?"
            .prop_map(String::into_bytes),
        Just(b"*".to_vec()),
    ]
}

const PROTOCOL_HEADERS: [&str; 16] = [
    "x-ca-key",
    "x-ca-signature",
    "x-ca-signature-headers",
    "x-ca-signature-method",
    "x-ca-signed-content-type",
    "x-ca-timestamp",
    "x-ca-nonce",
    "content-md5",
    "content-type",
    "content-length",
    "authorization",
    "accept",
    "date",
    "host",
    "x-a",
    "cookie",
];

fn any_header_value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..40),
        Just(KEY.into()),
        Just(NOW.to_string().into_bytes()),
        Just(format!("APPCODE {APP_CODE}").into_bytes()),
        Just(b"application/x-www-form-urlencoded".to_vec()),
        Just(b"1B2M2Y8AsgTpgAmY7PhCfg==".to_vec()),
        Just(b"x-ca-key,X-Ca-Nonce,x-ca-timestamp".to_vec()),
        "[xX]-[a-z,; ]{0,30}".prop_map(String::into_bytes),
        "[A-Za-z0-9+/]{43}=".prop_map(String::into_bytes),
        "-?[0-9]{1,25}".prop_map(String::into_bytes),
    ]
}

/// Whatever HTTP lets through.
fn any_request() -> impl Strategy<Value = Option<Wire>> {
    let headers = vec((0..PROTOCOL_HEADERS.len(), any_header_value()), 0..14);
    let length = prop_oneof![
        Just(BodyLength::Empty),
        Just(BodyLength::Unknown),
        any::<u64>().prop_map(BodyLength::Known),
        (0..100_u64).prop_map(BodyLength::Known),
    ];
    let body =
        prop_oneof![vec(any::<u8>(), 0..80), "[ab%&=+0-9]{0,60}".prop_map(String::into_bytes),];
    (vec(any::<u8>(), 1..8), any_target(), headers, body, length).prop_map(
        |(method, target, lines, body, length)| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                let name = HeaderName::from_static(PROTOCOL_HEADERS[name]);
                headers.append(name, HeaderValue::from_bytes(&value).ok()?);
            }
            Some(Wire {
                method: Method::from_bytes(&method).unwrap_or(Method::GET),
                target: Uri::try_from(target).ok()?,
                headers,
                body,
                length,
            })
        },
    )
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
