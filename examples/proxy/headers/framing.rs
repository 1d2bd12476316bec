//! How a message's end is told on the next connection: by one rule, from the body that was read, and
//! never by what a header of the connection before said.
//!
//! | body | HTTP/1 | HTTP/2 |
//! |---|---|---|
//! | its length is known | `Content-Length` | the same |
//! | it is not | `Transfer-Encoding: chunked`, and `Trailer` as it came | trailers as they come |
//! | there is none | nothing; `Content-Length: 0` where a body is usual, or was said to be empty | the same |

use countersign::error::{ErrorCode, Rejection};
use http::header::{CONTENT_LENGTH, TRAILER, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body::Body;

use super::elements;
use crate::proxy::upstream::Protocol;

/// `I400HD` if a request is framed in another way than by one length, or by `chunked` alone.
///
/// The server below has refused what it cannot read, and drops a length beside chunks. It takes
/// other codings in front of `chunked`, though, which nobody behind it would undo.
pub(crate) fn check(headers: &HeaderMap) -> Result<(), Rejection> {
    let invalid = |name, reason| Err(Rejection::new(ErrorCode::I400HD).with(name).with(reason));
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, None) => {}
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => {
            if headers.contains_key(CONTENT_LENGTH) {
                return invalid("Content-Length", "must not stand beside `Transfer-Encoding`");
            }
        }
        _ => return invalid("Transfer-Encoding", "must be `chunked`"),
    }
    match headers.get_all(CONTENT_LENGTH).iter().count() {
        0 | 1 => Ok(()),
        _ => invalid("Content-Length", "occurs twice"),
    }
}

pub(crate) fn frame_request(
    headers: &mut HeaderMap,
    method: &Method,
    body: &impl Body,
    protocol: Protocol,
) {
    let said = headers.remove(CONTENT_LENGTH).is_some();
    headers.remove(TRANSFER_ENCODING);
    let is_usual = [Method::POST, Method::PUT, Method::PATCH].contains(method);
    match body.size_hint().exact() {
        _ if body.is_end_stream() => {
            headers.remove(TRAILER);
            if said || is_usual {
                headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
            }
        }
        Some(length) => {
            headers.remove(TRAILER);
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        // The client would otherwise leave out the body of a method that seldom has one.
        None if protocol == Protocol::Http1 => {
            headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        None => {}
    }
}

/// The answer to HEAD, and 304, tell the length of what they do not carry.
pub(crate) fn frame_response(
    headers: &mut HeaderMap,
    asked: &Method,
    status: StatusCode,
    body: &impl Body,
) {
    headers.remove(TRANSFER_ENCODING);
    if *asked == Method::HEAD || status == StatusCode::NOT_MODIFIED {
        return;
    }
    headers.remove(CONTENT_LENGTH);
    if let Some(length) = body.size_hint().exact() {
        headers.remove(TRAILER);
        if status != StatusCode::NO_CONTENT {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
    }
}

/// Whether an answer is coded in a way that was not asked for, and cannot be handed on.
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    elements(headers, &TRANSFER_ENCODING).any(|coding| !coding.eq_ignore_ascii_case("chunked"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::{Empty, Full, StreamBody};

    use super::*;
    use crate::proxy::testing::{headers, names};

    type Nothing = Result<http_body::Frame<Bytes>, std::convert::Infallible>;

    fn of_unknown_length() -> impl Body {
        StreamBody::new(futures_util::stream::empty::<Nothing>())
    }

    #[test]
    fn a_request_has_one_framing() {
        for good in [&[][..], &[("content-length", "5")], &[("transfer-encoding", "Chunked")]] {
            assert!(check(&headers(good)).is_ok(), "{good:?}");
        }
        for bad in [
            &[("transfer-encoding", "gzip, chunked")][..],
            &[("transfer-encoding", "chunked, chunked")],
            &[("transfer-encoding", "identity"), ("transfer-encoding", "chunked")],
            &[("transfer-encoding", "xchunked")],
            &[("transfer-encoding", "chunked"), ("content-length", "5")],
            &[("content-length", "5"), ("content-length", "5")],
        ] {
            assert_eq!(check(&headers(bad)).unwrap_err().code(), ErrorCode::I400HD, "{bad:?}");
        }
    }

    #[test]
    fn a_request_is_framed_by_its_body() {
        let lies = headers(&[("content-length", "99"), ("trailer", "x-sum")]);
        let framed = |method: Method, body: &dyn Fn(&mut HeaderMap, &Method)| {
            let mut headers = lies.clone();
            body(&mut headers, &method);
            headers
        };
        let known = framed(Method::GET, &|headers, method| {
            frame_request(headers, method, &Full::new(Bytes::from("abc")), Protocol::Http1);
        });
        assert_eq!((names(&known), &known[CONTENT_LENGTH]), (vec!["content-length"], &3.into()));

        let unknown = framed(Method::GET, &|headers, method| {
            frame_request(headers, method, &of_unknown_length(), Protocol::Http1);
        });
        assert_eq!(names(&unknown), ["trailer", "transfer-encoding"]);
        let over_http_2 = framed(Method::GET, &|headers, method| {
            frame_request(headers, method, &of_unknown_length(), Protocol::Http2);
        });
        assert_eq!(names(&over_http_2), ["trailer"]);

        let mut none = HeaderMap::new();
        frame_request(&mut none, &Method::GET, &Empty::<Bytes>::new(), Protocol::Http1);
        assert!(none.is_empty());
        frame_request(&mut none, &Method::POST, &Empty::<Bytes>::new(), Protocol::Http1);
        assert_eq!(none[CONTENT_LENGTH], "0");
    }

    #[test]
    fn an_answer_is_framed_by_its_body_unless_it_has_none() {
        let mut head = headers(&[("content-length", "99")]);
        let body = Full::new(Bytes::from("abc"));
        frame_response(&mut head, &Method::HEAD, StatusCode::OK, &Empty::<Bytes>::new());
        assert_eq!(head[CONTENT_LENGTH], "99");
        frame_response(&mut head, &Method::GET, StatusCode::OK, &body);
        assert_eq!(head[CONTENT_LENGTH], "3");
        frame_response(&mut head, &Method::GET, StatusCode::OK, &of_unknown_length());
        assert!(head.is_empty());

        assert!(is_foreign(&headers(&[("transfer-encoding", "gzip, chunked")])));
        assert!(!is_foreign(&headers(&[("transfer-encoding", "chunked")])));
    }
}
