//! Puts the canonical parts together.

use std::fmt;

use super::{BackendVariant, BareName};
use crate::protocol::canonical::Text;
use crate::protocol::{
    CanonicalPath, Clash, Param, Params, PathForm, RequestHead, SignedHeader, SignedHeaders,
};

/// Everything that a back-end signature covers, but for the line of `Content-MD5`: what stands
/// there, the documents disagree.
///
/// ```
/// use countersign::credential::BackendSecret;
/// use countersign::protocol::{
///     BackendRequest, BackendVariant, BodyLength, Params, RequestHead, SignedHeaders, sign_backend,
/// };
/// use http::{HeaderMap, HeaderValue, Method, Uri};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("caclientip", HeaderValue::from_static("192.0.2.1"));
/// let target = Uri::from_static("/orders?b=&a=1");
/// let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
///
/// let covered = SignedHeaders::parse(b"CaClientIp,CaAppId", &headers)?;
/// let params = Params::query(&head)?;
/// let request = BackendRequest::new(&head, &covered, &params);
/// let string_to_sign = request.string_to_sign(b"", BackendVariant::PRIMARY);
/// assert_eq!(string_to_sign, b"GET\n\ncaclientip:192.0.2.1\n/orders?a=1&b=");
///
/// let signature = sign_backend(&BackendSecret::new("SampleSecret")?, &string_to_sign);
/// assert_eq!(signature, "9BtJ2XXGyGnVoanRamkWioF9SjpPZh1hdhS1MO1u1KE=");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct BackendRequest<'a> {
    method: &'a [u8],
    headers: &'a SignedHeaders<'a>,
    path: CanonicalPath<'a>,
    params: &'a Params<'a>,
}

impl<'a> BackendRequest<'a> {
    /// The canonical form of `head` with these headers and parameters.
    #[must_use]
    pub fn new(
        head: &RequestHead<'a>,
        headers: &'a SignedHeaders<'a>,
        params: &'a Params<'a>,
    ) -> Self {
        let method = head.method().as_str().as_bytes();
        Self { method, headers, path: CanonicalPath::new(head.path()), params }
    }

    /// The same request, its path signed as it is on the wire only.
    #[must_use]
    pub fn with_raw_path(self) -> Self {
        Self { path: self.path.raw_only(), ..self }
    }

