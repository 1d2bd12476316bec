//! The requests, signed as clients sign them, and the cryptography that each takes.

#![allow(dead_code, reason = "each benchmark takes its part")]

use std::hint::black_box;

use countersign::clock::{Clock, SystemClock, UnixMillis};
use countersign::credential::{App, AppCode, AppKey, AppSecret};
use countersign::protocol::{
    BodyLength, ContentMd5, PresentedSignature, RequestHead, SignatureMethod,
};
use countersign::sign::{SignableBody, SignableRequest, Signer, Stamp};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

pub(crate) const APP_CODE: &str = "4c1b7b3e0f0a4be09d8b3f4a3f6e2c11";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Get,
    /// With so many parameters, none escaped.
    GetWith(usize),
    GetEscaped,
    Form,
    /// With a body of so many bytes, and its Content-MD5.
    Json(usize),
    AppCode,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Get,
        Self::GetEscaped,
        Self::Form,
        Self::Json(1 << 10),
        Self::Json(1 << 20),
        Self::AppCode,
    ];

    pub(crate) fn name(self) -> String {
        match self {
            Self::Get => "a GET".into(),
            Self::GetWith(params) => format!("a GET with {params} parameters"),
            Self::GetEscaped => "a GET with 20 escaped parameters".into(),
            Self::Form => "a form POST".into(),
            Self::Json(bytes) if bytes >= 1 << 20 => format!("a JSON POST, {} MiB", bytes >> 20),
            Self::Json(bytes) => format!("a JSON POST, {} KiB", bytes >> 10),
            Self::AppCode => "a GET with an AppCode".into(),
        }
    }

    /// So many that a batch takes a tenth of a millisecond or more, and so few that they stay warm.
    pub(crate) const fn batch(self) -> usize {
        match self {
            Self::Json(bytes) if bytes >= 1 << 18 => 1,
            Self::Json(bytes) if bytes >= 1 << 14 => 10,
            _ => 100,
        }
    }

    const fn method(self) -> Method {
        match self {
            Self::Get | Self::GetWith(_) | Self::GetEscaped | Self::AppCode => Method::GET,
            Self::Form | Self::Json(_) => Method::POST,
        }
    }

    fn target(self) -> String {
        match self {
            Self::GetEscaped => {
                let params = (0..20).map(|n| format!("name%20{n}=%E4%BD%A0+{n}%26"));
                format!("/http2test/test?{}", params.collect::<Vec<_>>().join("&"))
            }
            Self::GetWith(count) if count > 0 => {
                // Not in the order that is signed.
                let params = (0..count).map(|n| format!("name{}=value{n}", n * 7 % count));
                format!("/http2test/test?{}", params.collect::<Vec<_>>().join("&"))
            }
            Self::Get | Self::AppCode => "/http2test/test?param1=test&username=xiaoming&c=3".into(),
            Self::GetWith(_) | Self::Form | Self::Json(_) => "/http2test/test".into(),
        }
    }

    fn body(self) -> (&'static str, Vec<u8>) {
        match self {
            Self::Get | Self::GetWith(_) | Self::GetEscaped | Self::AppCode => ("", Vec::new()),
            Self::Form => {
                let fields = (0..8).map(|n| format!("field{n}=some+value+{n}"));
                let body = fields.collect::<Vec<_>>().join("&");
                ("application/x-www-form-urlencoded", body.into_bytes())
            }
            Self::Json(bytes) => ("application/json", json(bytes)),
        }
    }
}

/// An object that is so long.
fn json(len: usize) -> Vec<u8> {
    let around = r#"{"text":""}"#.len();
    format!(r#"{{"text":"{}"}}"#, "x".repeat(len - around)).into_bytes()
}

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
    secret: AppSecret,
    string: Vec<u8>,
    signature: PresentedSignature,
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
            secret: secret(app),
            string: Vec::new(),
            signature: PresentedSignature::decode(b""),
        };
        request.set("host", "api.example.com");
        request.set("user-agent", "bench/1.0");
        request.set("accept", "application/json; charset=utf-8");
        if !content_type.is_empty() {
            request.set("content-type", content_type);
        }
        match kind {
            Kind::AppCode => request.set("authorization", &format!("APPCODE {APP_CODE}")),
            _ => request.sign(at, app, number),
        }
        request
    }

    fn sign(&mut self, at: UnixMillis, app: usize, number: u64) {
        let signer = Signer::new(AppKey::new(app_key(app)).unwrap(), self.secret.clone()).unwrap();
        let nonce = format!("c9f15cbf-f4ac-4a6c-b54d-{number:012x}");
        let stamp = Stamp::new(at, nonce).unwrap();
        let body = SignableBody::Bytes(&self.body);
        let request = SignableRequest::new(&self.method, &self.target, &self.headers, body);
        let signed = signer.sign_stamped(&request, &stamp).unwrap();
        self.string = signed.string_to_sign().to_vec();
        signed.apply_to(&mut self.headers).unwrap();
        self.signature = PresentedSignature::decode(self.header("x-ca-signature"));
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

    /// What nobody can leave out: the MAC of the ready string with the ready key, and the digest of a
    /// body that has one.
    pub(crate) fn check_cryptography(&self) {
        if self.headers.contains_key("content-md5") {
            black_box(ContentMd5::of(black_box(&self.body)));
        }
        let method = SignatureMethod::HmacSha256;
        black_box(method.verify(&self.secret, black_box(&self.string), &self.signature));
    }
}
