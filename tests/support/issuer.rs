//! A JWT verifier with a clock that stands still.

use std::sync::Arc;

use countersign::clock::{ManualClock, UnixMillis};
use countersign::error::{ErrorCode, Rejection};
use countersign::jwt::{JwtPolicy, JwtVerifier, KeySet, Plugin, VerifiedToken};
use countersign::protocol::BodyLength;
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::token::{TokenKey, jwks};
use super::wire::uri;
use super::{NOW, TestReplayStore, Wire, answered};

/// When the tests take place, in seconds.
pub(crate) const NOW_SECS: u64 = NOW / 1000;

pub(crate) type TestJwtVerifier = JwtVerifier<Arc<TestReplayStore>>;

/// The side that gets tokens: verifier, replay store, clock.
#[derive(Debug)]
pub(crate) struct TokenServer {
    pub(crate) verifier: TestJwtVerifier,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) replay: Arc<TestReplayStore>,
}

impl TokenServer {
    pub(crate) fn new(policy: JwtPolicy, keys: KeySet) -> Self {
        let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
        let replay = Arc::new(TestReplayStore::new(Arc::clone(&clock) as _));
        let verifier = JwtVerifier::new(policy, keys, Arc::clone(&replay)).unwrap();
        let verifier = verifier.with_clock(Arc::clone(&clock));
        Self { verifier, clock, replay }
    }

    /// A server with the issuer's key for one algorithm, which has neither `kid` nor `alg`.
    pub(crate) fn with_key_of(algorithm: &str, policy: JwtPolicy) -> Self {
        let jwk = TokenKey::of(algorithm).jwk(json!({}));
        Self::new(policy, KeySet::from_jwks(&jwks([jwk])).unwrap())
    }

    pub(crate) fn of_plugin(plugin: Plugin) -> Self {
        let (policy, keys) = plugin.into_parts();
        Self::new(policy, keys)
    }

    /// At this second.
    pub(crate) fn at(self, seconds: u64) -> Self {
        self.step_to(seconds);
        self
    }

    pub(crate) fn step_to(&self, seconds: u64) {
        self.step_to_millis(seconds * 1000);
    }

    pub(crate) fn step_to_millis(&self, millis: u64) {
        self.clock.step_wall_to(UnixMillis::new(millis));
    }

    /// The answer to a request.
    pub(crate) fn verify(&self, wire: &Wire) -> Result<Option<VerifiedToken>, Rejection> {
        answered(self.verifier.verify(wire.head()))
    }

    /// The answer to a request with `Authorization: Bearer …`.
    pub(crate) fn bearer(&self, token: &str) -> Result<VerifiedToken, Rejection> {
        let answer = self.verify(&bearer(token));
        answer.map(|verified| verified.expect("the request has a token"))
    }
}

/// A request without a token.
pub(crate) fn plain_get(target: &str) -> Wire {
    Wire {
        method: Method::GET,
        target: uri(target),
        headers: HeaderMap::new(),
        body: Vec::new(),
        length: BodyLength::Empty,
    }
}

/// A request with this token in `Authorization`.
pub(crate) fn bearer(token: &str) -> Wire {
    plain_get("/").with("authorization", format!("Bearer {token}"))
}

/// Claims that are good at [`NOW`], and these; `null` takes one away.
pub(crate) fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": "issuer",
        "sub": "user",
        "iat": NOW_SECS,
        "exp": NOW_SECS + 300,
        "jti": "id-1",
    });
    let Value::Object(changes) = changes else {
        panic!("{changes} are no claims");
    };
    for (name, value) in changes {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(&name),
            value => claims.as_object_mut().unwrap().insert(name, value),
        };
    }
    claims
}

/// The token must have been accepted.
#[track_caller]
pub(crate) fn assert_token_accepted(answer: Result<VerifiedToken, Rejection>) -> VerifiedToken {
    match answer {
        Ok(verified) => verified,
        Err(rejection) => panic!("refused: {}: {}", rejection.code(), rejection.message()),
    }
}

/// The token must have been refused with this code.
#[track_caller]
pub(crate) fn assert_token_code<T>(answer: Result<T, Rejection>, code: ErrorCode) -> Rejection {
    match answer {
        Ok(_) => panic!("accepted, not refused: {code}"),
        Err(rejection) => {
            assert_eq!(rejection.code(), code, "{}", rejection.message());
            rejection
        }
    }
}

/// The token must have been refused with this code and exactly this message.
#[track_caller]
pub(crate) fn assert_token_refused<T>(
    answer: Result<T, Rejection>,
    code: ErrorCode,
    message: &str,
) -> Rejection {
    let rejection = assert_token_code(answer, code);
    assert_eq!(rejection.message(), message);
    rejection
}
