//! The canonical request and the string to sign of V3.

use std::borrow::Cow;
use std::fmt;

use super::{V3Names, V3Path, V3SignedHeaders, V3Variant};
use crate::protocol::openapi::encode::{encode, is_unreserved};
use crate::protocol::openapi::params::is_only_a_name;
use crate::protocol::openapi::{
    AcsReading, AcsReadings, AcsSignatureMethod, PayloadAlgorithm, PayloadDigest,
};
use crate::protocol::{
    CanonicalPath, Clash, EmptyValue, Params, PathForm, RequestHead, SignedHeader,
};

/// Everything that a V3 signature covers: method, path, query, the listed headers, and the body by its
/// digest.
#[derive(Clone)]
pub struct V3Request<'a> {
    method: &'a str,
    path: CanonicalPath<'a>,
    params: &'a Params<'a>,
    headers: &'a V3SignedHeaders<'a>,
    payload: PayloadDigest,
}

impl<'a> V3Request<'a> {
    /// The canonical form of `head` with these signed headers, the parameters of its query, and a
    /// body of this digest: the one that `x-acs-content-sha256` tells, which is compared with the
    /// body once the signature is verified.
    #[must_use]
    pub fn new(
        head: &RequestHead<'a>,
        headers: &'a V3SignedHeaders<'a>,
        params: &'a Params<'a>,
        payload: PayloadDigest,
    ) -> Self {
        let path = CanonicalPath::new(head.path()).raw_if_ambiguous();
        Self { method: head.method().as_str(), path, params, headers, payload }
    }

    /// The canonical request by one reading of the rules.
    #[must_use]
    pub fn canonical_request(&self, variant: V3Variant) -> Vec<u8> {
        self.write(variant, |_| true)
    }

