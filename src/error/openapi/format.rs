//! In which format a caller wants its answer.

/// The format of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OpenApiFormat {
    /// The default: what every client can read. The general documents say XML where nothing is asked
    /// for, those of some products JSON; an official client reads no error in XML at all.
    #[default]
    Json,
    /// By name only: `Format=XML`, or `Accept: application/xml`.
    Xml,
}

impl OpenApiFormat {
    /// The value of the parameter `Format`: `JSON` or `XML` in any case, empty for the default.
    /// `None` for anything else: `InvalidParameter.Format`.
    ///
    /// ```
    /// use countersign::error::OpenApiFormat;
    ///
    /// assert_eq!(OpenApiFormat::of_parameter(b"XML"), Some(OpenApiFormat::Xml));
    /// assert_eq!(OpenApiFormat::of_parameter(b"json"), Some(OpenApiFormat::Json));
    /// assert_eq!(OpenApiFormat::of_parameter(b"YAML"), None);
    /// ```
    #[must_use]
    pub fn of_parameter(value: &[u8]) -> Option<Self> {
        match value {
            b"" => Some(Self::default()),
            json if json.eq_ignore_ascii_case(b"json") => Some(Self::Json),
            xml if xml.eq_ignore_ascii_case(b"xml") => Some(Self::Xml),
            _ => None,
        }
    }

    /// The value of the header `Accept`, whose first media type with a format decides; any type
    /// (`*/*`) and none are the default. `None` if it names others only: `InvalidParameter.Accept`.
    ///
    /// ```
    /// use countersign::error::OpenApiFormat;
    ///
    /// let accept = b"text/html, application/xml;q=0.9, */*;q=0.8";
    /// assert_eq!(OpenApiFormat::of_accept(accept), Some(OpenApiFormat::Xml));
    /// assert_eq!(OpenApiFormat::of_accept(b"*/*"), Some(OpenApiFormat::Json));
    /// assert_eq!(OpenApiFormat::of_accept(b"text/html"), None);
    /// ```
    #[must_use]
    pub fn of_accept(value: &[u8]) -> Option<Self> {
        if value.trim_ascii().is_empty() {
            return Some(Self::default());
        }
        value.split(|byte| *byte == b',').find_map(|range| {
            let media_type = range.split(|byte| *byte == b';').next()?.trim_ascii();
            let is = |name: &[u8]| media_type.eq_ignore_ascii_case(name);
            match () {
                () if is(b"application/json") || is(b"*/*") || is(b"application/*") => {
                    Some(Self::Json)
                }
                () if is(b"application/xml") || is(b"text/xml") => Some(Self::Xml),
                () => None,
            }
        })
    }

    /// The `Content-Type` of an answer. Some clients compare it to the letter.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json;charset=utf-8",
            Self::Xml => "text/xml;charset=utf-8",
        }
    }
}
