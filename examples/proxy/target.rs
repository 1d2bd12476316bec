//! Where a request goes: the service's address, and the target as it was signed, byte for byte.
//!
//! A service that lives under a path (`--upstream http://host/base`) is not left by `..`, whoever
//! signs it: with such a path a target that steps up is refused (`I400PA`).

use countersign::error::{ErrorCode, Rejection};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Method, Uri};
use percent_encoding::percent_decode_str;

use crate::common::Problem;

/// The service behind the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upstream {
    authority: Authority,
    /// Without the slash at its end: empty if the service is at the root.
    base: String,
}

impl Upstream {
    /// Reads `http://host:port/base`.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let wrong =
            |what: &str| Problem(format!("--upstream is http://HOST[:PORT][/BASE]: {what}"));
        let uri: Uri = text.parse().map_err(|error| wrong(&format!("{error}")))?;
        let parts = uri.into_parts();
        match parts.scheme {
            Some(scheme) if scheme == Scheme::HTTP => {}
            Some(scheme) => return Err(wrong(&format!("{scheme} is not spoken to services"))),
            None => return Err(wrong("it has no scheme")),
        }
        let authority = parts.authority.ok_or_else(|| wrong("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("it has a user"));
        }
        let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        if path.query().is_some() {
            return Err(wrong("it has a query"));
        }
        Ok(Self { authority, base: path.path().trim_end_matches('/').to_owned() })
    }

    /// The service's name, as it is asked for.
    pub(crate) fn host(&self) -> &str {
        self.authority.host()
    }

    /// `I400PA` if the path would leave the base.
    pub(crate) fn check(&self, path: &str) -> Result<(), Rejection> {
        if self.base.is_empty() || !steps(path) {
            return Ok(());
        }
        Err(Rejection::new(ErrorCode::I400PA).with("it has a dot segment"))
    }

    /// The address of `target` at the service; `None` if there is no such address.
    pub(crate) fn locate(&self, method: &Method, target: PathAndQuery) -> Option<Uri> {
        let target = match target.as_str() {
            // What is asked of the whole server.
            "*" if *method == Method::OPTIONS => target,
            _ if self.base.is_empty() => target,
            "*" => return None,
            // Shown, not as text: a target without a path is one of `/`.
            _ => PathAndQuery::try_from(format!("{}{target}", self.base)).ok()?,
        };
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(target);
        Uri::from_parts(parts).ok()
    }
}

/// Whether a part of the path, as any reader takes it, is a step up or to the same place.
fn steps(path: &str) -> bool {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let twice = percent_decode_str(&decoded).decode_utf8_lossy();
    twice.split(['/', '\\']).any(|part| {
        // Some readers drop what stands behind a semicolon.
        matches!(part.split(';').next(), Some("." | ".."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(upstream: &str, method: Method, target: &'static str) -> Option<String> {
        let upstream = Upstream::parse(upstream).unwrap();
        let uri: Uri = target.parse().unwrap();
        let target = uri.path_and_query().cloned().unwrap();
        upstream.locate(&method, target).map(|uri| uri.to_string())
    }

    #[test]
    fn a_target_is_not_rewritten() {
        for target in
            ["/", "/a//b/?", "/%7Eu/%2F?a=%61&&b=+;c", "/a/../b", "//other/x", "/?x=/..\\"]
        {
            let expected = format!("http://h:9000{target}");
            assert_eq!(located("http://h:9000", Method::GET, target), Some(expected));
            let expected = format!("http://h/base{target}");
            assert_eq!(located("http://h/base/", Method::GET, target), Some(expected));
        }
        let absolute = located("http://h", Method::GET, "http://elsewhere/a?b");
        assert_eq!(absolute.as_deref(), Some("http://h/a?b"));
        let all = located("http://h/base", Method::OPTIONS, "*");
        assert_eq!(all.as_deref(), Some("http://h*"));
        assert_eq!(located("http://h/base", Method::GET, "*"), None, "it is not below the base");
        let without_path = located("http://h/base", Method::GET, "http://elsewhere?b");
        assert_eq!(without_path.as_deref(), Some("http://h/base/?b"));
    }

    #[test]
    fn a_base_is_not_left() {
        let based = Upstream::parse("http://h/base").unwrap();
        for path in
            ["/../x", "/a/..", "/%2e%2E/x", "/a/%252e%252e/", "/..%2fx", "/.", "/..\\x", "/..;a/x"]
        {
            let code = based.check(path).unwrap_err().code();
            assert_eq!(code, ErrorCode::I400PA, "{path}");
            assert!(Upstream::parse("http://h/").unwrap().check(path).is_ok());
        }
        for path in ["/", "/a..b/...", "/.well-known/x", "/a.b/"] {
            assert!(based.check(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn what_is_no_address_of_a_service_is_refused() {
        for text in ["", "h:9000", "/base", "https://h", "http://", "http://u:p@h", "http://h/?a"] {
            assert!(Upstream::parse(text).is_err(), "{text}");
        }
    }
}
