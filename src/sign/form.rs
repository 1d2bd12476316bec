//! A form's fields as a body.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 3986 calls unreserved stays. A space is `%20`, which every reading of the protocol
/// decodes; `+` is not.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The fields of an `application/x-www-form-urlencoded` body, encoded so that every reading of the
/// protocol signs the same.
///
/// ```
/// use countersign::sign::FormBody;
///
/// let form = FormBody::new([("name", "张 三"), ("note", ""), ("a+b", "x&y")]);
/// assert_eq!(form.as_bytes(), b"name=%E5%BC%A0%20%E4%B8%89&note=&a%2Bb=x%26y");
/// ```
///
/// A name with two different values is refused when the request is signed
/// ([`SignError::RepeatedParameter`](super::SignError::RepeatedParameter)).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FormBody(String);

impl FormBody {
    /// A body of these fields, in this order.
    #[must_use]
    pub fn new<N, V>(fields: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let mut body = String::new();
        for (name, value) in fields {
            if !body.is_empty() {
                body.push('&');
            }
            body.extend(utf8_percent_encode(name.as_ref(), ESCAPED));
            // Also before an empty value: a form's bare name is signed undecoded (protocol §1.4).
            body.push('=');
            body.extend(utf8_percent_encode(value.as_ref(), ESCAPED));
        }
        Self(body)
    }

    /// The body to send.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The body to send.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// How long, not what: forms carry passwords.
impl fmt::Debug for FormBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FormBody({} bytes)", self.0.len())
    }
}
