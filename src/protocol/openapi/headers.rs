//! Finds the headers that the OpenAPI signatures give a meaning.

use std::fmt;

use http::{HeaderMap, HeaderName};

use crate::header::{ACS_PREFIX, text};
use crate::protocol::ca_headers::essence;

/// The values of the OpenAPI signatures' headers: the first of each, white space around it removed.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct AcsHeaders<'r> {
    /// `Authorization`
    pub authorization: Option<&'r [u8]>,
    /// `x-acs-action`. Signed by ROA and V3; an RPC request's is anyone's.
    pub action: Option<&'r [u8]>,
    /// `x-acs-version`. Signed by ROA and V3; an RPC request's is anyone's.
    pub version: Option<&'r [u8]>,
    /// `x-acs-date`, the time of V3.
    pub acs_date: Option<&'r [u8]>,
    /// `Date`, the time of ROA.
    pub date: Option<&'r [u8]>,
    /// `x-acs-signature-nonce`
    pub nonce: Option<&'r [u8]>,
    /// `x-acs-signature-method`
    pub signature_method: Option<&'r [u8]>,
    /// `x-acs-signature-version`
    pub signature_version: Option<&'r [u8]>,
    /// `x-acs-signature-type`
    pub signature_type: Option<&'r [u8]>,
    /// `x-acs-content-sha256`
    pub content_sha256: Option<&'r [u8]>,
    /// `x-acs-security-token`
    pub security_token: Option<&'r [u8]>,
    /// `x-acs-accesskey-id`
    pub access_key_id: Option<&'r [u8]>,
    /// `x-acs-bearer-token`
    pub bearer_token: Option<&'r [u8]>,
    /// `x-acs-zero-trust-idtoken`
    pub id_token: Option<&'r [u8]>,
    /// `Accept`
    pub accept: Option<&'r [u8]>,
    /// `Content-MD5`
    pub content_md5: Option<&'r [u8]>,
    /// `Content-Type`
    pub content_type: Option<&'r [u8]>,
    /// A header of these, or any other `x-acs-*` header, that occurs more than once, whatever its
    /// values: which of them is signed, the clients disagree, and none sends it. Not `Accept`.
    pub repeated: Option<HeaderName>,
    /// `Accept` occurs more than once. It is a line of the ROA string; elsewhere that is no fault.
    pub repeated_accept: bool,
}

impl<'r> AcsHeaders<'r> {
    /// Collects the headers.
    #[must_use]
    pub fn collect(headers: &'r HeaderMap) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            if let Some(slot) = found.slot(name.as_str()) {
                slot.get_or_insert(value.as_bytes().trim_ascii());
            }
        }
        if headers.len() != headers.keys_len() {
            found.note_repeated(headers);
        }
        found
    }

    fn slot(&mut self, name: &str) -> Option<&mut Option<&'r [u8]>> {
        Some(match name {
            text::AUTHORIZATION => &mut self.authorization,
            text::ACS_ACTION => &mut self.action,
            text::ACS_VERSION => &mut self.version,
            text::ACS_DATE => &mut self.acs_date,
            text::DATE => &mut self.date,
            text::ACS_SIGNATURE_NONCE => &mut self.nonce,
            text::ACS_SIGNATURE_METHOD => &mut self.signature_method,
            text::ACS_SIGNATURE_VERSION => &mut self.signature_version,
            text::ACS_SIGNATURE_TYPE => &mut self.signature_type,
            text::ACS_CONTENT_SHA256 => &mut self.content_sha256,
            text::ACS_SECURITY_TOKEN => &mut self.security_token,
            text::ACS_ACCESS_KEY_ID => &mut self.access_key_id,
            text::ACS_BEARER_TOKEN => &mut self.bearer_token,
            text::ACS_ID_TOKEN => &mut self.id_token,
            text::ACCEPT => &mut self.accept,
            text::CONTENT_MD5 => &mut self.content_md5,
            text::CONTENT_TYPE => &mut self.content_type,
            _ => return None,
        })
    }

    fn note_repeated(&mut self, headers: &'r HeaderMap) {
        let repeated = headers.keys().filter(|name| headers.get_all(*name).iter().nth(1).is_some());
        for name in repeated {
            match name.as_str() {
                text::ACCEPT => self.repeated_accept = true,
                text if self.slot(text).is_some() || text.starts_with(ACS_PREFIX) => {
                    self.repeated = Some(name.clone());
                }
                _ => {}
            }
        }
    }

    /// Whether the body is a form, whose parameters RPC signs.
    #[must_use]
    pub fn is_form(&self) -> bool {
        self.content_type.is_some_and(is_form_type)
    }
}

/// Whether a `Content-Type` names a form and nothing else.
///
/// RPC does not sign the header, so what a handler would take for another type must not count as a
/// form: the media type is compared as a whole, other than by the gateway's own rule
/// ([`is_form`](crate::protocol::is_form)). So is one in another charset, by which a handler could
/// read other values.
///
/// ```
/// use countersign::protocol::openapi::is_form_type;
///
/// assert!(is_form_type(b"application/x-www-form-urlencoded; charset=utf-8"));
/// assert!(!is_form_type(b"application/json; a=application/x-www-form-urlencoded"));
/// assert!(!is_form_type(b"application/x-www-form-urlencoded; charset=utf-16"));
/// ```
#[must_use]
pub fn is_form_type(content_type: &[u8]) -> bool {
    let mut parameters = content_type.split(|byte| *byte == b';').skip(1).map(<[u8]>::trim_ascii);
    essence(content_type) == b"application/x-www-form-urlencoded" && parameters.all(keeps_utf_8)
}

fn keeps_utf_8(parameter: &[u8]) -> bool {
    const CHARSET: &[u8] = b"charset";
    let name = parameter.get(..CHARSET.len()).unwrap_or_default();
    !name.eq_ignore_ascii_case(CHARSET)
        || parameter.eq_ignore_ascii_case(b"charset=utf-8")
        || parameter.eq_ignore_ascii_case(b"charset=\"utf-8\"")
}

/// Which headers that carry or protect a credential are there, not what they say.
impl fmt::Debug for AcsHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcsHeaders")
            .field("authorization", &self.authorization.is_some())
            .field("acs_date", &self.acs_date.is_some())
            .field("nonce", &self.nonce.is_some())
            .field("content_sha256", &self.content_sha256.is_some())
            .field("security_token", &self.security_token.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(list: &[(&'static str, &'static str)], look: impl Fn(&AcsHeaders<'_>)) {
        let mut map = HeaderMap::new();
        for (name, value) in list {
            map.append(*name, value.parse().unwrap());
        }
        look(&AcsHeaders::collect(&map));
    }

    #[test]
    fn any_header_of_the_signatures_own_may_occur_once() {
        for name in ["authorization", "x-acs-date", "x-acs-whatever", "date", "content-md5"] {
            collected(&[(name, "1"), ("cookie", "2"), (name, "1")], |found| {
                assert_eq!(found.repeated.as_ref().map(HeaderName::as_str), Some(name));
            });
        }
        collected(&[("cookie", "1"), ("cookie", "2"), ("accept", "3"), ("accept", "4")], |found| {
            assert_eq!(found.repeated, None);
            assert!(found.repeated_accept);
        });
    }
}
