//! Why a signature is refused: for who writes a client, or calls a server with one.
//!
//! A server that answers `A403IS` shows the string that it signed. Compared with the string that the
//! client signed, the first difference names the fault, and usually its [`Cause`]:
//!
//! ```
//! use countersign::explain::{self, Cause, Part, ServerString};
//!
//! // What the client gave to its HMAC, and the answer's X-Ca-Error-Message:
//! let signed = b"GET\n\n\n\n\nX-Ca-Key:203710001\n/pets?b=1&a=2";
//! let message =
//!     "Invalid Signature, Server StringToSign:`GET#*/*####X-Ca-Key:203710001#/pets?a=2&b=1`";
//!
//! let server = ServerString::from_error_message(message).ok_or("no string")?;
//! let diagnosis = explain::compare(signed, &server);
//! assert_eq!(diagnosis.cause(), Cause::AcceptAdded);
//! let causes: Vec<_> = diagnosis.differences().iter().map(|it| it.cause()).collect();
//! assert_eq!(causes, [Cause::AcceptAdded, Cause::ParameterOrder]);
//! assert_eq!(
//!     diagnosis.to_string(),
//!     "\
//! first difference: the Accept line
//!   client  \"\"
//!   server  \"*/*\"
//! cause   accept-added: the HTTP stack added `Accept`, or the client does not sign it
//! remedy  set an `Accept` of your own on every request, and sign its value
//! also    the parameter a (parameter-order)"
//! );
//! # Ok::<(), &str>(())
//! ```
//!
//! [`ClientSide`] takes what else is at hand: the request tells more about parameters, the secret
//! tells why a signature is wrong whose string is right.
//!
//! # How the strings are compared
//!
//! The server shows a line feed as `#`, and escapes no `#` that is in a value; so the client's own
//! lines tell where the server's end. Values of headers that a proxy may have added are shown as
//! lengths, and compared as such. A string over about 4 KB is shown in part, and compared as far as
//! it goes.
//!
//! Some differences are accepted by many servers, which try the other reading: they are named only
//! where nothing else is wrong ([`Cause::is_often_accepted`]).
//!
//! # Security
//!
//! Whatever a server answers, nothing panics, and the work grows with the length of the texts. What
//! is shown of them is escaped for a terminal. The texts are what the request says, credentials among
//! its headers excepted: show them to the developer, and keep them out of logs. The secret is shown
//! nowhere.

mod advice;
mod align;
mod answer;
mod cause;
mod client;
mod compare;
mod diagnosis;
mod difference;
mod explanation;
mod fixed;
mod headers;
mod lines;
mod params;
mod part;
mod path;
mod rest;
mod secret;
mod server_string;
mod shape;
mod text;

pub use answer::Answer;
pub use cause::Cause;
pub use client::ClientSide;
pub use diagnosis::Diagnosis;
pub use difference::Difference;
pub use explanation::{Explanation, Refusal};
pub use part::Part;
pub use server_string::ServerString;

/// Compares the string that a client signed with the one that a refusal shows.
///
/// The same as [`ClientSide::compare`] of a client of which nothing else is known.
#[must_use]
pub fn compare(string_to_sign: &[u8], server: &ServerString) -> Diagnosis {
    ClientSide::new(string_to_sign).compare(server)
}
