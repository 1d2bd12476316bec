//! What the client did, as far as it is known.

use std::fmt;

use super::{Answer, Diagnosis, Explanation, ServerString, compare, secret};
use crate::protocol::{CaHeaders, Params, RequestHead};

/// A client's side of a refused call: the string it signed, and whatever else is at hand. The more
/// is known, the more causes can be told apart.
///
/// ```
/// use countersign::explain::{Cause, ClientSide, ServerString};
///
/// let message = "Invalid Signature, Server StringToSign:`GET#####/pets?a=1`";
/// let server = ServerString::from_error_message(message).ok_or("no string")?;
///
/// let refused = ClientSide::new(b"GET\n\n\n\n\n/pets/?a=1").compare(&server);
/// assert_eq!(refused.cause(), Cause::TrailingSlash);
///
/// let same = ClientSide::new(b"GET\n\n\n\n\n/pets?a=1").compare(&server);
/// assert!(same.first().is_none());
/// assert_eq!(same.cause(), Cause::SameString, "with the secret, more could be said");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy)]
pub struct ClientSide<'a> {
    string_to_sign: &'a [u8],
    request: Option<Sent<'a>>,
    secret: Option<&'a str>,
}

/// A request as the client sent it.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) head: RequestHead<'a>,
    pub(super) body: &'a [u8],
}

impl<'a> Sent<'a> {
    pub(super) fn headers(&self) -> CaHeaders<'a> {
        CaHeaders::collect(self.head.headers())
    }

    /// The parameters of query and form; none if there are more than any client sends.
    pub(super) fn params(&self) -> Params<'a> {
        let form = if self.headers().is_form() { self.body } else { b"" };
        let params = Params::query(&self.head).and_then(|params| params.with_form(form));
        params.unwrap_or_default()
    }
}

impl<'a> ClientSide<'a> {
    /// A client that signed `string_to_sign`: the bytes that it gave to its HMAC.
    #[must_use]
    pub const fn new(string_to_sign: &'a [u8]) -> Self {
        Self { string_to_sign, request: None, secret: None }
    }

    /// The request that it sent, with its signature, and its whole body. It tells a form's parameter
    /// from the query's, a repeated one from a changed one, and what `X-Ca-Signature` is.
    #[must_use]
    pub const fn with_request(self, head: RequestHead<'a>, body: &'a [u8]) -> Self {
        Self { request: Some(Sent { head, body }), ..self }
    }

    /// The AppSecret's text that it signed with. Together with the request it tells what is wrong
    /// where both strings are the same. It is shown nowhere.
    #[must_use]
    pub const fn with_secret(self, secret: &'a str) -> Self {
        Self { secret: Some(secret), ..self }
    }

    /// Compares the client's string with the server's.
    #[must_use]
    pub fn compare(&self, server: &ServerString) -> Diagnosis {
        compare::diagnosis(self, server)
    }

    /// Explains an answer: [`compare`](Self::compare) if it shows a string, and else what its code
    /// usually means.
    ///
    /// ```
    /// use countersign::explain::{Answer, ClientSide, Explanation};
    ///
    /// let client = ClientSide::new(b"GET\n\n\n\n\n/pets");
    /// let explained = client.explain(&Answer::from_text("StringToSign:`GET#####/pets/`"));
    /// assert!(matches!(explained, Explanation::Signature(_)));
    ///
    /// let explained = client.explain(&Answer::from_text("Nonce Used"));
    /// assert!(explained.to_string().starts_with("refused: S403NU, Nonce Used\ncause   the nonce"));
    /// ```
    #[must_use]
    pub fn explain(&self, answer: &Answer) -> Explanation {
        match answer.server_string() {
            Some(server) => Explanation::Signature(self.compare(server)),
            None => Explanation::of(answer, self.request()),
        }
    }

    pub(super) const fn string_to_sign(&self) -> &'a [u8] {
        self.string_to_sign
    }

    pub(super) const fn request(&self) -> Option<&Sent<'a>> {
        self.request.as_ref()
    }

    /// What is wrong with the signature, if the string is not.
    pub(super) fn judge_signature(&self) -> Option<super::Cause> {
        let ca = self.request.as_ref()?.headers();
        let signature = ca.signature.unwrap_or_default();
        let method = ca.signature_method.unwrap_or_default();
        Some(secret::judge(self.string_to_sign, self.secret?, signature, method))
    }
}

/// Without the string and the secret.
impl fmt::Debug for ClientSide<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSide")
            .field("string_to_sign", &format_args!("({} bytes)", self.string_to_sign.len()))
            .field("request", &self.request.map(|sent| sent.head))
            .field("secret", &self.secret.map(|_| "…"))
            .finish()
    }
}
