//! The string to sign of ROA.

use std::fmt;

use super::{RoaValues, RoaVariant};
use crate::header::ACS_PREFIX;
use crate::protocol::openapi::params::is_only_a_name;
use crate::protocol::openapi::{AcsHeaders, AcsReading, AcsReadings};
use crate::protocol::{CanonicalPath, Clash, EmptyValue, Params, PathForm, RequestHead};

/// Everything that a ROA signature covers: the method, four headers, every `x-acs-*` header, path and
/// query. Not the host, and a body through its `Content-MD5` alone.
///
/// ```
/// use countersign::protocol::openapi::{AcsHeaders, RoaRequest, RoaVariant};
/// use countersign::protocol::{BodyLength, Params, RequestHead};
/// use http::{HeaderMap, HeaderValue, Method, Uri};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-acs-version", HeaderValue::from_static("2015-12-15"));
/// headers.insert("accept", HeaderValue::from_static("application/json"));
/// let target = Uri::from_static("/clusters?b=%2B&a");
/// let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
/// let params = Params::query(&head)?;
/// let request = RoaRequest::new(&head, &AcsHeaders::collect(&headers), &params);
/// assert_eq!(
///     request.string_to_sign(RoaVariant::PRIMARY),
///     b"GET\napplication/json\n\n\n\nx-acs-version:2015-12-15\n/clusters?a=&b=+",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RoaRequest<'a> {
    method: &'a [u8],
    /// `Accept`, `Content-MD5`, `Content-Type`, `Date`.
    lines: [&'a [u8]; 4],
    headers: Vec<(&'a str, &'a [u8])>,
    path: CanonicalPath<'a>,
    params: &'a Params<'a>,
}

impl<'a> RoaRequest<'a> {
    /// The canonical form of `head` with the parameters of its query.
    ///
    /// A header that occurs twice is refused before ([`AcsHeaders::repeated`] and
    /// [`AcsHeaders::repeated_accept`]); so is a name that reads as others
    /// ([`Params::ambiguous_name`]), because names and values are written unescaped.
    #[must_use]
    pub fn new(head: &RequestHead<'a>, acs: &AcsHeaders<'a>, params: &'a Params<'a>) -> Self {
        let all = head.headers().iter();
        let signed = all.filter(|(name, _)| name.as_str().starts_with(ACS_PREFIX));
        let signed = signed.map(|(name, value)| (name.as_str(), value.as_bytes().trim_ascii()));
        let mut headers = Vec::with_capacity(8);
        headers.extend(signed);
        headers.sort_unstable();
        let lines = [acs.accept, acs.content_md5, acs.content_type, acs.date];
        Self {
            method: head.method().as_str().as_bytes(),
            lines: lines.map(Option::unwrap_or_default),
            headers,
            path: CanonicalPath::new(head.path()).raw_if_ambiguous(),
            params,
        }
    }

    /// The string to sign by one reading of the rules.
    #[must_use]
    pub fn string_to_sign(&self, variant: RoaVariant) -> Vec<u8> {
        self.write(variant, |_| true)
    }

    /// The primary string to sign, with the values of some `x-acs-*` headers replaced by their
    /// length, for showing to the caller.
    #[must_use]
    pub fn disclosed(&self, shows: impl Fn(&str) -> bool) -> String {
        String::from_utf8_lossy(&self.write(RoaVariant::PRIMARY, shows)).into_owned()
    }

    fn write(&self, variant: RoaVariant, shows: impl Fn(&str) -> bool) -> Vec<u8> {
        let len: usize = self.values().map(<[u8]>::len).sum();
        let mut out = Vec::with_capacity(len + 512);
        out.extend_from_slice(self.method);
        out.push(b'\n');
        for line in self.lines {
            write_value(&mut out, line, variant.values);
        }
        for (name, value) in &self.headers {
            out.extend_from_slice(name.as_bytes());
            out.push(b':');
            match shows(name) {
                true => write_value(&mut out, value, variant.values),
                false => out.extend_from_slice(format!("({} bytes)\n", value.len()).as_bytes()),
            }
        }
        out.extend_from_slice(self.path.form(variant.path).as_bytes());
        let mut separator = b'?';
        for param in self.params.signed(Clash::QueryWins) {
            out.push(separator);
            out.extend_from_slice(param.name());
            if variant.empty == EmptyValue::WithEquals || !is_only_a_name(param) {
                out.push(b'=');
                out.extend_from_slice(param.value());
            }
            separator = b'&';
        }
        out
    }

