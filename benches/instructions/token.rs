//! A GET with a token.

use std::sync::Arc;

use countersign::clock::ManualClock;
use countersign::jwt::{JwtVerifier, Plugin, TokenCache};
use countersign::protocol::{BodyLength, RequestHead};
use countersign::store::MemoryReplayStore;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use crate::harness::ready::ready;
use crate::{Case, NOW, measure};

pub(crate) const CASES: [Case; 2] = [
    ("accepted token, HS256", || accepted(|verifier| verifier)),
    ("accepted token, from the cache", || {
        accepted(|verifier| verifier.with_cache(TokenCache::new()));
    }),
];

const PLUGIN: &str = "
    parameter: X-Token
    parameterLocation: header
    jwk:
      kty: oct
      alg: HS256
      k: AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow
";
/// `{"alg":"HS256"}`, `{"exp":1700000060}`.
const TOKEN: &str =
    "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwMDAwNjB9.eFo3x2YIX6-8C71Tr1GSfmvf7pdsSK6raYnPDaeGtHg";

type Subject = JwtVerifier<MemoryReplayStore>;

fn accepted(change: fn(Subject) -> Subject) {
    let clock = Arc::new(ManualClock::at(NOW));
    let plugin = Plugin::parse(PLUGIN).unwrap();
    let verifier = JwtVerifier::from_plugin(plugin, MemoryReplayStore::new()).unwrap();
    let verifier = change(verifier.with_clock(Arc::clone(&clock)));
    let target = Uri::from_static("/http2test/test?param1=test&username=xiaoming&c=3");
    let headers = HeaderMap::from_iter(
        [
            ("host", "api.example.com"),
            ("user-agent", "bench/1.0"),
            ("accept", "application/json; charset=utf-8"),
            ("x-token", TOKEN),
        ]
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))),
    );
    let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
    measure(&clock, |_| (), |()| ready(verifier.verify(head)).is_ok());
}
