//! Headers that a layer writes itself, so that nobody else may.

use std::sync::Arc;

use http::header::CONNECTION;
use http::{HeaderMap, HeaderName, HeaderValue};

/// The names of the headers by which a layer tells the inner service what it verified. A caller who
/// sent one would claim to be verified, so what it sent is removed:
///
/// 1. headers and trailers of these names;
/// 2. their look-alikes with underscores or other signs for hyphens, which services that get headers
///    as variables read as the same name;
/// 3. their mention in `Connection`: the next hop drops what that names.
// A thin pointer: every body has room for one.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnHeaders(Arc<Vec<HeaderName>>);

impl FromIterator<HeaderName> for OwnHeaders {
    fn from_iter<I: IntoIterator<Item = HeaderName>>(names: I) -> Self {
        Self(Arc::new(names.into_iter().collect()))
    }
}

impl OwnHeaders {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of these names is also, or looks like, one of `others`.
    #[cfg(feature = "jwt")]
    pub(super) fn meets(&self, others: &Self) -> bool {
        others.0.iter().any(|other| self.contains(other.as_str()))
    }

    /// Removes what the caller sent under these names. Called after verification, because a caller
    /// may have signed such a header.
    pub(super) fn strip(&self, headers: &mut HeaderMap) {
        let spoofed: Vec<HeaderName> =
            headers.keys().filter(|name| self.contains(name.as_str())).cloned().collect();
        for name in spoofed {
            headers.remove(name);
        }
        self.strip_from_connection(headers);
    }

    /// A `Connection` that names none of them stays as it is.
    fn strip_from_connection(&self, headers: &mut HeaderMap) {
        let options = |value: &HeaderValue| -> Vec<String> {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.split(',').map(|option| option.trim().to_owned()).collect()
        };
        let all = || headers.get_all(CONNECTION).iter().flat_map(options);
        let is_own = |option: &String| self.contains(&option.to_ascii_lowercase());
        if !all().any(|option| is_own(&option)) {
            return;
        }
        let kept: Vec<String> = all().filter(|option| !is_own(option)).collect();
        headers.remove(CONNECTION);
        if let Ok(kept) = HeaderValue::from_str(&kept.join(", ")) {
            headers.insert(CONNECTION, kept);
        }
    }

    /// Whether this is one of the names, or looks like one.
    fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|own| alike(own.as_str(), name))
    }
}

fn alike(own: &str, name: &str) -> bool {
    let fold = |byte: u8| if byte.is_ascii_alphanumeric() { byte } else { b'-' };
    own.len() == name.len() && own.bytes().map(fold).eq(name.bytes().map(fold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_two_sources_are_stripped_at_once() {
        let identity = [HeaderName::from_static("x-app")];
        let claims = [HeaderName::from_static("x-jwt-sub"), HeaderName::from_static("x_jwt_iss")];
        let own: OwnHeaders = identity.into_iter().chain(claims).collect();
        let mut headers = HeaderMap::new();
        for name in
            ["x-app", "x_app", "x.app", "x-jwt-sub", "x-jwt_sub", "x-jwt-iss", "x-jwt", "x-other"]
        {
            headers.insert(name, HeaderValue::from_static("1"));
        }
        headers.insert(CONNECTION, HeaderValue::from_static("close, X-App, X_Jwt_Sub"));
        own.strip(&mut headers);
        let mut kept: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        kept.sort_unstable();
        assert_eq!(kept, ["connection", "x-jwt", "x-other"]);
        assert_eq!(headers[CONNECTION], "close");
    }
}
