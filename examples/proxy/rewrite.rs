//! The request as the service gets it. In this order, so that nothing which the caller wrote is taken
//! for what the proxy writes:
//!
//! 1. The target goes on as it was signed, less a token in it.
//! 2. Credentials are withheld.
//! 3. What is of the caller's connection ends.
//! 4. What only a proxy may write is removed, and written.
//! 5. Cookies that HTTP/2 has divided are one line again (RFC 9113 §8.2.3).
//! 6. The framing is that of the body that was read.

use std::net::IpAddr;

use countersign::error::{ErrorCode, Rejection};
use countersign::jwt::TokenCarrier;
use countersign::middleware::RequestId;
use countersign::verify::{Mechanism, Verified};
use http::header::{COOKIE, EXPECT};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Version};
use http_body::Body;

use super::headers::credentials::{self, Credentials, Proof};
use super::headers::forwarded::{self, HostRule};
use super::headers::reserved::{self, App, Origin};
use super::headers::via::Pseudonym;
use super::headers::{connection, framing};
use super::target::Upstream;
use super::upstream::Protocol;
use crate::common::serve::Peer;

/// What the service is told, and what not.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) upstream: Upstream,
    pub(crate) protocol: Protocol,
    pub(crate) host: HostRule,
    pub(crate) origin: Origin,
    pub(crate) credentials: Credentials,
    /// Where callers put tokens, if the proxy asks for any.
    pub(crate) token: Option<TokenCarrier>,
    pub(crate) via: Pseudonym,
}

impl Rules {
    /// Makes the verified request the service's.
    pub(crate) fn rewrite(&self, head: &mut Parts, body: &impl Body) -> Result<(), Rejection> {
        let requested = forwarded::requested_host(head)?;
        self.rewrite_target(head)?;
        let verified = head.extensions.get::<Verified>();
        let (app, proof) = match verified.map(Verified::mechanism) {
            Some(Mechanism::Signature) => (App::Verified, Proof::Signature),
            Some(_) => (App::Verified, Proof::Bearer),
            None => (App::Unknown, Proof::Bearer),
        };
        if self.credentials == Credentials::Withheld {
            credentials::strip_headers(&mut head.headers, proof, self.token.as_ref());
        }
        connection::end_request(&mut head.headers);
        // The server below answers `100 Continue` itself, when the body is asked for.
        head.headers.remove(EXPECT);

        reserved::strip_request(&mut head.headers, app, self.origin);
        let peer: Option<IpAddr> = head.extensions.get::<Peer>().map(|Peer(address)| address.ip());
        forwarded::write(&mut head.headers, peer, requested, self.host);
        self.via.add(&mut head.headers, head.version);
        let id = head.extensions.get::<RequestId>().map(RequestId::as_str);
        if let Some(id) = id.and_then(|id| HeaderValue::from_str(id).ok()) {
            head.headers.insert(reserved::REQUEST_ID, id);
        }

        join_cookies(&mut head.headers);
        framing::frame_request(&mut head.headers, &head.method, body, self.protocol);
        head.version = match self.protocol {
            Protocol::Http1 => Version::HTTP_11,
            Protocol::Http2 => Version::HTTP_2,
        };
        head.extensions.clear();
        Ok(())
    }

    fn rewrite_target(&self, head: &mut Parts) -> Result<(), Rejection> {
        let nowhere = || Rejection::new(ErrorCode::I400RU).with("it leads nowhere");
        let signed = head.uri.path_and_query().ok_or_else(nowhere)?;
        let stripped = match self.credentials {
            Credentials::Withheld => credentials::strip_target(signed, self.token.as_ref()),
            Credentials::Forwarded => None,
        };
        let target = stripped.unwrap_or_else(|| signed.clone());
        head.uri = self.upstream.locate(&head.method, target).ok_or_else(nowhere)?;
        Ok(())
    }
}

fn join_cookies(headers: &mut HeaderMap) {
    let lines: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if lines.len() < 2 {
        return;
    }
    if let Ok(joined) = HeaderValue::from_bytes(&lines.join(&b"; "[..])) {
        headers.insert(COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;
    use http_body_util::{Empty, Full};

    use super::*;
    use crate::proxy::testing::names;

    fn rules() -> Rules {
        Rules {
            upstream: Upstream::parse("http://service:9000").unwrap(),
            protocol: Protocol::Http1,
            host: HostRule::default(),
            origin: Origin::default(),
            credentials: Credentials::default(),
            token: None,
            via: Pseudonym::named("here").unwrap(),
        }
    }

    fn hostile() -> Parts {
        let request = Request::post("/a%2Fb?t=hush&c=%61")
            .header("host", "api.example")
            .header("authorization", "APPCODE hush")
            .header("x-ca-signature", "hush")
            .header("connection", "keep-alive")
            .header("keep-alive", "5")
            .header("expect", "100-continue")
            .header("content-length", "99")
            .header("x-authenticated-app-id", "root")
            .header("x-forwarded-for", "1.2.3.4")
            .header("x-ca-request-id", "mine")
            .header("content-type", "text/plain")
            .header("cookie", "a=1")
            .header("cookie", "b=2; c=3")
            .extension(Peer(([192, 0, 2, 7], 40_000).into()));
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn what_the_caller_wrote_is_not_taken_for_what_the_proxy_writes() {
        let mut head = hostile();
        let token = Some(TokenCarrier::Query("t".to_owned()));
        Rules { token, ..rules() }.rewrite(&mut head, &Full::new(Bytes::from("abc"))).unwrap();
        assert_eq!(head.uri, "http://service:9000/a%2Fb?c=%61");
        let expected = [
            ("content-length", "3"),
            ("content-type", "text/plain"),
            ("cookie", "a=1; b=2; c=3"),
            ("via", "1.1 here"),
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-host", "api.example"),
            ("x-forwarded-proto", "http"),
        ];
        assert_eq!(names(&head.headers), expected.map(|(name, _)| name));
        for (name, value) in expected {
            assert_eq!(head.headers[name], value, "{name}");
        }
        assert!(head.extensions.is_empty());
    }

    #[test]
    fn a_service_that_asks_for_more_gets_it() {
        let mut head = hostile();
        let rules = Rules {
            host: HostRule::Caller,
            origin: Origin::Headers,
            credentials: Credentials::Forwarded,
            ..rules()
        };
        rules.rewrite(&mut head, &Empty::<Bytes>::new()).unwrap();
        assert_eq!(head.uri, "http://service:9000/a%2Fb?t=hush&c=%61");
        for (name, value) in [
            ("authorization", "APPCODE hush"),
            ("host", "api.example"),
            ("x-ca-signature", "hush"),
            ("x-forwarded-for", "1.2.3.4, 192.0.2.7"),
        ] {
            assert_eq!(head.headers[name], value, "{name}");
        }
        assert!(!head.headers.contains_key("x-authenticated-app-id"));
    }
}
