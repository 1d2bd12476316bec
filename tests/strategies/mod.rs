//! Requests for property tests: what a client could mean to send, in any spelling, and whatever HTTP
//! lets through.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

use std::collections::BTreeMap;

use countersign::protocol::BodyLength;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::support::{APP_CODE, KEY, NOW, Wire};

/// How a text is written: which bytes are escaped, and how. Read in a circle.
pub(crate) type Spelling = Vec<u8>;

pub(crate) fn spelling() -> impl Strategy<Value = Spelling> {
    vec(any::<u8>(), 1..16)
}

/// One of the ways to write `text` in a query or form.
pub(crate) fn spelled(text: &str, spelling: &[u8]) -> String {
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
pub(crate) struct Places {
    pub(crate) value: String,
    pub(crate) query: Vec<Spelling>,
    pub(crate) form: Vec<Spelling>,
}

/// Parameters that the strict policy accepts: any Unicode, no separator in a name, every name with
/// one value, which may be said several times.
pub(crate) fn parameters() -> impl Strategy<Value = BTreeMap<String, Places>> {
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

pub(crate) fn written(
    parameters: &BTreeMap<String, Places>,
    places: fn(&Places) -> &[Spelling],
) -> String {
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
pub(crate) fn path() -> impl Strategy<Value = String> {
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

pub(crate) fn header_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "[a-zA-Z0-9 ,;=/*-]{0,20}".prop_map(String::into_bytes),
        "[^\\p{Cc}]{0,10}".prop_map(String::into_bytes),
        vec(prop_oneof![0x20..=0x7e_u8, 0x80..=0xff_u8, Just(b'\t')], 0..12),
    ]
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    None,
    Digested(Vec<u8>, String),
    Form(String),
}

pub(crate) fn request_body() -> impl Strategy<Value = Body> {
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

/// Whether a path must be signed raw for the strict policy: decoded it may read as another one.
pub(crate) fn is_ambiguous(path: &str) -> bool {
    let decoded = handler_text(path.replace('+', "%2B").as_bytes());
    let needless = |escape: &str| {
        let byte = escape.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    path.contains("%25")
        || path.split('%').skip(1).any(needless)
        || decoded.chars().any(|c| c == '?' || c.is_control())
}

/// A text as a handler decodes it: `application/x-www-form-urlencoded`, to Unicode.
pub(crate) fn handler_text(text: &[u8]) -> String {
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

// Anything at all.

pub(crate) fn any_target() -> impl Strategy<Value = Vec<u8>> {
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

pub(crate) const PROTOCOL_HEADERS: [&str; 16] = [
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

pub(crate) fn any_header_value() -> impl Strategy<Value = Vec<u8>> {
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
pub(crate) fn any_request() -> impl Strategy<Value = Option<Wire>> {
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
