//! What a caller proved itself by is withheld from the service: a service that leaks its logs then
//! leaks nothing that opens another.
//!
//! | credential | withheld |
//! |---|---|
//! | signature | `X-Ca-Signature`: on another node it might pass once more |
//! | AppCode | `Authorization: APPCODE …`; in a query the layer does not take one |
//! | token | the header, cookie or query parameter that the plug-in document names |
//!
//! So is an `X-Ca-Key` by which nobody has signed: with an AppCode or a token it may be anybody's.
//!
//! The rest goes on: who has signed, what was signed, and an `Authorization` that the proxy has not
//! looked at.

use countersign::jwt::TokenCarrier;
use countersign::protocol::app_code_in_header;
use http::header::{AUTHORIZATION, COOKIE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

/// Whether the service sees credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Credentials {
    #[default]
    Withheld,
    /// For a service that verifies them itself.
    Forwarded,
}

/// By what the caller was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Signature,
    Bearer,
}

const KEY: HeaderName = HeaderName::from_static("x-ca-key");
const SIGNATURE: HeaderName = HeaderName::from_static("x-ca-signature");

/// Removes credentials from the headers.
pub(crate) fn strip_headers(headers: &mut HeaderMap, proof: Proof, token: Option<&TokenCarrier>) {
    headers.remove(SIGNATURE);
    if proof == Proof::Bearer {
        headers.remove(KEY);
    }
    if headers
        .get_all(AUTHORIZATION)
        .iter()
        .any(|value| app_code_in_header(value.as_bytes()).is_some())
    {
        headers.remove(AUTHORIZATION);
    }
    match token {
        Some(TokenCarrier::Header(name)) => {
            headers.remove(name);
        }
        Some(TokenCarrier::Cookie(name)) => strip_cookie(headers, name),
        Some(TokenCarrier::Query(_)) | None => {}
    }
}

/// The target without the token; `None` if it has none, and stays as it was signed.
pub(crate) fn strip_target(
    target: &PathAndQuery,
    token: Option<&TokenCarrier>,
) -> Option<PathAndQuery> {
    let (query, Some(TokenCarrier::Query(token))) = (target.query()?, token) else { return None };
    let is_token = |segment: &&str| {
        let name = segment.split_once('=').map_or(*segment, |(name, _)| name).replace('+', " ");
        percent_decode_str(&name).eq(token.bytes())
    };
    if !query.split('&').any(|segment| is_token(&segment)) {
        return None;
    }
    let kept: Vec<_> = query.split('&').filter(|segment| !is_token(segment)).collect();
    let stripped = match kept.join("&") {
        query if query.is_empty() => target.path().to_owned(),
        query => format!("{}?{query}", target.path()),
    };
    PathAndQuery::try_from(stripped).ok()
}

fn strip_cookie(headers: &mut HeaderMap, name: &str) {
    let is_token = |pair: &&[u8]| {
        let found = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        found.trim_ascii() == name.as_bytes()
    };
    let rest = |line: &HeaderValue| {
        let pairs = line.as_bytes().split(|byte| *byte == b';');
        let kept: Vec<&[u8]> =
            pairs.filter(|pair| !is_token(pair)).map(<[u8]>::trim_ascii).collect();
        HeaderValue::from_bytes(&kept.join(&b"; "[..])).ok().filter(|line| !line.is_empty())
    };
    let lines: Vec<HeaderValue> = headers.get_all(COOKIE).iter().filter_map(rest).collect();
    headers.remove(COOKIE);
    for line in lines {
        headers.append(COOKIE, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::testing::{headers, names};

    #[test]
    fn credentials_stay_here_and_what_else_there_is_goes_on() {
        let mut request = headers(&[
            ("x-ca-key", "k"),
            ("x-ca-signature", "s"),
            ("authorization", "appcode hush"),
            ("cookie", "a=1; t=hush; b=2"),
            ("cookie", "t=hush"),
        ]);
        strip_headers(&mut request, Proof::Signature, Some(&TokenCarrier::Cookie("t".to_owned())));
        assert_eq!(names(&request), ["cookie", "x-ca-key"]);
        assert_eq!(request[COOKIE], "a=1; b=2");

        let mut request = headers(&[
            ("authorization", "Basic eA=="),
            ("x-ca-key", "anybody's"),
            ("x-token", "hush"),
        ]);
        strip_headers(&mut request, Proof::Bearer, Some(&TokenCarrier::header("X-Token").unwrap()));
        assert_eq!(names(&request), ["authorization"]);
        strip_headers(&mut request, Proof::Bearer, Some(&TokenCarrier::authorization()));
        assert!(request.is_empty());
    }

    #[test]
    fn a_target_without_credentials_stays_as_it_was_signed() {
        let token = TokenCarrier::Query("t k".to_owned());
        let stripped = |target: &str| {
            let target = PathAndQuery::try_from(target).unwrap();
            strip_target(&target, Some(&token)).map(|target| target.to_string())
        };
        for same in ["/", "/?", "/?a=1&&b=%2F&t=1", "/a%2Fb?x=t+k"] {
            assert_eq!(stripped(same), None, "{same}");
        }
        assert_eq!(stripped("/a?x=1&t+k=hush&&y=%31").as_deref(), Some("/a?x=1&&y=%31"));
        assert_eq!(stripped("/a?t+k=hush&%74%20k=hush&t%20k").as_deref(), Some("/a"));
    }
}
