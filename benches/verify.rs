//! What a verification costs, beside the cryptography that it cannot do without.
//!
//! `cargo bench --bench verify`. Read the figures as ratios to the `floor` of the same run.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a benchmark")]

use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use countersign::clock::{Clock, SystemClock};
use countersign::credential::{App, AppKey, AppSecret};
use countersign::protocol::{
    BodyLength, CaHeaders, CanonicalRequest, ContentMd5, Params, PresentedSignature, RequestHead,
    SignatureMethod, SignedHeaders, Variant,
};
use countersign::store::{MemoryCredentials, MemoryReplayStore};
use countersign::verify::{Verified, Verifier};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::{HeaderMap, HeaderValue, Method, Uri};

const KEY: &str = "203710001";

struct Signed {
    method: Method,
    target: Uri,
    headers: HeaderMap,
    body: Vec<u8>,
    string: Vec<u8>,
    signature: PresentedSignature,
}

impl Signed {
    fn new(method: Method, target: &'static str, body: &[u8], nonce: u64) -> Self {
        let mut headers = HeaderMap::new();
        let mut set = |name: &'static str, value: String| {
            headers.insert(name, HeaderValue::from_str(&value).unwrap());
        };
        set("host", "api.example.com".to_owned());
        set("user-agent", "bench/1.0".to_owned());
        set("accept", "application/json; charset=utf-8".to_owned());
        set("x-ca-key", KEY.to_owned());
        set("x-ca-timestamp", SystemClock.wall().to_string());
        set("x-ca-nonce", format!("c9f15cbf-f4ac-4a6c-b54d-{nonce:012x}"));
        set("x-ca-signature-method", "HmacSHA256".to_owned());
        let names = "X-Ca-Key,X-Ca-Nonce,X-Ca-Signature-Method,X-Ca-Timestamp";
        set("x-ca-signature-headers", names.to_owned());
        if !body.is_empty() {
            set("content-type", "application/json".to_owned());
            set("content-md5", ContentMd5::of(body).encode());
        }
        let target = Uri::from_static(target);
        let string = {
            let head = RequestHead::new(&method, &target, &headers, BodyLength::Empty);
            let ca = CaHeaders::collect(&headers);
            let signed = SignedHeaders::parse(names.as_bytes(), &headers).unwrap();
            let params = Params::query(&head).unwrap();
            CanonicalRequest::new(&head, &ca, &signed, &params).string_to_sign(Variant::PRIMARY)
        };
        let text = SignatureMethod::HmacSha256.sign(&secret(), &string);
        headers.insert("x-ca-signature", HeaderValue::from_str(&text).unwrap());
        let signature = PresentedSignature::decode(text.as_bytes());
        Self { method, target, headers, body: body.to_vec(), string, signature }
    }

    fn head(&self) -> RequestHead<'_> {
        let length = BodyLength::Known(self.body.len() as u64);
        RequestHead::new(&self.method, &self.target, &self.headers, length)
    }
}

fn secret() -> AppSecret {
    AppSecret::new("a secret of thirty-two characters").unwrap()
}

fn verifier() -> Verifier<MemoryCredentials, Arc<MemoryReplayStore>> {
    let app = App::new("bench", AppKey::new(KEY).unwrap()).with_secret(secret());
    let replay = Arc::new(MemoryReplayStore::new());
    Verifier::new(MemoryCredentials::new([app]).unwrap(), replay)
}

/// The memory stores never wait.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the memory stores answer at once"),
    }
}

fn accepted(
    verifier: &Verifier<MemoryCredentials, Arc<MemoryReplayStore>>,
    signed: &Signed,
) -> Verified {
    now(verifier.verify(signed.head(), &signed.body)).expect("signed")
}

fn bench(c: &mut Criterion, name: &str, method: &Method, target: &'static str, body: &[u8]) {
    let mut group = c.benchmark_group(name);
    let secret = secret();
    let ready = Signed::new(method.clone(), target, body, 0);
    group.bench_function("floor", |b| {
        b.iter(|| {
            let digest = (!body.is_empty()).then(|| ContentMd5::of(black_box(&ready.body)));
            let string = black_box(&ready.string);
            (digest, SignatureMethod::HmacSha256.verify(&secret, string, &ready.signature))
        });
    });
    let mut nonce = 0;
    let mut next = || {
        nonce += 1;
        Signed::new(method.clone(), target, body, nonce)
    };
    let fresh = verifier();
    group.bench_function("accepted", |b| {
        b.iter_batched_ref(&mut next, |signed| accepted(&fresh, signed), BatchSize::SmallInput);
    });
    group.bench_function("replay", |b| {
        let once = next();
        let _ = accepted(&fresh, &once);
        b.iter(|| now(fresh.verify(once.head(), &once.body)).expect_err("a replay"));
    });
    group.bench_function("wrong signature", |b| {
        let mut wrong = next();
        wrong.headers.insert("accept", HeaderValue::from_static("text/plain"));
        b.iter(|| now(fresh.verify(wrong.head(), &wrong.body)).expect_err("wrong"));
    });
    group.finish();
}

fn verify(c: &mut Criterion) {
    bench(c, "get", &Method::GET, "/http2test/test?param1=test&username=xiaoming&c=3", b"");
    bench(c, "post 1 KiB", &Method::POST, "/http2test/test", &[b'x'; 1024]);
}

criterion_group!(benches, verify);
criterion_main!(benches);
