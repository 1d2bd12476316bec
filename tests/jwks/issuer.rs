//! An issuer: keys, tokens, and a transport that answers what it is told, when it is told.

use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use countersign::error::{ErrorCode, Rejection};
use countersign::jwt::remote::{FetchError, FetchKeySet, RemoteKeys, RemoteKeysBuilder};
use countersign::jwt::{JwtPolicy, JwtVerifier, TokenCarrier, VerifiedToken};
use countersign::protocol::{BodyLength, RequestHead};
use countersign::store::MemoryReplayStore;
use http::{HeaderMap, HeaderValue, Method, Uri};
use serde_json::{Value, json};
use tokio::sync::watch;

pub(crate) type Verifier = JwtVerifier<MemoryReplayStore>;

/// A key that tokens are signed with.
pub(crate) struct Key {
    pub(crate) kid: &'static str,
    pair: Ed25519KeyPair,
}

impl Key {
    pub(crate) fn new(kid: &'static str) -> Self {
        Self { kid, pair: Ed25519KeyPair::generate().unwrap() }
    }

    pub(crate) fn jwk(&self) -> Value {
        let x = BASE64_URL_SAFE_NO_PAD.encode(self.pair.public_key());
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": self.kid, "x": x })
    }

    pub(crate) fn token(&self) -> String {
        self.sign(json!({ "alg": "EdDSA", "kid": self.kid }), json!({ "sub": "me" }))
    }

    pub(crate) fn sign(&self, header: Value, claims: Value) -> String {
        let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(header), part(claims));
        let signature = self.pair.sign(input.as_bytes());
        format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A token that names this `kid`. No key verifies it.
pub(crate) fn token_of(kid: &str) -> String {
    let key = Key::new("");
    key.sign(json!({ "alg": "EdDSA", "kid": kid }), json!({}))
}

pub(crate) fn jwks<'k>(keys: impl IntoIterator<Item = &'k Key>) -> String {
    json!({ "keys": keys.into_iter().map(Key::jwk).collect::<Vec<_>>() }).to_string()
}

/// How the transport answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Document(String),
    Error(FetchError),
    Panic,
    /// Not before it is told something else.
    Hang,
}

/// An issuer in memory.
#[derive(Clone)]
pub(crate) struct Issuer(Arc<watch::Sender<Told>>);

struct Told {
    answer: Answer,
    begun: usize,
    ended: usize,
}

impl Issuer {
    pub(crate) fn new(answer: Answer) -> Self {
        Self(Arc::new(watch::Sender::new(Told { answer, begun: 0, ended: 0 })))
    }

    pub(crate) fn publishing<'k>(keys: impl IntoIterator<Item = &'k Key>) -> Self {
        Self::new(Answer::Document(jwks(keys)))
    }

    pub(crate) fn publish<'k>(&self, keys: impl IntoIterator<Item = &'k Key>) {
        self.answer(Answer::Document(jwks(keys)));
    }

    pub(crate) fn answer(&self, answer: Answer) {
        self.0.send_modify(|told| told.answer = answer);
    }

    /// How many fetches have begun.
    pub(crate) fn fetches(&self) -> usize {
        self.0.borrow().begun
    }

    /// Whether a fetch is under way.
    pub(crate) fn is_being_asked(&self) -> bool {
        let told = self.0.borrow();
        told.begun > told.ended
    }

    /// Waits until so many fetches have begun.
    pub(crate) async fn asked(&self, times: usize) {
        self.0.subscribe().wait_for(|told| told.begun >= times).await.unwrap();
    }

    pub(crate) fn keys(&self) -> RemoteKeysBuilder<Self> {
        RemoteKeys::builder(self.clone())
    }
}

struct Asked<'i>(&'i Issuer);

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|told| told.ended += 1);
    }
}

impl FetchKeySet for Issuer {
    async fn fetch(&self) -> Result<Vec<u8>, FetchError> {
        self.0.send_modify(|told| told.begun += 1);
        let _asked = Asked(self);
        let mut told = self.0.subscribe();
        let told = told.wait_for(|told| !matches!(told.answer, Answer::Hang)).await.unwrap();
        let answer = told.answer.clone();
        drop(told);
        match answer {
            Answer::Document(document) => Ok(document.into_bytes()),
            Answer::Error(error) => Err(error),
            Answer::Panic => std::panic::panic_any("told to"),
            Answer::Hang => unreachable!(),
        }
    }
}

pub(crate) fn verifier(keys: &RemoteKeys) -> Verifier {
    verifier_with(JwtPolicy::new(), keys)
}

pub(crate) fn verifier_with(policy: JwtPolicy, keys: &RemoteKeys) -> Verifier {
    JwtVerifier::new(carried(policy), keys.clone(), MemoryReplayStore::new()).unwrap()
}

/// The token is where [`ask`] puts it.
pub(crate) fn carried(policy: JwtPolicy) -> JwtPolicy {
    policy.with_carrier(TokenCarrier::header("x-token").unwrap())
}

/// A request with this token.
pub(crate) async fn ask(verifier: &Verifier, token: &str) -> Result<VerifiedToken, Rejection> {
    let mut headers = HeaderMap::new();
    headers.insert("x-token", HeaderValue::from_str(token).unwrap());
    let target = Uri::from_static("/");
    let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
    verifier.verify(head).await.map(Option::unwrap)
}

pub(crate) async fn code(verifier: &Verifier, token: &str) -> Option<ErrorCode> {
    ask(verifier, token).await.err().map(|rejection| rejection.code())
}
