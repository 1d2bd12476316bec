//! The gateway's side of the back-end signature, from the protocol's text alone: maps, sorting,
//! strings, and nothing of the crate's own canonicalisation; and a service behind it.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{BackendKey, BackendPair, BackendSecret};
use countersign::error::{ErrorCode, Rejection};
use countersign::protocol::BodyLength;
use countersign::verify::backend::{BackendPairs, BackendPolicy, BackendVerifier, VerifiedGateway};
use http::{HeaderMap, Method};

use super::signer::{decoded, decoded_path};
use super::wire::uri;
use super::{
    ClashWinner, NOW, SignedPath, TestReplayStore, Wire, answered, hmac_sha256, md5_base64,
};

pub(crate) const BACKEND_KEY: &str = "GatewayKey1";
pub(crate) const BACKEND_SECRET: &str = "gateway-secret-1";
pub(crate) const OTHER_BACKEND_KEY: &str = "GatewayKey2";
pub(crate) const OTHER_BACKEND_SECRET: &str = "gateway-secret-2";

const FORM: &str = "application/x-www-form-urlencoded";

/// How a gateway reads the rules that can be read in two ways.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct GatewayStyle {
    pub(crate) path: SignedPath,
    pub(crate) clash: ClashWinner,
    pub(crate) line: DigestLine,
    pub(crate) bare: BareStyle,
}

/// What a gateway signs in the line of `Content-MD5`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DigestLine {
    /// The header as it is forwarded; nothing if there is none.
    #[default]
    AsForwarded,
    /// The digest of a body that is no form; nothing if there is none.
    OfBody,
    Empty,
}

/// How a gateway signs a name without a `=`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum BareStyle {
    #[default]
    WithEquals,
    Bare,
}

/// What a gateway signs.
pub(crate) fn backend_string_to_sign(wire: &Wire, style: GatewayStyle) -> Vec<u8> {
    let is_form = is_form(wire);
    let line = match style.line {
        DigestLine::AsForwarded => wire.header("content-md5").trim_ascii().to_vec(),
        DigestLine::OfBody if !is_form && !wire.body.is_empty() => {
            md5_base64(&wire.body).into_bytes()
        }
        DigestLine::OfBody | DigestLine::Empty => Vec::new(),
    };
    let raw = if wire.target.path().is_empty() { "/" } else { wire.target.path() };
    let path = match style.path {
        SignedPath::Raw => raw.as_bytes().to_vec(),
        SignedPath::Decoded => decoded_path(raw).unwrap_or_else(|| raw.as_bytes().to_vec()),
    };
    let lines = [wire.method.as_str().as_bytes(), b"\n", &line, b"\n"].concat();
    [lines, header_lines(wire), path, parameters(wire, is_form, style)].concat()
}

fn header_lines(wire: &Wire) -> Vec<u8> {
    let list = String::from_utf8(wire.header("x-ca-proxy-signature-headers").to_vec()).unwrap();
    let mut by_spelling = BTreeMap::new();
    for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if let Some(value) = wire.headers.get(name) {
            by_spelling.insert(name, value.as_bytes().trim_ascii());
        }
    }
    let line = |(name, value): (&str, &[u8])| {
        [name.to_lowercase().as_bytes(), b":", value, b"\n"].concat()
    };
    by_spelling.into_iter().flat_map(line).collect()
}

/// A name with its first value; `None` is no value at all.
type Parameters = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

fn parameters(wire: &Wire, is_form: bool, style: GatewayStyle) -> Vec<u8> {
    let query = wire.target.query().unwrap_or("").as_bytes();
    let form = if is_form { &wire.body[..] } else { b"" };
    let sources = match style.clash {
        ClashWinner::Query => [(query, false), (form, true)],
        ClashWinner::Form => [(form, true), (query, false)],
    };
    let mut first = Parameters::new();
    for (text, is_form) in sources {
        for part in text.split(|byte| *byte == b'&').filter(|part| !part.is_empty()) {
            let (name, value) = match part.iter().position(|byte| *byte == b'=') {
                Some(at) => (decoded(&part[..at]), Some(decoded(&part[at + 1..]))),
                None if is_form => (part.to_vec(), None),
                None => (decoded(part), None),
            };
            first.entry(name).or_insert(value);
        }
    }
    let mut out = Vec::new();
    for (name, value) in first {
        out.push(if out.is_empty() { b'?' } else { b'&' });
        out.extend(name);
        match (value, style.bare) {
            (Some(value), _) => out.extend([b"=", &value[..]].concat()),
            (None, BareStyle::WithEquals) => out.push(b'='),
            (None, BareStyle::Bare) => {}
        }
    }
    out
}

fn is_form(wire: &Wire) -> bool {
    let content_type = wire.header("content-type").to_ascii_lowercase();
    String::from_utf8_lossy(&content_type).contains(FORM)
}

/// A request that the gateway is about to send on.
#[derive(Clone, Debug)]
pub(crate) struct Forwarded {
    wire: Wire,
    secret: String,
    declared: Vec<String>,
    style: GatewayStyle,
}

