//! `X-Ca-Request-Id`: an upper-case UUID on every response (protocol §7).

use std::fmt;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use siphasher::sip128::SipHasher24;
use uuid::fmt::Hyphenated;

use crate::random;

/// The id of a request. The layers put it into the request's extensions and on the response; nested
/// layers share one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; Hyphenated::LENGTH]);

impl RequestId {
    /// The id that an outer layer gave this request, or a new one.
    pub(crate) fn of(extensions: &mut Extensions) -> Self {
        *extensions.get_or_insert_with(Self::next)
    }

    /// Ids must be unique and unpredictable, not secret: a keyed hash of a counter is both, at a
    /// tenth of the price of asking the system for random bytes each time.
    fn next() -> Self {
        static KEYS: LazyLock<[u64; 2]> =
            LazyLock::new(|| [random::hash_key(), random::hash_key()]);
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let [first, second] = *KEYS;
        let bytes = SipHasher24::new_with_keys(first, second).hash(&count.to_le_bytes()).as_bytes();
        let mut text = [0; Hyphenated::LENGTH];
        uuid::Builder::from_random_bytes(bytes).into_uuid().hyphenated().encode_upper(&mut text);
        Self(text)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(crate) fn write(&self, name: HeaderName, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_bytes(&self.0) {
            headers.insert(name, value);
        }
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestId").field(&self.as_str()).finish()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn ids_are_upper_case_version_4_uuids_and_differ() {
        let (a, b) = (RequestId::next(), RequestId::next());
        assert_ne!(a, b);
        assert_eq!(a.as_str(), a.as_str().to_uppercase());
        assert_eq!(Uuid::parse_str(a.as_str()).unwrap().get_version_num(), 4);
    }

    #[test]
    fn nested_layers_share_an_id() {
        let mut extensions = Extensions::new();
        assert_eq!(RequestId::of(&mut extensions), RequestId::of(&mut extensions));
    }
}
