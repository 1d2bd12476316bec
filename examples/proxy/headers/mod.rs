//! Which headers cross the proxy, and which it writes.

pub(super) mod connection;
pub(super) mod credentials;
pub(super) mod forwarded;
pub(super) mod framing;
pub(super) mod reserved;
pub(super) mod via;

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

/// Removes the headers whose names are so. They are shown with hyphens for all but letters and digits:
/// services that get headers as variables cannot tell one from the other, some only `_` and `-`,
/// others no sign at all. What a name means, its look-alikes mean to them.
fn strip(headers: &mut HeaderMap, is_so: impl Fn(&str) -> bool) {
    let names: Vec<HeaderName> =
        headers.keys().filter(|name| is_so(&hyphened(name.as_str()))).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

fn hyphened(name: &str) -> Cow<'_, str> {
    let is_sign = |c: char| c != '-' && !c.is_ascii_alphanumeric();
    if name.contains(is_sign) { name.replace(is_sign, "-").into() } else { name.into() }
}

/// Whether it may be another header's look-alike.
fn is_odd(name: &str) -> bool {
    matches!(hyphened(name), Cow::Owned(_))
}

/// The elements of a comma-separated list, in all lines of the header. What is not ASCII becomes
/// something that no list has.
pub(super) fn elements(headers: &HeaderMap, name: &HeaderName) -> impl Iterator<Item = String> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let lines: Vec<String> = headers.get_all(name).iter().map(text).collect();
    lines.into_iter().flat_map(|line| {
        let elements = line.split(',').map(|element| element.trim_matches([' ', '\t']).to_owned());
        elements.filter(|element| !element.is_empty()).collect::<Vec<_>>()
    })
}
