//! The string to sign and the signature, from the protocol's text alone: strings, maps and sorting,
//! and nothing of the crate's own canonicalisation.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use super::Wire;

/// How a client reads the rules on which clients disagree. The default is the gateway's reading.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    pub(crate) path: SignedPath,
    pub(crate) clash: ClashWinner,
}

/// Which form of the path a client signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SignedPath {
    #[default]
    Decoded,
    Raw,
}

/// Whose value a client signs where query and form share a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ClashWinner {
    #[default]
    Query,
    Form,
}

/// What a client signs.
pub(crate) fn string_to_sign(wire: &Wire, style: Style) -> Vec<u8> {
    let content_type = match wire.headers.contains_key("x-ca-signed-content-type") {
        true => value(wire, "x-ca-signed-content-type"),
        false => value(wire, "content-type"),
    };
    let mut out = Vec::new();
    out.extend(wire.method.as_str().as_bytes());
    out.push(b'\n');
    for line in
        [value(wire, "accept"), value(wire, "content-md5"), content_type, value(wire, "date")]
    {
        out.extend(line);
        out.push(b'\n');
    }
    out.extend(header_lines(wire));
    out.extend(path(wire.target.path(), style.path));
    out.extend(parameters(wire, style.clash));
    out
}

fn header_lines(wire: &Wire) -> Vec<u8> {
    let list = String::from_utf8(value(wire, "x-ca-signature-headers")).unwrap();
    let mut lines: Vec<(String, Vec<u8>)> = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| (name.to_owned(), value(wire, name)))
        .collect();
    lines.sort();
    let mut out = Vec::new();
    for (name, value) in lines {
        out.extend(name.as_bytes());
        out.push(b':');
        out.extend(value);
        out.push(b'\n');
    }
    out
}

/// The first value of a header without the white space around it; nothing if it is absent.
fn value(wire: &Wire, name: &str) -> Vec<u8> {
    wire.header(name).trim_ascii().to_vec()
}

fn path(raw: &str, form: SignedPath) -> Vec<u8> {
    let raw = if raw.is_empty() { "/" } else { raw };
    match form {
        SignedPath::Raw => raw.as_bytes().to_vec(),
        SignedPath::Decoded => decoded_path(raw).unwrap_or_else(|| raw.as_bytes().to_vec()),
    }
}

/// `%hh` decoded once, `%2F` and `%5C` kept; nothing if an escape is malformed or the result is not
/// UTF-8.
pub(crate) fn decoded_path(raw: &str) -> Option<Vec<u8>> {
    let bytes = raw.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'%' {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        match escape(bytes, at)? {
            b'/' | b'\\' => out.extend(&bytes[at..at + 3]),
            byte => out.push(byte),
        }
        at += 3;
    }
    String::from_utf8(out).ok().map(String::into_bytes)
}

fn parameters(wire: &Wire, clash: ClashWinner) -> Vec<u8> {
    let content_type = value(wire, "content-type").to_ascii_lowercase();
    let is_form =
        String::from_utf8_lossy(&content_type).contains("application/x-www-form-urlencoded");
    let query = pairs(wire.target.query().unwrap_or("").as_bytes(), false);
    let form = if is_form { pairs(&wire.body, true) } else { Vec::new() };
    let all = match clash {
        ClashWinner::Query => [query, form].concat(),
        ClashWinner::Form => [form, query].concat(),
    };
    let mut first = BTreeMap::new();
    for (name, value) in all {
        first.entry(name).or_insert(value);
    }
    let mut out = Vec::new();
    for (name, value) in first {
        out.push(if out.is_empty() { b'?' } else { b'&' });
        out.extend(name);
        if !value.is_empty() {
            out.push(b'=');
            out.extend(value);
        }
    }
    out
}

fn pairs(text: &[u8], is_form: bool) -> Vec<(Vec<u8>, Vec<u8>)> {
    text.split(|byte| *byte == b'&')
        .filter(|part| !part.is_empty())
        .map(|part| match part.iter().position(|byte| *byte == b'=') {
            Some(at) => (decoded(&part[..at]), decoded(&part[at + 1..])),
            None if is_form => (part.to_vec(), Vec::new()),
            None => (decoded(part), Vec::new()),
        })
        .collect()
}

/// `+` is a space, `%hh` is a byte, and a malformed escape stays.
pub(crate) fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match (text[at], escape(text, at)) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (b'+', _) => {
                out.push(b' ');
                at += 1;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// The byte that `%hh` at this place stands for.
fn escape(text: &[u8], at: usize) -> Option<u8> {
    let digits = text.get(at + 1..at + 3)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).ok()
}

pub(crate) fn hmac_sha256(secret: &str, text: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text);
    STANDARD.encode(mac.finalize().into_bytes())
}

pub(crate) fn hmac_sha1(secret: &str, text: &[u8]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text);
    STANDARD.encode(mac.finalize().into_bytes())
}

pub(crate) fn md5_base64(body: &[u8]) -> String {
    STANDARD.encode(Md5::digest(body))
}
