//! Puts the canonical parts together.

use std::fmt;

use super::{
    AcceptLine, CanonicalPath, DeclaredNames, EmptyValue, Params, PathForm, Plus, Reading,
    Readings, SignedHeader, SignedHeaders, Variant,
};
use crate::few::Few;
use crate::protocol::{CaHeaders, RequestHead};

/// The most bytes that the head may contribute to a string to sign.
pub(crate) const MAX_HEAD_LEN: usize = 64 * 1024;

/// How many bytes the head contributes to a string to sign, at most.
pub(crate) fn head_len(
    head: &RequestHead<'_>,
    ca: &CaHeaders<'_>,
    headers: &SignedHeaders<'_>,
) -> usize {
    let lines = [ca.accept, ca.content_md5, ca.content_type, ca.signed_content_type, ca.date];
    let lines: usize = lines.into_iter().flatten().map(<[u8]>::len).sum();
    lines + headers.signed_len() + head.target_len()
}

/// Everything a signature covers.
#[derive(Clone)]
pub struct CanonicalRequest<'a> {
    lines: FixedLines<'a>,
    headers: &'a SignedHeaders<'a>,
    path: CanonicalPath<'a>,
    params: &'a Params<'a>,
}

/// A string to sign. Typical ones are about 300 bytes long.
pub(crate) type Text = Few<u8, 512>;

/// The five fixed lines, as they were sent; an absent header is an empty line.
#[derive(Clone, Copy)]
struct FixedLines<'a> {
    method: &'a [u8],
    accept: &'a [u8],
    content_md5: &'a [u8],
    content_type: &'a [u8],
    date: &'a [u8],
}

impl<'a> CanonicalRequest<'a> {
    /// The canonical request of `head` with these signed headers and parameters.
    ///
    /// `X-Ca-Signed-Content-Type` replaces `Content-Type` in its line (protocol §1.2).
    #[must_use]
    pub fn new(
        head: &RequestHead<'a>,
        ca: &CaHeaders<'a>,
        headers: &'a SignedHeaders<'a>,
        params: &'a Params<'a>,
    ) -> Self {
        let lines = FixedLines {
            method: head.method().as_str().as_bytes(),
            accept: ca.accept.unwrap_or_default(),
            content_md5: ca.content_md5.unwrap_or_default(),
            content_type: ca.signed_content_type.or(ca.content_type).unwrap_or_default(),
            date: ca.date.unwrap_or_default(),
        };
        Self { lines, headers, path: CanonicalPath::new(head.path()), params }
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

    /// The string to sign by one reading of the rules: bytes, because header values and decoded
    /// parameters are.
    #[must_use]
    pub fn string_to_sign(&self, variant: Variant) -> Vec<u8> {
        let mut out = Text::default();
        self.write_to_sign(variant, &mut out).to_vec()
    }

    /// [`string_to_sign`](Self::string_to_sign), in the place of what was in `out`; a typical one is not
    /// on the heap.
    pub(crate) fn write_to_sign<'o>(&self, variant: Variant, out: &'o mut Text) -> &'o [u8] {
        self.write(variant, out, |out, header| out.extend_from_slice(header.value()));
        out
    }

    /// The primary string to sign with the values of some headers replaced by their length, for
    /// showing to the caller: a proxy may have added headers that the caller only named.
    #[must_use]
    pub fn disclosed(&self, shows: impl Fn(&SignedHeader<'_>) -> bool) -> String {
        let mut text = Text::default();
        self.write(Variant::PRIMARY, &mut text, |out, header| {
            if shows(header) {
                out.extend_from_slice(header.value());
            } else {
                out.extend_from_slice(format!("({} bytes)", header.value().len()).as_bytes());
            }
        });
        String::from_utf8_lossy(&text).into_owned()
    }

    fn write(
        &self,
        variant: Variant,
        out: &mut Text,
        write_value: impl Fn(&mut Text, &SignedHeader<'_>),
    ) {
        out.clear_for(self.headers.signed_len() + 256);
        self.write_lines(variant, out);
        for header in self.headers.iter() {
            if variant.names == DeclaredNames::WithoutDocumented && header.is_documented_exclusion()
            {
                continue;
            }
            out.extend_from_slice(header.name().as_bytes());
            out.push(b':');
            write_value(out, header);
            out.push(b'\n');
        }
        out.extend_from_slice(self.path.form(variant.path).as_bytes());
        match variant.plus {
            Plus::Space => write_params(self.params, variant, out),
            Plus::Literal => write_params(&self.params.reread(Plus::Literal), variant, out),
        }
    }

    fn write_lines(&self, variant: Variant, out: &mut Text) {
        let accept = match variant.accept {
            AcceptLine::Any if self.lines.accept.is_empty() => b"*/*",
            _ => self.lines.accept,
        };
        let FixedLines { method, content_md5, content_type, date, .. } = self.lines;
        for line in [method, accept, content_md5, content_type, date] {
            out.extend_from_slice(line);
            out.push(b'\n');
        }
    }

    /// The readings by which this request's string differs from the primary one, and their
    /// combinations: none for an ordinary request. Only these are worth a MAC.
    #[must_use]
    pub fn alternates(&self, readings: Readings) -> Vec<Variant> {
        let mut variants = vec![Variant::PRIMARY];
        for reading in Reading::ALL {
            if readings.contains(reading) && self.matters(reading) {
                let more: Vec<_> = variants.iter().map(|v| reading.applied_to(*v)).collect();
                variants.extend(more);
            }
        }
        variants.remove(0);
        variants
    }

    fn matters(&self, reading: Reading) -> bool {
        let other_path = |form| self.path.form(form) != self.path.form(PathForm::Decoded);
        match reading {
            Reading::RawPath => other_path(PathForm::Raw),
            Reading::EmptyRootPath => other_path(PathForm::EmptyForRoot),
            Reading::FormWins => self.params.clash_matters(),
            Reading::WithoutDocumentedNames => {
                self.headers.iter().any(SignedHeader::is_documented_exclusion)
            }
            Reading::EmptyWithEquals => self.params.any_empty(),
            Reading::DangerousLiteralPlus => self.params.any_plus(),
            Reading::AnyAccept => self.lines.accept.is_empty(),
        }
    }
}

/// Without the values: signed is what is worth protecting.
impl fmt::Debug for CanonicalRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CanonicalRequest")
            .field("headers", &self.headers)
            .field("path", &self.path)
            .field("params", &self.params)
            .finish_non_exhaustive()
    }
}

fn write_params(params: &Params<'_>, variant: Variant, out: &mut Text) {
    params.write(variant.clash, out, |out, param| {
        if !param.value().is_empty() || variant.empty == EmptyValue::WithEquals {
            out.push(b'=');
            out.extend_from_slice(param.value());
        }
    });
}
