//! Which rows of the strict policy a request would have failed.

/// A rule that [`Policy::strict`](super::Policy::strict) enforces and a compatible policy may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StrictRow {
    /// No timestamp, or an unsigned one.
    Timestamp,
    /// No nonce, or an unsigned one.
    Nonce,
    /// `X-Ca-Key` is not signed.
    KeyCoverage,
    /// A body that neither `Content-MD5` nor a form's parameters cover.
    ContentMd5,
    /// `HmacSHA1`; of OpenAPI a signature method or version that is not named.
    SignatureMethod,
    /// An AppCode in the query.
    AppCodeInQuery,
    /// `X-Ca-Signed-Content-Type` unsigned, or of another media type.
    SignedContentType,
    /// A parameter twice with different values.
    RepeatedParameter,
    /// A parameter name that contains a separator.
    AmbiguousName,
    /// A path whose decoded form could be another request's.
    AmbiguousPath,
    /// A signed header twice with different values, or declared twice.
    RepeatedHeader,
    /// OpenAPI: a header that a handler may believe, and that is not signed.
    UnsignedHeader,
    /// OpenAPI: a parameter that not everyone decodes alike.
    MalformedParameter,
}

impl StrictRow {
    /// Every row of [`Policy::strict`](super::Policy::strict).
    pub const ALL: [Self; 11] = [
        Self::Timestamp,
        Self::Nonce,
        Self::KeyCoverage,
        Self::ContentMd5,
        Self::SignatureMethod,
        Self::AppCodeInQuery,
        Self::SignedContentType,
        Self::RepeatedParameter,
        Self::AmbiguousName,
        Self::AmbiguousPath,
        Self::RepeatedHeader,
    ];

    /// The rows that only [`OpenApiPolicy`](crate::verify::openapi::OpenApiPolicy) has.
    pub const OF_OPENAPI: [Self; 2] = [Self::UnsignedHeader, Self::MalformedParameter];

    /// The row's name, fit for a metric's label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timestamp => "timestamp",
            Self::Nonce => "nonce",
            Self::KeyCoverage => "key_coverage",
            Self::ContentMd5 => "content_md5",
            Self::SignatureMethod => "signature_method",
            Self::AppCodeInQuery => "app_code_in_query",
            Self::SignedContentType => "signed_content_type",
            Self::RepeatedParameter => "repeated_parameter",
            Self::AmbiguousName => "ambiguous_name",
            Self::AmbiguousPath => "ambiguous_path",
            Self::RepeatedHeader => "repeated_header",
            Self::UnsignedHeader => "unsigned_header",
            Self::MalformedParameter => "malformed_parameter",
        }
    }
}

/// The strict rows that an accepted request would have failed: none of them means that the policy
/// can be tightened for this caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StrictFindings(u16);

impl StrictFindings {
    /// Whether the strict policy would have accepted the request.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The failed rows.
    pub fn iter(self) -> impl Iterator<Item = StrictRow> {
        let all = StrictRow::ALL.into_iter().chain(StrictRow::OF_OPENAPI);
        all.filter(move |row| self.0 & 1 << *row as u16 != 0)
    }

    pub(crate) fn note(&mut self, row: StrictRow) {
        self.0 |= 1 << row as u16;
    }
}
