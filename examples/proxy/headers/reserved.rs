//! Headers that only a proxy may write: what a caller sends under these names, or under names that
//! look like them, does not reach the service.
//!
//! | names | otherwise |
//! |---|---|
//! | `X-Authenticated-App-Id`, `-App-Key`, `-Mechanism` | a caller is whom it likes |
//! | `X-Ca-Proxy-Signature…` | a caller claims to be the proxy |
//! | `X-Ca-Request-Id` | two requests have one id in the logs |
//! | `Forwarded`, `X-Forwarded-…`, `X-Real-Ip` | a caller comes from where it likes |
//! | `X-Original-Url`, `X-Rewrite-Url` | a service is led to another path than the signed one |
//! | look-alikes of `X-Ca-…`, and of any header that is there | a service reads them in the place of what is signed |

use http::{HeaderMap, HeaderName};

use super::connection::is_of_connection;
use super::{hyphened, is_odd, strip};

const IDENTITY: [&str; 3] =
    ["x-authenticated-app-id", "x-authenticated-app-key", "x-authenticated-mechanism"];

/// Whether headers that tell where a request came from are believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Only the connection is.
    #[default]
    Connection,
    /// A proxy in front, which callers cannot go around, has written them.
    Headers,
}

/// Whether the layer has verified an app, and has written who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum App {
    Verified,
    Unknown,
}

/// Removes what the caller has written. What the layer has written stays.
pub(crate) fn strip_request(headers: &mut HeaderMap, app: App, origin: Origin) {
    strip(headers, |name| {
        is_of_proxy(name)
            || (app == App::Unknown && IDENTITY.contains(&name))
            || (origin == Origin::Connection && tells_origin(name))
    });
    strip_look_alikes(headers);
}

/// The look-alikes of what stays. A stranger on the way could add them, because nobody signs them; and
/// a trusted proxy writes names as they are.
fn strip_look_alikes(headers: &mut HeaderMap) {
    let is_taken =
        |name: &str| name.starts_with("x-ca-") || tells_origin(name) || headers.contains_key(name);
    let odd = headers.keys().filter(|name| is_odd(name.as_str()));
    let alike: Vec<HeaderName> =
        odd.filter(|name| is_taken(&hyphened(name.as_str()))).cloned().collect();
    for name in alike {
        headers.remove(name);
    }
}

/// A trailer that a service merges into the headers must not say what a header must not, nor what
/// was decided when the headers were read (RFC 9110 §6.5.1). All of `X-Ca-…` was.
pub(crate) fn strip_trailers(trailers: &mut HeaderMap) {
    strip(trailers, |name| {
        is_of_connection(name)
            || is_of_proxy(name)
            || tells_origin(name)
            || IDENTITY.contains(&name)
            || name.starts_with("x-ca-")
            || name.starts_with("content-")
            || matches!(name, "accept" | "authorization" | "cookie" | "date" | "host")
    });
}

pub(crate) fn is_of_proxy(name: &str) -> bool {
    matches!(name, "x-ca-request-id" | "x-original-url" | "x-rewrite-url")
        || name.starts_with("x-ca-proxy-signature")
}

fn tells_origin(name: &str) -> bool {
    matches!(name, "forwarded" | "x-real-ip") || name.starts_with("x-forwarded-")
}

/// The id by which the caller, the service and their logs know the request.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-ca-request-id");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::testing::{headers, names};

    fn sent() -> HeaderMap {
        headers(&[
            ("x-authenticated-app-id", "root"),
            ("x_authenticated_app_id", "root"),
            ("x-ca-proxy-signature", "s"),
            ("x-ca-proxy-signature-secret-key", "k"),
            ("x_ca-request-id", "1"),
            ("forwarded", "for=1.2.3.4"),
            ("x-forwarded-for", "1.2.3.4"),
            ("x_forwarded_prefix", "/admin"),
            ("x-original-url", "/admin"),
            ("x-real-ip", "1.2.3.4"),
            ("x.forwarded.for", "1.2.3.4"),
            ("x-authenticated-app~id", "root"),
            ("x-ca-key", "k"),
            ("x_ca_key", "root"),
            ("x.ca-stage", "TEST"),
            ("x-tenant", "a"),
            ("x_tenant", "root"),
            ("x_custom", "1"),
        ])
    }

    #[test]
    fn what_only_a_proxy_may_say_is_removed_with_its_look_alikes() {
        let mut request = sent();
        strip_request(&mut request, App::Unknown, Origin::Connection);
        assert_eq!(names(&request), ["x-ca-key", "x-tenant", "x_custom"]);
        let mut trailers = sent();
        trailers.insert("content-length", "3".parse().unwrap());
        trailers.insert("content_md5", "3".parse().unwrap());
        strip_trailers(&mut trailers);
        assert_eq!(names(&trailers), ["x-tenant", "x_custom", "x_tenant"]);
    }

    #[test]
    fn what_the_layer_or_a_trusted_proxy_has_written_stays() {
        let mut request =
            headers(&[("x-authenticated-app-id", "a"), ("x-forwarded-for", "1.2.3.4")]);
        request.insert("x_forwarded_host", "evil".parse().unwrap());
        strip_request(&mut request, App::Verified, Origin::Headers);
        assert_eq!(names(&request), ["x-authenticated-app-id", "x-forwarded-for"]);
        strip_request(&mut request, App::Verified, Origin::Connection);
        assert_eq!(names(&request), ["x-authenticated-app-id"]);
    }
}