impl Forwarded {
    /// A request with nothing but what the gateway adds.
    pub(crate) fn new(method: &str, target: &str) -> Self {
        let wire = Wire {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            target: uri(target),
            headers: HeaderMap::new(),
            body: Vec::new(),
            length: BodyLength::Empty,
        };
        let wire = wire.with("x-ca-proxy-signature-secret-key", BACKEND_KEY);
        let (declared, style) = (Vec::new(), GatewayStyle::default());
        Self { wire, secret: BACKEND_SECRET.to_owned(), declared, style }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    pub(crate) fn post(target: &str) -> Self {
        Self::new("POST", target)
    }

    /// Forwards and declares a timestamp and a nonce of the gateway's caller.
    pub(crate) fn stamped(self, nonce: &str) -> Self {
        self.signed_header("X-Ca-Timestamp", NOW.to_string()).signed_header("X-Ca-Nonce", nonce)
    }

    pub(crate) fn key(self, key: &str, secret: &str) -> Self {
        let secret = secret.to_owned();
        Self { secret, ..self.header("x-ca-proxy-signature-secret-key", key) }
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.wire = self.wire.with(name, value);
        self
    }

    pub(crate) fn signed_header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.header(name, value).declare(name)
    }

    pub(crate) fn declare(mut self, name: &str) -> Self {
        self.declared.push(name.to_owned());
        self
    }

    /// A JSON body about which nothing is said.
    pub(crate) fn json(self, body: &str) -> Self {
        self.header("content-type", "application/json").body(body)
    }

    /// A body with the digest that the gateway's caller has sent.
    pub(crate) fn digested(self, body: impl AsRef<[u8]>) -> Self {
        let digest = md5_base64(body.as_ref());
        self.header("content-md5", digest).body(body)
    }

    pub(crate) fn form(self, body: impl AsRef<[u8]>) -> Self {
        self.header("content-type", FORM).body(body)
    }

    pub(crate) fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.wire = self.wire.with_body(body);
        self
    }

    pub(crate) fn style(self, style: GatewayStyle) -> Self {
        Self { style, ..self }
    }

    /// The digest that the gateway has made of the body stands in its line.
    pub(crate) fn digesting_gateway(self) -> Self {
        let style = GatewayStyle { line: DigestLine::OfBody, ..self.style };
        self.style(style)
    }

    /// Changes what is on the wire before it is signed.
    pub(crate) fn change(mut self, change: impl FnOnce(Wire) -> Wire) -> Self {
        self.wire = change(self.wire);
        self
    }

    pub(crate) fn sign(self) -> Wire {
        let mut wire = self.wire;
        if !self.declared.is_empty() {
            wire = wire.with("x-ca-proxy-signature-headers", self.declared.join(","));
        }
        let text = backend_string_to_sign(&wire, self.style);
        wire.with("x-ca-proxy-signature", hmac_sha256(&self.secret, &text))
    }
}

pub(crate) fn backend_pair(key: &str, secret: &str) -> BackendPair {
    BackendPair::new(BackendKey::new(key).unwrap(), BackendSecret::new(secret).unwrap())
}

pub(crate) type TestBackendVerifier = BackendVerifier<Arc<TestReplayStore>>;

/// A service behind the gateway: verifier, store, clock.
#[derive(Debug)]
pub(crate) struct BehindGateway {
    pub(crate) verifier: TestBackendVerifier,
    pub(crate) pairs: BackendPairs,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) replay: Arc<TestReplayStore>,
}

impl BehindGateway {
    pub(crate) fn strict() -> Self {
        Self::new(BackendPolicy::strict())
    }

    pub(crate) fn compatible() -> Self {
        Self::new(BackendPolicy::gateway_compatible())
    }

    pub(crate) fn new(policy: BackendPolicy) -> Self {
        let pairs = [
            backend_pair(BACKEND_KEY, BACKEND_SECRET),
            backend_pair(OTHER_BACKEND_KEY, OTHER_BACKEND_SECRET),
        ];
        Self::with_pairs(policy, pairs)
    }

    pub(crate) fn with_pairs(
        policy: BackendPolicy,
        pairs: impl IntoIterator<Item = BackendPair>,
    ) -> Self {
        let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
        let replay = Arc::new(TestReplayStore::new(Arc::clone(&clock) as _));
        let pairs = BackendPairs::new(pairs).unwrap();
        let verifier = BackendVerifier::new(pairs.clone(), Arc::clone(&replay))
            .with_policy(policy)
            .with_clock(Arc::clone(&clock));
        Self { verifier, pairs, clock, replay }
    }

    /// The verifier's answer to a request.
    pub(crate) fn verify(&self, wire: &Wire) -> Result<VerifiedGateway, Rejection> {
        answered(self.verifier.verify(wire.head(), &wire.body))
    }

    /// The request must be accepted.
    #[track_caller]
    pub(crate) fn accepts(&self, wire: &Wire) -> VerifiedGateway {
        match self.verify(wire) {
            Ok(verified) => verified,
            Err(rejection) => panic!("refused: {}: {}", rejection.code(), rejection.message()),
        }
    }

    /// The request must be refused with this code.
    #[track_caller]
    pub(crate) fn refuses(&self, wire: &Wire, code: ErrorCode) -> Rejection {
        match self.verify(wire) {
            Ok(verified) => panic!("accepted by {}, not refused: {code}", verified.key()),
            Err(rejection) => {
                assert_eq!(rejection.code(), code, "{}", rejection.message());
                rejection
            }
        }
    }
}
