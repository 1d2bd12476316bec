//! The requests, signed as clients sign them, and the cryptography that each takes.

#![allow(dead_code, reason = "each benchmark takes its part")]

mod cryptography;
mod kind;
pub(crate) mod openapi;

use countersign::clock::{Clock, SystemClock, UnixMillis};
use countersign::credential::{App, AppCode, AppKey, AppSecret};
use countersign::protocol::{BodyLength, PresentedSignature, RequestHead};
use countersign::sign::{SignableBody, SignableRequest, Signer, Stamp};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use cryptography::Cryptography;
pub(crate) use kind::Kind;

pub(crate) const APP_CODE: &str = "4c1b7b3e0f0a4be09d8b3f4a3f6e2c11";

pub(crate) fn app_key(number: usize) -> String {
    format!("{}", 203_710_000 + number)
}

pub(crate) fn secret_text(number: usize) -> String {
    format!("a secret of thirty-two chars {number:03}")
}

fn secret(number: usize) -> AppSecret {
    AppSecret::new(secret_text(number)).unwrap()
}

pub(crate) fn app(number: usize) -> App {
    let app = App::new(format!("app {number}"), AppKey::new(app_key(number)).unwrap());
    let app = app.with_secret(secret(number));
    if number == 0 { app.with_app_code(AppCode::new(APP_CODE).unwrap()) } else { app }
}

/// A request as it arrives, with what its cryptography needs ready.
pub(crate) struct Signed {
    pub(crate) method: Method,
    pub(crate) target: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    cryptography: Cryptography,
}

impl Signed {
    /// The request of this number, by one of so many apps, stamped now.
    pub(crate) fn new(kind: Kind, apps: usize, number: u64) -> Self {
        Self::stamped(SystemClock.wall(), kind, apps, number)
    }

    /// Stamped with another time.
    pub(crate) fn stamped(at: UnixMillis, kind: Kind, apps: usize, number: u64) -> Self {
        let app = number as usize % apps;
        let (content_type, body) = kind.body();
        let mut request = Self {
            method: kind.method(),
            target: kind.target().parse().unwrap(),
            headers: HeaderMap::new(),
            body,
            cryptography: Cryptography::app_code(),
        };
        request.set("host", "api.example.com");
        request.set("user-agent", "bench/1.0");
        request.set("accept", "application/json; charset=utf-8");
        if !content_type.is_empty() {
            request.set("content-type", content_type);
        }
        let stamp = Stamp::new(at, format!("c9f15cbf-f4ac-4a6c-b54d-{number:012x}")).unwrap();
        match (kind, kind.openapi()) {
            (Kind::AppCode, _) => request.set("authorization", &format!("APPCODE {APP_CODE}")),
            (_, Some(scheme)) => request.sign_openapi(scheme, &stamp, app),
            (_, None) => request.sign(&stamp, app),
        }
        request
    }

    fn sign(&mut self, stamp: &Stamp, app: usize) {
        let secret = secret(app);
        let signer = Signer::new(AppKey::new(app_key(app)).unwrap(), secret.clone()).unwrap();
        let body = SignableBody::Bytes(&self.body);
        let request = SignableRequest::new(&self.method, &self.target, &self.headers, body);
        let signed = signer.sign_stamped(&request, stamp).unwrap();
        let string = signed.string_to_sign().to_vec();
        signed.apply_to(&mut self.headers).unwrap();
        let signature = PresentedSignature::decode(self.header("x-ca-signature"));
        self.cryptography = Cryptography::Gateway { secret, string, signature };
    }

    pub(crate) fn head(&self) -> RequestHead<'_> {
        let length = BodyLength::Known(self.body.len() as u64);
        RequestHead::new(&self.method, &self.target, &self.headers, length)
    }

    pub(crate) fn header(&self, name: &str) -> &[u8] {
        self.headers.get(name).map_or(b"", HeaderValue::as_bytes)
    }

    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        self.headers.insert(HeaderName::from_static(name), value);
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.headers.remove(name).unwrap();
    }

    pub(crate) fn lengthen(&mut self, by: usize) {
        self.target = format!("{}{}", self.target, "x".repeat(by)).parse().unwrap();
    }

    /// What nobody can leave out.
    pub(crate) fn check_cryptography(&self) {
        assert!(self.cryptography.check(self));
    }
}