    /// The readings by which this request's string differs from the primary one, and their
    /// combinations: none for an ordinary request.
    #[must_use]
    pub fn alternates(&self, readings: AcsReadings) -> Vec<RoaVariant> {
        let decoded = self.path.form(PathForm::Decoded) != self.path.form(PathForm::Raw);
        let tabbed = self.values().any(|value| value.contains(&b'\t'));
        let mut variants = vec![RoaVariant::PRIMARY];
        let mut read_also = |reading, matters: bool, read: fn(RoaVariant) -> RoaVariant| {
            if matters && readings.contains(reading) {
                let more: Vec<_> = variants.iter().map(|variant| read(*variant)).collect();
                variants.extend(more);
            }
        };
        read_also(AcsReading::RoaDecodedPath, decoded, |variant| RoaVariant {
            path: PathForm::Decoded,
            ..variant
        });
        let bare = self.params.iter().any(is_only_a_name);
        read_also(AcsReading::RoaBareEmpty, bare, |variant| RoaVariant {
            empty: EmptyValue::BareName,
            ..variant
        });
        read_also(AcsReading::DangerousRoaSpacedValues, tabbed, |variant| RoaVariant {
            values: RoaValues::Spaced,
            ..variant
        });
        variants.remove(0);
        variants
    }

    fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.lines.into_iter().chain(self.headers.iter().map(|(_, value)| *value))
    }
}

fn write_value(out: &mut Vec<u8>, value: &[u8], values: RoaValues) {
    match values {
        RoaValues::AsSent => out.extend_from_slice(value),
        RoaValues::Spaced => {
            out.extend(value.iter().map(|byte| if *byte == b'\t' { b' ' } else { *byte }));
        }
    }
    out.push(b'\n');
}

/// Without the values: signed is what is worth protecting.
impl fmt::Debug for RoaRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("RoaRequest")
            .field("headers", &names)
            .field("path", &self.path)
            .field("params", &self.params)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method, Uri};

    use super::*;
    use crate::protocol::BodyLength;

    fn look<T>(target: &str, value: &'static str, look: impl Fn(&RoaRequest<'_>) -> T) -> T {
        let mut headers = HeaderMap::new();
        headers.insert("x-acs-b", HeaderValue::from_static(value));
        headers.insert("x-acs-a", HeaderValue::from_static(" 1 "));
        headers.insert("x-other", HeaderValue::from_static("2"));
        headers.insert("date", HeaderValue::from_static("now"));
        let target: Uri = target.parse().unwrap();
        let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
        let params = Params::query(&head).unwrap();
        look(&RoaRequest::new(&head, &AcsHeaders::collect(&headers), &params))
    }

    fn all(readings: AcsReadings, target: &str, value: &'static str) -> Vec<String> {
        look(target, value, |request| {
            let variants = [RoaVariant::PRIMARY].into_iter().chain(request.alternates(readings));
            variants.map(|v| String::from_utf8(request.string_to_sign(v)).unwrap()).collect()
        })
    }

    #[test]
    fn every_acs_header_is_signed_and_no_other() {
        assert_eq!(
            all(AcsReadings::default(), "/a?z=%26&y=1+2", "v"),
            ["GET\n\n\n\nnow\nx-acs-a:1\nx-acs-b:v\n/a?y=1 2&z=&"]
        );
    }

    #[test]
    fn a_path_and_an_empty_value_have_two_readings_each() {
        let head = "GET\n\n\n\nnow\nx-acs-a:1\nx-acs-b:v\n";
        let strings =
            ["/a%20b?k=", "/a b?k=", "/a%20b?k", "/a b?k"].map(|end| format!("{head}{end}"));
        assert_eq!(all(AcsReadings::default(), "/a%20b?k=", "v"), strings);
        assert_eq!(all(AcsReadings::NONE, "/a%20b?k=", "v"), strings[..1]);
    }

    #[test]
    fn a_path_that_decodes_to_another_request_is_signed_raw() {
        for path in ["/a%3Fb", "/a%0Ab", "/a%2541", "/%61"] {
            assert_eq!(all(AcsReadings::default(), path, "v").len(), 1, "{path}");
        }
    }

    #[test]
    fn a_tab_is_a_space_only_where_that_is_named() {
        assert_eq!(all(AcsReadings::default(), "/", "a\tb").len(), 1);
        let named = AcsReadings::default().with(AcsReading::DangerousRoaSpacedValues);
        let strings = all(named, "/", "a\tb");
        assert!(strings[0].contains("x-acs-b:a\tb\n") && strings[1].contains("x-acs-b:a b\n"));
    }

    #[test]
    fn a_value_that_is_not_shown_is_told_by_its_length() {
        let shown = look("/", "secret", |request| request.disclosed(|name| name == "x-acs-a"));
        assert_eq!(shown, "GET\n\n\n\nnow\nx-acs-a:1\nx-acs-b:(6 bytes)\n/");
    }
}
