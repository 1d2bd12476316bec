//! Tells the service where a request came from, and for which host.
//!
//! 1. `X-Forwarded-For`: the address that the connection came from. What the caller says of it is
//!    gone; from a trusted proxy it stays, and the connection's address is added.
//! 2. `X-Forwarded-Proto`: `http`, unless a trusted proxy says otherwise.
//! 3. `X-Forwarded-Host`: the host that the caller asked for, unless a trusted proxy says otherwise.
//! 4. `Host`: the service's own address, or with [`HostRule::Caller`] what the caller asked for.

use std::net::IpAddr;

use countersign::error::{ErrorCode, Rejection};
use http::header::HOST;
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Version};

use super::elements;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Which `Host` the service is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum HostRule {
    /// Its own address: the caller's host is not signed, so nothing should depend on it.
    #[default]
    Service,
    /// The caller's.
    Caller,
}

/// The host that a request is for: that of its target, if it has one (RFC 9112 §3.2.2), else `Host`.
///
/// # Errors
///
/// `I400HD` if there are two, or it is no host and port; `I400MH` if HTTP/1.1 has none.
pub(crate) fn requested_host(head: &Parts) -> Result<Option<HeaderValue>, Rejection> {
    let invalid = |reason| Rejection::new(ErrorCode::I400HD).with("Host").with(reason);
    let mut hosts = head.headers.get_all(HOST).iter();
    let host = hosts.next().filter(|host| !host.is_empty());
    if hosts.next().is_some() {
        return Err(invalid("occurs twice"));
    }
    let is_authority = |host: &HeaderValue| {
        let authority = Authority::try_from(host.as_bytes());
        authority.is_ok_and(|authority| !authority.as_str().contains('@'))
    };
    if host.is_some_and(|host| !is_authority(host)) {
        return Err(invalid("is not a host"));
    }
    match (head.uri.authority(), host) {
        (Some(authority), _) => {
            let named = HeaderValue::from_str(authority.as_str()).ok().filter(is_authority);
            named.map(Some).ok_or_else(|| invalid("is not a host"))
        }
        (None, Some(host)) => Ok(Some(host.clone())),
        (None, None) if head.version == Version::HTTP_11 && !head.headers.contains_key(HOST) => {
            Err(Rejection::new(ErrorCode::I400MH).with("Host"))
        }
        (None, None) => Ok(None),
    }
}

/// Writes what the proxy knows. What the caller wrote, if it is not believed, is gone already.
pub(crate) fn write(
    headers: &mut HeaderMap,
    peer: Option<IpAddr>,
    requested: Option<HeaderValue>,
    rule: HostRule,
) {
    let peer = peer.map(|peer| peer.to_canonical().to_string());
    let hops: Vec<String> = elements(headers, &FOR).chain(peer).collect();
    if let Ok(hops) = HeaderValue::from_str(&hops.join(", ")) {
        headers.insert(FOR, hops);
    }
    headers.entry(PROTO).or_insert(HeaderValue::from_static("http"));
    headers.remove(HOST);
    if let Some(requested) = requested {
        if rule == HostRule::Caller {
            headers.insert(HOST, requested.clone());
        }
        headers.entry(FORWARDED_HOST).or_insert(requested);
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::proxy::testing::headers;

    fn host_of(
        target: &str,
        hosts: &[&str],
        version: Version,
    ) -> Result<Option<String>, ErrorCode> {
        let request = Request::builder().uri(target).version(version);
        let request = hosts.iter().fold(request, |request, host| request.header(HOST, *host));
        let (head, ()) = request.body(()).unwrap().into_parts();
        let host = requested_host(&head).map_err(|rejection| rejection.code())?;
        Ok(host.map(|host| host.to_str().unwrap().to_owned()))
    }

    #[test]
    fn a_request_is_for_one_host() {
        let host = |host: &str| Ok(Some(host.to_owned()));
        assert_eq!(host_of("/", &["a.example:80"], Version::HTTP_11), host("a.example:80"));
        assert_eq!(host_of("http://b/", &["a"], Version::HTTP_11), host("b"));
        assert_eq!(host_of("http://b/", &[], Version::HTTP_2), host("b"));
        assert_eq!(host_of("/", &[], Version::HTTP_10), Ok(None));
        assert_eq!(host_of("/", &[""], Version::HTTP_11), Ok(None));

        assert_eq!(host_of("/", &[], Version::HTTP_11), Err(ErrorCode::I400MH));
        for hosts in [&["a", "a"][..], &["a", "b"], &["a/b"], &["u@a"], &["a b"]] {
            assert_eq!(host_of("/", hosts, Version::HTTP_11), Err(ErrorCode::I400HD), "{hosts:?}");
        }
        assert_eq!(host_of("http://u:p@b/", &["b"], Version::HTTP_11), Err(ErrorCode::I400HD));
    }

    #[test]
    fn the_connection_is_added_to_what_is_believed() {
        let peer = Some("::ffff:9.9.9.9".parse().unwrap());
        let mut request = headers(&[("host", "a")]);
        write(&mut request, peer, Some(HeaderValue::from_static("a")), HostRule::Service);
        assert_eq!(
            (&request[FOR], &request[PROTO]),
            (&"9.9.9.9".parse().unwrap(), &"http".parse().unwrap())
        );
        assert_eq!((&request[FORWARDED_HOST], request.get(HOST)), (&"a".parse().unwrap(), None));

        let mut request = headers(&[
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-for", "2.2.2.2"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "outer"),
        ]);
        write(&mut request, peer, Some(HeaderValue::from_static("a")), HostRule::Caller);
        assert_eq!(request[FOR], "1.1.1.1, 2.2.2.2, 9.9.9.9");
        assert_eq!(
            (&request[PROTO], &request[HOST]),
            (&"https".parse().unwrap(), &"a".parse().unwrap())
        );
        assert_eq!(request[FORWARDED_HOST], "outer");
    }
}