    /// The primary canonical request, with the values of some headers replaced by their length, for
    /// showing to the caller.
    #[must_use]
    pub fn disclosed(&self, shows: impl Fn(&SignedHeader<'_>) -> bool) -> String {
        String::from_utf8_lossy(&self.write(V3Variant::PRIMARY, shows)).into_owned()
    }

    /// The string to sign by one reading of the rules: the method's name and the digest of the
    /// canonical request.
    #[must_use]
    pub fn string_to_sign(&self, method: AcsSignatureMethod, variant: V3Variant) -> Vec<u8> {
        Self::digested(method, &self.canonical_request(variant))
    }

    /// The string to sign of a canonical request.
    pub(crate) fn digested(method: AcsSignatureMethod, canonical: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        out.extend_from_slice(method.as_str().as_bytes());
        out.push(b'\n');
        PayloadAlgorithm::of(method).digest(canonical).write(&mut out);
        out
    }

    fn write(&self, variant: V3Variant, shows: impl Fn(&SignedHeader<'_>) -> bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.headers.signed_len() + 512);
        out.extend_from_slice(self.method.as_bytes());
        out.push(b'\n');
        out.extend_from_slice(self.path(variant.path).as_bytes());
        out.push(b'\n');
        self.write_query(variant, &mut out);
        out.push(b'\n');
        for header in self.headers.iter() {
            out.extend_from_slice(header.name().as_bytes());
            out.push(b':');
            match shows(header) {
                true => out.extend_from_slice(header.value()),
                false => {
                    out.extend_from_slice(format!("({} bytes)", header.value().len()).as_bytes());
                }
            }
            out.push(b'\n');
        }
        out.push(b'\n');
        out.extend_from_slice(self.headers.list().as_bytes());
        out.push(b'\n');
        self.payload.write(&mut out);
        out
    }

    fn write_query(&self, variant: V3Variant, out: &mut Vec<u8>) {
        for (at, param) in self.params.signed(Clash::QueryWins).enumerate() {
            if at > 0 {
                out.push(b'&');
            }
            match variant.names {
                V3Names::Encoded => encode(out, param.name()),
                V3Names::Unencoded => out.extend_from_slice(param.name()),
            }
            if variant.empty == EmptyValue::WithEquals || !is_only_a_name(param) {
                out.push(b'=');
                encode(out, param.value());
            }
        }
    }

    fn path(&self, path: V3Path) -> Cow<'_, str> {
        let raw = self.path.form(PathForm::Raw);
        match path {
            V3Path::Raw => Cow::Borrowed(raw),
            V3Path::Decoded => Cow::Borrowed(self.path.form(PathForm::Decoded)),
            V3Path::EmptyForRoot => Cow::Borrowed(self.path.form(PathForm::EmptyForRoot)),
            V3Path::Rewritten => {
                Cow::Owned(raw.replace('+', "%20").replace('*', "%2A").replace("%7E", "~"))
            }
            V3Path::RewrittenOnce => {
                let first = raw.replacen('+', "%20", 1).replacen('*', "%2A", 1);
                Cow::Owned(first.replacen("%7E", "~", 1))
            }
        }
    }

    /// The readings by which this request's string differs from the primary one, and their
    /// combinations: none for an ordinary request.
    #[must_use]
    pub fn alternates(&self, readings: AcsReadings) -> Vec<V3Variant> {
        let names = [V3Names::Encoded].into_iter().chain(self.other_names(readings));
        let bare =
            readings.contains(AcsReading::V3BareEmpty) && self.params.iter().any(is_only_a_name);
        let empties =
            [EmptyValue::WithEquals].into_iter().chain(bare.then_some(EmptyValue::BareName));
        let paths = self.paths(readings);
        let of_path = |path: &V3Path| {
            let path = *path;
            let of_names =
                |names| empties.clone().map(move |empty| V3Variant { path, names, empty });
            names.clone().flat_map(of_names).collect::<Vec<_>>()
        };
        let mut variants: Vec<_> = paths.iter().flat_map(of_path).collect();
        variants.remove(0);
        variants
    }

    fn other_names(&self, readings: AcsReadings) -> Option<V3Names> {
        let all = |are: fn(&u8) -> bool| {
            self.params.iter().map(|param| param.name()).all(|name| name.iter().all(are))
        };
        let (differ, safe) = (!all(is_unreserved), all(is_safe));
        let allowed = match safe {
            true => readings.contains(AcsReading::V3UnencodedNames),
            false => readings.contains(AcsReading::DangerousV3AmbiguousNames),
        };
        (differ && allowed).then_some(V3Names::Unencoded)
    }

    /// The raw path, and those other forms that differ from all before them.
    fn paths(&self, readings: AcsReadings) -> Vec<V3Path> {
        let rewrites = match self.path.form(PathForm::Raw).contains('+') {
            true => AcsReading::DangerousV3RewrittenPlus,
            false => AcsReading::V3RewrittenPath,
        };
        let mut paths = vec![V3Path::Raw];
        for (reading, path) in [
            (AcsReading::V3DecodedPath, V3Path::Decoded),
            (AcsReading::V3EmptyRootPath, V3Path::EmptyForRoot),
            (rewrites, V3Path::Rewritten),
            (rewrites, V3Path::RewrittenOnce),
        ] {
            let is_new = || paths.iter().all(|other| self.path(*other) != self.path(path));
            // Of other paths than `/` that form is the decoded one.
            let is_own = path != V3Path::EmptyForRoot || self.path(path).is_empty();
            if readings.contains(reading) && is_own && is_new() {
                paths.push(path);
            }
        }
        paths
    }
}

/// Whether a byte of an unencoded name can neither end it nor be part of an escape.
fn is_safe(byte: &u8) -> bool {
    !matches!(byte, b'&' | b'=' | b'%' | b' ') && !byte.is_ascii_control()
}

/// Without the values: signed is what is worth protecting.
impl fmt::Debug for V3Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("V3Request")
            .field("method", &self.method)
            .field("headers", &self.headers)
            .field("path", &self.path)
            .field("params", &self.params)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method, Uri};

    use super::*;
    use crate::protocol::BodyLength;

    /// Path and query of the primary canonical request and of the alternates.
    fn lines(readings: AcsReadings, target: &str) -> Vec<String> {
        let headers = HeaderMap::new();
        let target: Uri = target.parse().unwrap();
        let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
        let signed = V3SignedHeaders::parse("", &head).unwrap();
        let params = Params::query(&head).unwrap();
        let payload = PayloadAlgorithm::Sha256.digest(b"");
        let request = V3Request::new(&head, &signed, &params, payload);
        let variants = [V3Variant::PRIMARY].into_iter().chain(request.alternates(readings));
        variants
            .map(|variant| {
                let text = String::from_utf8(request.canonical_request(variant)).unwrap();
                let mut lines = text.lines().skip(1);
                format!("{} {}", lines.next().unwrap(), lines.next().unwrap())
            })
            .collect()
    }

    #[test]
    fn names_and_values_are_encoded_in_the_order_of_decoded_names() {
        let safe = AcsReadings::default();
        assert_eq!(lines(safe, "/a?q=%2B+*~&b=1"), ["/a b=1&q=%2B%20%2A~"]);
        assert_eq!(
            lines(safe, "/a?A%3Ab=4&A.b=5"),
            ["/a A.b=5&A%3Ab=4", "/a A.b=5&A:b=4"],
            "the documents encode the names, the clients do not"
        );
    }

    #[test]
    fn a_name_that_reads_as_others_is_unencoded_only_where_that_is_named() {
        for query in ["a%26b=1", "a%3D=1", "a%25=1", "a+b=1", "a%0A=1", "%7F=1&c:d=2"] {
            let target = format!("/a?{query}");
            assert_eq!(lines(AcsReadings::default(), &target).len(), 1, "{query}");
            let named = AcsReadings::default().with(AcsReading::DangerousV3AmbiguousNames);
            assert_eq!(lines(named, &target).len(), 2, "{query}");
        }
    }

    #[test]
    fn a_path_is_rewritten_only_if_it_stays_the_same_path() {
        let safe = AcsReadings::default();
        assert_eq!(lines(safe, "/"), ["/ ", " "]);
        assert_eq!(lines(safe, "/a%20b"), ["/a%20b ", "/a b "]);
        assert_eq!(lines(safe, "/*/*"), ["/*/* ", "/%2A/%2A ", "/%2A/* "]);
        assert_eq!(lines(safe, "/a+b*"), ["/a+b* "]);
        assert_eq!(lines(safe, "/a%3Fb"), ["/a%3Fb "]);
        let named = safe.with(AcsReading::DangerousV3RewrittenPlus);
        assert_eq!(lines(named, "/a+b*"), ["/a+b* ", "/a%20b%2A "]);
    }

    #[test]
    fn readings_combine() {
        let safe = AcsReadings::default();
        assert_eq!(lines(safe, "/?a:b").len(), 2 * 2 * 2);
        assert_eq!(lines(AcsReadings::NONE, "/?a:b").len(), 1);
    }
}
