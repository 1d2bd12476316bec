//! Signs as clients do, written from the rules alone.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::strategies::{Spelling, spelled};
use crate::support::{Wire, hmac_sha1, hmac_sha256, md5_base64};

pub(crate) const KEY: &str = "testid";
pub(crate) const SECRET: &str = "testsecret";

/// How a client reads the rules on which clients disagree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// RPC: sorts by UTF-16 units.
    pub(crate) utf16: bool,
    /// ROA, V3: signs the path decoded where that is no other request's.
    pub(crate) decoded_path: bool,
    /// ROA, V3: writes a parameter without a value as a bare name.
    pub(crate) bare_empty: bool,
    /// V3: writes names unencoded where they cannot be mistaken.
    pub(crate) plain_names: bool,
}

/// A parameter: its value, how it is written, and whether it stands in the form.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) value: String,
    pub(crate) spelling: Spelling,
    pub(crate) in_form: bool,
}

pub(crate) type Places = BTreeMap<String, Place>;

/// The parameters of the query or of the form as they are sent.
pub(crate) fn written(places: &Places, in_form: bool) -> String {
    let mut pairs: Vec<_> = places.iter().filter(|(_, place)| place.in_form == in_form).collect();
    // The order in which they are sent does not matter, so it depends on chance.
    pairs.sort_by(|(_, a), (_, b)| a.spelling.cmp(&b.spelling));
    let pair = |(name, place): (&String, &Place)| {
        let spelling = &place.spelling;
        format!("{}={}", spelled(name, spelling), spelled(&place.value, spelling))
    };
    pairs.into_iter().map(pair).collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The signature of an RPC request with these parameters.
pub(crate) fn rpc_signature(method: &str, places: &Places, style: Style) -> String {
    let mut pairs: Vec<_> = places.iter().collect();
    if style.utf16 {
        pairs.sort_by_key(|(name, _)| name.encode_utf16().collect::<Vec<_>>());
    }
    let pair = |(name, place): (&String, &Place)| [encoded(name), encoded(&place.value)].join("=");
    let canonical: Vec<_> = pairs.into_iter().map(pair).collect();
    let string = format!("{method}&%2F&{}", encoded(&canonical.join("&")));
    hmac_sha1(&format!("{SECRET}&"), string.as_bytes())
}

/// Adds a ROA signature, and the digest of a body.
pub(crate) fn sign_roa(wire: Wire, places: &Places, style: Style) -> Wire {
    let wire = match wire.body.is_empty() {
        true => wire,
        false => {
            let digest = md5_base64(&wire.body);
            wire.with("content-md5", digest)
        }
    };
    let mut string = wire.method.as_str().as_bytes().to_vec();
    for name in ["accept", "content-md5", "content-type", "date"] {
        string.extend([b"\n", wire.header(name).trim_ascii()].concat());
    }
    string.push(b'\n');
    let mut names: Vec<_> = wire.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    for name in names.into_iter().filter(|name| name.starts_with("x-acs-")) {
        string.extend([name.as_bytes(), b":", wire.header(name).trim_ascii(), b"\n"].concat());
    }
    string.extend(signed_path(wire.target.path(), style).into_bytes());
    for (at, (name, place)) in places.iter().enumerate() {
        string.push(if at == 0 { b'?' } else { b'&' });
        string.extend(pair(name.clone(), &place.value, style).into_bytes());
    }
    wire.with("authorization", format!("acs {KEY}:{}", hmac_sha1(SECRET, &string)))
}

/// Adds a V3 signature that covers all headers there are.
pub(crate) fn sign_v3(wire: Wire, places: &Places, style: Style) -> Wire {
    let digest = sha256_hex(&wire.body);
    let wire = wire.with("x-acs-content-sha256", &digest);
    let mut names: Vec<_> = wire.headers.keys().map(|name| name.as_str().to_owned()).collect();
    names.sort_unstable();
    let is_plain =
        |name: &String| !name.contains(|c: char| "&=% ".contains(c) || c.is_ascii_control());
    let plain_names = style.plain_names && places.keys().all(is_plain);
    let query: Vec<_> = places
        .iter()
        .map(|(name, place)| {
            let name = if plain_names { name.clone() } else { encoded(name) };
            pair(name, &encoded(&place.value), style)
        })
        .collect();
    let path = signed_path(wire.target.path(), style);
    let mut canonical = format!("{}\n{path}\n{}\n", wire.method, query.join("&")).into_bytes();
    for name in &names {
        canonical.extend([name.as_bytes(), b":", wire.header(name).trim_ascii(), b"\n"].concat());
    }
    canonical.extend(format!("\n{}\n{digest}", names.join(";")).into_bytes());
    let string = format!("ACS3-HMAC-SHA256\n{}", sha256_hex(&canonical));
    let mac = STANDARD.decode(hmac_sha256(SECRET, string.as_bytes())).unwrap();
    let list = names.join(";");
    let authorization =
        format!("ACS3-HMAC-SHA256 Credential={KEY},SignedHeaders={list},Signature={}", hex(&mac));
    wire.with("authorization", authorization)
}

fn pair(name: String, value: &str, style: Style) -> String {
    match value.is_empty() && !name.is_empty() && style.bare_empty {
        true => name,
        false => format!("{name}={value}"),
    }
}

/// The path as it is sent or, in that style, decoded, but for the escapes of separators.
fn signed_path(path: &str, style: Style) -> String {
    if !style.decoded_path || crate::strategies::is_ambiguous(path) {
        return path.to_owned();
    }
    decoded_path(path).unwrap_or_else(|| path.to_owned())
}

fn decoded_path(path: &str) -> Option<String> {
    let mut pieces = path.split('%');
    let mut out = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let digits =
            piece.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        match u8::from_str_radix(digits, 16).ok()? {
            b'/' | b'\\' => out.extend([b"%", digits.as_bytes()].concat()),
            byte => out.push(byte),
        }
        out.extend(piece[2..].bytes());
    }
    String::from_utf8(out).ok()
}
