//! What is refused for its head alone, before a credential is looked at: it spends no nonce, and the
//! service never hears of it. In this order:
//!
//! 1. It has been here: `I508LD`.
//! 2. `CONNECT`, which asks for a tunnel, and `TRACE`, which would show the caller what the proxy
//!    tells the service: `I405UM`.
//! 3. Another protocol on the same connection, WebSocket among them: `I403PT`. An offer of HTTP/2
//!    (`h2c`) is left unanswered, as it may be: some clients make it with every request.
//! 4. An end that is told in more than one way, or in one that is not understood: `I400HD`.
//! 5. A `Connection` that names what is for the service: `I400HD`.
//! 6. No host, or two: `I400MH`, `I400HD`.
//! 7. A path that leaves the service's base: `I400PA`.

use countersign::error::{ErrorCode, Rejection};
use http::header::UPGRADE;
use http::request::Parts;
use http::{HeaderMap, Method};

use super::headers::via::Pseudonym;
use super::headers::{connection, elements, forwarded, framing};
use super::target::Upstream;

pub(crate) fn admit(head: &Parts, own: &Pseudonym, upstream: &Upstream) -> Result<(), Rejection> {
    own.check(&head.headers)?;
    check_method(&head.method)?;
    check_upgrade(&head.headers)?;
    framing::check(&head.headers)?;
    connection::check(&head.headers)?;
    forwarded::requested_host(head)?;
    upstream.check(head.uri.path())
}

fn check_method(method: &Method) -> Result<(), Rejection> {
    match *method {
        Method::CONNECT | Method::TRACE => {
            Err(Rejection::new(ErrorCode::I405UM).with(method.to_string()))
        }
        _ => Ok(()),
    }
}

fn check_upgrade(headers: &HeaderMap) -> Result<(), Rejection> {
    let offered = elements(headers, &UPGRADE).find(|offer| !offer.eq_ignore_ascii_case("h2c"));
    match offered {
        Some(protocol) => Err(Rejection::new(ErrorCode::I403PT).with_request_text(protocol)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn admitted(method: &str, target: &str, headers: &[(&str, &str)]) -> Result<(), String> {
        let request = Request::builder().method(method).uri(target).header("host", "h");
        let request = headers.iter().fold(request, |request, (n, v)| request.header(*n, *v));
        let (head, ()) = request.body(()).unwrap().into_parts();
        let own = Pseudonym::named("here").unwrap();
        let upstream = Upstream::parse("http://service/base").unwrap();
        admit(&head, &own, &upstream)
            .map_err(|rejection| format!("{} {}", rejection.code(), rejection.message()))
    }

    #[test]
    fn the_first_that_is_wrong_answers() {
        let mut wrong = vec![
            ("via", "1.1 here"),
            ("upgrade", "h2c, websocket"),
            ("transfer-encoding", "gzip"),
            ("connection", "x-ca-key"),
            ("host", "two"),
        ];
        let answers = [
            ("CONNECT", "I508LD Loop Detected"),
            ("TRACE", "I405UM Unsupported Method `TRACE`"),
            ("GET", "I403PT Invalid protocol websocket unsupported"),
            ("GET", "I400HD Invalid Header `Transfer-Encoding` must be `chunked`"),
            ("GET", "I400HD Invalid Header `Connection` must not name `x-ca-key`"),
            ("GET", "I400HD Invalid Header `Host` occurs twice"),
            ("GET", "I400PA Invalid Request Path `it has a dot segment`"),
        ];
        for (method, answer) in answers {
            assert_eq!(admitted(method, "/../x", &wrong), Err(answer.to_owned()));
            // The method is no header: it is mended by the next row.
            if method != "TRACE" && !wrong.is_empty() {
                wrong.remove(0);
            }
        }
        assert_eq!(admitted("GET", "/x", &[("upgrade", "h2c"), ("connection", "upgrade")]), Ok(()));
    }
}
