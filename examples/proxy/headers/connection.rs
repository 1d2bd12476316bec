//! Headers that are for one connection only (RFC 9110 §7.6.1): they end here, in both directions.
//!
//! 1. A caller's `Connection` may name what belongs to connections, and nothing else. Whatever it
//!    names is removed before the next hop, so a stranger on the way could name a header there that
//!    was verified, and the service would get the request without it: `I400HD`.
//! 2. The service may name what it wants: it is removed from its answer.
//! 3. `TE` goes on if it asks for trailers, with nothing else. `Trailer` is not of one connection:
//!    it goes where the trailers go (see [`framing`](super::framing)).

use countersign::error::{ErrorCode, Rejection};
use http::header::{CONNECTION, TE};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{elements, hyphened, strip};

/// What a caller's `Connection` may name.
const OPTIONS: [&str; 9] = [
    "close",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Whether a header is of one connection. `Proxy` is no header at all: programs that are started
/// with headers as variables take it for the address of a proxy.
pub(crate) fn is_of_connection(name: &str) -> bool {
    matches!(
        name,
        "connection" | "http2-settings" | "keep-alive" | "te" | "transfer-encoding" | "upgrade"
    ) || name == "proxy"
        || name.starts_with("proxy-")
}

/// `I400HD` if a caller's `Connection` names what is for the service.
pub(crate) fn check(headers: &HeaderMap) -> Result<(), Rejection> {
    let allowed = |option: &str| OPTIONS.contains(&option.to_ascii_lowercase().as_str());
    match elements(headers, &CONNECTION).find(|option| !allowed(option)) {
        None => Ok(()),
        Some(option) => Err(Rejection::new(ErrorCode::I400HD)
            .with("Connection")
            .with_request_text(format!("must not name `{option}`"))),
    }
}

/// Leaves what goes on to the service.
pub(crate) fn end_request(headers: &mut HeaderMap) {
    let wants_trailers = elements(headers, &TE).any(|te| te.eq_ignore_ascii_case("trailers"));
    strip(headers, is_of_connection);
    if wants_trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
        headers.insert(CONNECTION, HeaderValue::from_static("te"));
    }
}

/// Leaves what goes on to the caller.
pub(crate) fn end_response(headers: &mut HeaderMap) {
    let named: Vec<String> = elements(headers, &CONNECTION)
        .filter_map(|option| HeaderName::from_bytes(option.as_bytes()).ok())
        .map(|name| hyphened(name.as_str()).into_owned())
        .collect();
    strip(headers, |name| is_of_connection(name) || named.iter().any(|named| named == name));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::testing::{headers, names};

    #[test]
    fn what_belongs_to_a_connection_ends_with_it() {
        let mut request = headers(&[
            ("connection", "Keep-Alive, TE"),
            ("connection", "upgrade"),
            ("keep-alive", "5"),
            ("te", "gzip, trailers;q=0.5, Trailers"),
            ("transfer-encoding", "chunked"),
            ("transfer_encoding", "chunked"),
            ("upgrade", "h2c"),
            ("http2-settings", "AAMAAABk"),
            ("proxy", "http://evil"),
            ("proxy-authorization", "Basic eA=="),
            ("trailer", "x-sum"),
            ("accept", "*/*"),
        ]);
        assert!(check(&request).is_ok());
        end_request(&mut request);
        assert_eq!(names(&request), ["accept", "connection", "te", "trailer"]);
        assert_eq!(
            (&request[TE], &request[CONNECTION]),
            (&"trailers".parse().unwrap(), &"te".parse().unwrap())
        );

        let mut plain = headers(&[("te", "gzip"), ("connection", "te")]);
        end_request(&mut plain);
        assert!(plain.is_empty());
    }

    #[test]
    fn a_caller_names_no_header_of_the_service() {
        for option in
            ["X-Ca-Stage", "x-authenticated-app-id", "close, Content-MD5", "x_y", "\u{e9}"]
        {
            let rejection = check(&headers(&[("connection", option)])).unwrap_err();
            assert_eq!(rejection.code(), ErrorCode::I400HD, "{option}");
        }
        let two = headers(&[("connection", "close"), ("connection", "authorization")]);
        let message = check(&two).unwrap_err().message();
        assert_eq!(message, "Invalid Header `Connection` must not name `authorization`");
        assert!(check(&headers(&[("connection", ""), ("connection", " , close,")])).is_ok());
    }

    #[test]
    fn a_service_names_what_it_wants() {
        let mut answer = headers(&[
            ("connection", "x-debug, close"),
            ("x-debug", "1"),
            ("x_debug", "1"),
            ("proxy-authenticate", "Basic"),
            ("server", "s"),
        ]);
        end_response(&mut answer);
        assert_eq!(names(&answer), ["server"]);
    }
}