    /// The forms of the path.
    #[must_use]
    pub const fn path(&self) -> &CanonicalPath<'a> {
        &self.path
    }

    /// The parameters.
    #[must_use]
    pub const fn params(&self) -> &'a Params<'a> {
        self.params
    }

    /// The string to sign by one reading of the rules, with this line for `Content-MD5`.
    #[must_use]
    pub fn string_to_sign(&self, content_md5: &[u8], variant: BackendVariant) -> Vec<u8> {
        let show_header = |out: &mut Text, header: &SignedHeader<'_>| {
            out.extend_from_slice(header.value());
        };
        let mut text = Text::default();
        self.write(content_md5, variant, &mut text, show_header, |out, param| {
            out.extend_from_slice(param.value());
        });
        text.to_vec()
    }

    /// The primary string to sign with some values replaced by their length, for showing to the
    /// caller: the gateway adds headers and parameters that its own caller must not see.
    #[must_use]
    pub fn disclosed(
        &self,
        content_md5: &[u8],
        shows_header: impl Fn(&SignedHeader<'_>) -> bool,
        shows_param: impl Fn(&Param<'_>) -> bool,
    ) -> String {
        let show = |out: &mut Text, value: &[u8], shown: bool| match shown || value.is_empty() {
            true => out.extend_from_slice(value),
            false => out.extend_from_slice(format!("({} bytes)", value.len()).as_bytes()),
        };
        let mut text = Text::default();
        self.write(
            content_md5,
            BackendVariant::PRIMARY,
            &mut text,
            |out, header| show(out, header.value(), shows_header(header)),
            |out, param| show(out, param.value(), shows_param(param)),
        );
        String::from_utf8_lossy(&text).into_owned()
    }

    fn write(
        &self,
        content_md5: &[u8],
        variant: BackendVariant,
        out: &mut Text,
        write_header: impl Fn(&mut Text, &SignedHeader<'_>),
        write_param: impl Fn(&mut Text, &Param<'_>),
    ) {
        out.clear_for(self.headers.signed_len() + 256);
        for line in [self.method, content_md5] {
            out.extend_from_slice(line);
            out.push(b'\n');
        }
        let mut written = "";
        for header in self.headers.iter().filter(|header| header.is_present()) {
            // Sorted by declared spelling: of one spelling there is one line.
            if header.name() != written {
                header.name().bytes().for_each(|byte| out.push(byte.to_ascii_lowercase()));
                out.push(b':');
                write_header(out, header);
                out.push(b'\n');
            }
            written = header.name();
        }
        out.extend_from_slice(self.path.form(variant.path).as_bytes());
        self.params.write(variant.clash, out, |out, param| {
            if !param.is_bare() || variant.bare == BareName::WithEquals {
                out.push(b'=');
                write_param(out, param);
            }
        });
    }

    /// The readings by which this request's strings differ: the primary one first, and alone for an
    /// ordinary request.
    #[must_use]
    pub fn variants(&self) -> Vec<BackendVariant> {
        let mut variants = vec![BackendVariant::PRIMARY];
        let mut read_also = |matters: bool, read: fn(BackendVariant) -> BackendVariant| {
            if matters {
                let more: Vec<_> = variants.iter().map(|variant| read(*variant)).collect();
                variants.extend(more);
            }
        };
        let decoded = self.path.form(PathForm::Decoded) != self.path.form(PathForm::Raw);
        read_also(decoded, |variant| BackendVariant { path: PathForm::Raw, ..variant });
        read_also(self.params.clash_matters(), |variant| BackendVariant {
            clash: Clash::FormWins,
            ..variant
        });
        read_also(self.params.iter().any(|param| param.is_bare()), |variant| BackendVariant {
            bare: BareName::Bare,
            ..variant
        });
        variants
    }
}

/// Without the values: signed is what is worth protecting.
impl fmt::Debug for BackendRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendRequest")
            .field("headers", &self.headers)
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

    fn with_request<T>(list: &str, target: &str, look: impl Fn(&BackendRequest<'_>) -> T) -> T {
        let mut headers = HeaderMap::new();
        headers.insert("x-a", HeaderValue::from_static("1"));
        let target: Uri = target.parse().unwrap();
        let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
        let signed = SignedHeaders::parse(list.as_bytes(), &headers).unwrap();
        let params = Params::query(&head).unwrap();
        look(&BackendRequest::new(&head, &signed, &params))
    }

    fn primary(list: &str) -> String {
        let made =
            with_request(list, "/", |request| request.string_to_sign(b"", BackendVariant::PRIMARY));
        String::from_utf8(made).unwrap()
    }

    #[test]
    fn one_spelling_has_one_line_and_two_spellings_have_two() {
        assert_eq!(primary("X-A,X-A"), "GET\n\nx-a:1\n/");
        assert_eq!(primary("X-A,x-a"), "GET\n\nx-a:1\nx-a:1\n/");
        assert_eq!(primary("X-B,,x-c"), "GET\n\n/");
    }

    #[test]
    fn an_ordinary_request_has_one_reading() {
        let readings = |target| with_request("", target, |request| request.variants().len());
        assert_eq!(readings("/orders?a=1&b="), 1);
        assert_eq!(readings("/orders?a"), 2);
        assert_eq!(readings("/%C3%A9?a"), 4);
    }

    #[test]
    fn what_the_gateway_added_is_shown_by_its_length() {
        let shown = with_request("X-A", "/?token=secret&empty=", |request| {
            request.disclosed(b"md5", |_| false, |_| false)
        });
        assert_eq!(shown, "GET\nmd5\nx-a:(1 bytes)\n/?empty=&token=(6 bytes)");
    }
}
