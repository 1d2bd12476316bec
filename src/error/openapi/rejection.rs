//! A refusal with a code of OpenAPI.

use std::borrow::Cow;

use super::OpenApiError;
use crate::error::text::{MAX_LEN, cut};
use crate::error::{Catalogue, Rejection};

/// A refused request of the OpenAPI family: a [`Rejection`] with a code of its catalogue.
///
/// ```
/// use countersign::error::{OpenApiError, OpenApiRejection};
///
/// let rejection = OpenApiRejection::new(OpenApiError::MissingParameter).with("Timestamp");
/// assert_eq!(rejection.code_text(), "MissingTimestamp");
/// assert_eq!(rejection.message(), "Timestamp is mandatory for this action.");
/// ```
pub type OpenApiRejection = Rejection<OpenApiError>;

impl Rejection<OpenApiError> {
    /// `SignatureDoesNotMatch`, with the string that the server signed, cut at about 4 KB. Take the
    /// security token out of it before ([`mask_security_token`](super::mask_security_token)): it is
    /// a part of what is signed.
    ///
    /// A client compares what is between the first and the second colon of the message with its own
    /// string to sign, to tell a wrong secret from a wrong string, and fails where there is no colon.
    /// So there is one, whatever the string is, and something behind it: an empty string is `not shown`.
    ///
    /// ```
    /// use countersign::error::{OpenApiError, OpenApiRejection};
    ///
    /// let rejection = OpenApiRejection::signature_does_not_match("GET&%2F&Action%3DDescribeApis");
    /// let message = rejection.message();
    /// assert_eq!(message.split(':').nth(1), Some("GET&%2F&Action%3DDescribeApis"));
    ///
    /// let without = OpenApiRejection::new(OpenApiError::SignatureDoesNotMatch);
    /// assert_eq!(without.message().split(':').nth(1), Some("not shown"));
    /// ```
    #[must_use]
    pub fn signature_does_not_match(string_to_sign: impl AsRef<[u8]>) -> Self {
        let string = String::from_utf8_lossy(string_to_sign.as_ref());
        Self::new(OpenApiError::SignatureDoesNotMatch).with_request_text(string)
    }

    /// The code as it is answered, with its name in it.
    #[must_use]
    pub fn code_text(&self) -> Cow<'static, str> {
        self.code().code_text(self.subject())
    }

    /// The message as it is answered: of bounded length.
    pub(super) fn bounded_message(&self) -> String {
        let mut message = self.message();
        message.truncate(cut(&message, MAX_LEN).len());
        message
    }
}
