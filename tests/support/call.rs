//! A client's request before it is signed.

use std::sync::atomic::{AtomicU64, Ordering};

use countersign::protocol::BodyLength;
use http::{HeaderMap, Method};

use super::wire::uri;
use super::{KEY, NOW, SECRET, Style, Wire, hmac_sha1, hmac_sha256, md5_base64, string_to_sign};

const FORM: &str = "application/x-www-form-urlencoded";

/// A request that the demo app is about to sign, with a fresh nonce, stamped [`NOW`], its key,
/// timestamp and nonce among the signed headers: what the strict policy asks for.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    wire: Wire,
    secret: String,
    declared: Vec<String>,
    style: Style,
}

impl Call {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        static NONCE: AtomicU64 = AtomicU64::new(0);
        let nonce = format!("nonce-{}", NONCE.fetch_add(1, Ordering::Relaxed));
        let wire = Wire {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            target: uri(target),
            headers: HeaderMap::new(),
            body: Vec::new(),
            length: BodyLength::Empty,
        };
        let wire = wire
            .with("accept", "application/json")
            .with("x-ca-key", KEY)
            .with("x-ca-timestamp", NOW.to_string())
            .with("x-ca-nonce", nonce);
        Self {
            wire,
            secret: SECRET.to_owned(),
            declared: ["X-Ca-Key", "X-Ca-Timestamp", "X-Ca-Nonce"].map(str::to_owned).into(),
            style: Style::default(),
        }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    pub(crate) fn post(target: &str) -> Self {
        Self::new("POST", target)
    }

    /// Puts a JSON body with its digest to `/accounts/1`.
    pub(crate) fn put(body: &str) -> Self {
        Self::new("PUT", "/accounts/1").json(body)
    }

    /// A JSON body with its digest.
    pub(crate) fn json(self, body: &str) -> Self {
        self.header("content-type", "application/json").digested(body)
    }

    /// A body with its digest.
    pub(crate) fn digested(self, body: impl AsRef<[u8]>) -> Self {
        let digest = md5_base64(body.as_ref());
        self.header("content-md5", digest).body(body)
    }

    /// A form body.
    pub(crate) fn form(self, body: impl AsRef<[u8]>) -> Self {
        self.header("content-type", FORM).body(body)
    }

    /// A body and nothing about it.
    pub(crate) fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.wire = self.wire.with_body(body);
        self
    }

    /// Sets a header that is not declared.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.wire = self.wire.with(name, value);
        self
    }

    /// Sets a header and declares it.
    pub(crate) fn signed_header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.header(name, value).declare(name)
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.wire = self.wire.without(name);
        self.undeclare(name)
    }

    /// Adds a name to the list of signed headers.
    pub(crate) fn declare(mut self, name: &str) -> Self {
        self.declared.push(name.to_owned());
        self
    }

    pub(crate) fn undeclare(mut self, name: &str) -> Self {
        self.declared.retain(|other| !other.eq_ignore_ascii_case(name));
        self
    }

    /// Sends no list of signed headers.
    pub(crate) fn declare_nothing(mut self) -> Self {
        self.declared.clear();
        self
    }

    pub(crate) fn timestamp(self, text: impl ToString) -> Self {
        self.header("x-ca-timestamp", text.to_string())
    }

    pub(crate) fn nonce(self, nonce: impl AsRef<[u8]>) -> Self {
        self.header("x-ca-nonce", nonce)
    }

    pub(crate) fn key(self, key: &str, secret: &str) -> Self {
        Self { secret: secret.to_owned(), ..self.header("x-ca-key", key) }
    }

    pub(crate) fn hmac_sha1(self) -> Self {
        self.header("x-ca-signature-method", "HmacSHA1")
    }

    pub(crate) fn style(self, style: Style) -> Self {
        Self { style, ..self }
    }

    /// Changes what is on the wire before it is signed.
    pub(crate) fn change(mut self, change: impl FnOnce(Wire) -> Wire) -> Self {
        self.wire = change(self.wire);
        self
    }

    /// The request with its signature.
    pub(crate) fn sign(self) -> Wire {
        let mut wire = self.wire;
        if !self.declared.is_empty() {
            wire = wire.with("x-ca-signature-headers", self.declared.join(","));
        }
        let text = string_to_sign(&wire, self.style);
        let signature = match wire.header("x-ca-signature-method") {
            b"HmacSHA1" => hmac_sha1(&self.secret, &text),
            _ => hmac_sha256(&self.secret, &text),
        };
        wire.with("x-ca-signature", signature)
    }

    /// The request with an AppCode instead of a signature.
    pub(crate) fn with_app_code(self, code: &str) -> Wire {
        let mut wire = self.wire.with("authorization", format!("APPCODE {code}"));
        for name in ["x-ca-key", "x-ca-timestamp", "x-ca-nonce"] {
            wire.headers.remove(name);
        }
        wire
    }
}
