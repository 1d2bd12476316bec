//! A client of each scheme, and a verifier that knows it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{AccessKey, AccessKeySecret, App};
use countersign::error::OpenApiRejection;
use countersign::protocol::openapi::{
    AcsHeaders, AcsSignatureMethod, MacMethod, NameOrder, PayloadAlgorithm, RoaRequest, RoaVariant,
    RpcRequest, V3Request, V3SignedHeaders, V3Variant, fmt_acs_timestamp,
};
use countersign::protocol::{BodyLength, ContentMd5, Params, RequestHead};
use countersign::store::{MemoryCredentials, MemoryReplayStore};
use countersign::verify::openapi::{OpenApiPolicy, OpenApiVerifier, VerifiedOpenApi};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

pub(crate) const KEY: &str = "LTAI5tExample";
pub(crate) const SECRET: &str = "a secret";
/// 2023-10-26T10:22:32Z, a Thursday.
pub(crate) const NOW: u64 = 1_698_315_752_000;
pub(crate) const DATE: &str = "Thu, 26 Oct 2023 10:22:32 GMT";

pub(crate) type Subject = OpenApiVerifier<MemoryCredentials, MemoryReplayStore>;
pub(crate) type Outcome = Result<VerifiedOpenApi, OpenApiRejection>;

pub(crate) struct Bench {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) verifier: Subject,
}

pub(crate) fn secret() -> AccessKeySecret {
    AccessKeySecret::new(SECRET).unwrap()
}

pub(crate) fn key() -> AccessKey {
    AccessKey::new(KEY, secret()).unwrap()
}

impl Bench {
    pub(crate) fn of(app: App, policy: OpenApiPolicy) -> Self {
        let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
        // The store remembers from before the requests were signed.
        clock.step_wall_to(UnixMillis::new(NOW - 3_600_000));
        let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
        clock.step_wall_to(UnixMillis::new(NOW));
        let credentials = MemoryCredentials::new([app]).unwrap();
        let verifier = OpenApiVerifier::new(credentials, replay)
            .with_clock(Arc::clone(&clock))
            .with_policy(policy);
        Self { clock, verifier }
    }

    pub(crate) fn with(policy: OpenApiPolicy) -> Self {
        Self::of(App::of_access_key("billing", key()), policy)
    }

    pub(crate) fn strict() -> Self {
        Self::with(OpenApiPolicy::strict())
    }

    pub(crate) fn compatible() -> Self {
        Self::with(OpenApiPolicy::compatible())
    }

    pub(crate) fn verify(&self, request: &Sent) -> Outcome {
        answered(self.verifier.verify(request.head(), &request.body))
    }

    /// The code that the request is refused with; empty if it passes.
    pub(crate) fn code(&self, request: &Sent) -> String {
        self.verify(request)
            .map_or_else(|refused| refused.code_text().into_owned(), |_| String::new())
    }
}

pub(crate) fn answered<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("stores in memory answer at once"),
    }
}

/// A request on the wire.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) target: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        let (method, target) = (method.parse().unwrap(), target.parse().unwrap());
        Self { method, target, headers: HeaderMap::new(), body: Vec::new() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    pub(crate) fn also(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(HeaderName::from_static(name), value.parse().unwrap());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub(crate) fn target(mut self, target: &str) -> Self {
        self.target = target.parse().unwrap();
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn head(&self) -> RequestHead<'_> {
        let body = BodyLength::Known(self.body.len() as u64);
        RequestHead::new(&self.method, &self.target, &self.headers, body)
    }

    /// Signs it by ROA, with whatever headers it has.
    pub(crate) fn signed_by_roa(self) -> Self {
        let signature = self.roa_signature();
        self.header("authorization", &format!("acs {KEY}:{signature}"))
    }

    fn roa_signature(&self) -> String {
        let head = self.head();
        let (acs, params) = (AcsHeaders::collect(&self.headers), Params::query(&head).unwrap());
        let string = RoaRequest::new(&head, &acs, &params).string_to_sign(RoaVariant::PRIMARY);
        MacMethod::RoaHmacSha1.sign(&secret(), &string)
    }

    /// Signs it by V3, with these of its headers, separated by `;`.
    pub(crate) fn signed_by_v3(self, list: &str) -> Self {
        let signature = self.v3_signature(list);
        let value =
            format!("ACS3-HMAC-SHA256 Credential={KEY},SignedHeaders={list},Signature={signature}");
        self.header("authorization", &value)
    }

    fn v3_signature(&self, list: &str) -> String {
        let head = self.head();
        let headers = V3SignedHeaders::parse(list, &head).unwrap();
        let params = Params::query(&head).unwrap();
        let payload = PayloadAlgorithm::Sha256.digest(&self.body);
        let method = AcsSignatureMethod::Mac(MacMethod::V3HmacSha256);
        let string = V3Request::new(&head, &headers, &params, payload)
            .string_to_sign(method, V3Variant::PRIMARY);
        MacMethod::V3HmacSha256.sign(&secret(), &string)
    }

    /// All headers that it has, as V3 lists them.
    pub(crate) fn v3(self) -> Self {
        let mut names: Vec<_> = self.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let list = names.join(";");
        self.signed_by_v3(&list)
    }
}

/// A V3 request before it is signed, with its digest.
pub(crate) fn v3(method: &str, target: &str, body: &[u8]) -> Sent {
    let digest = PayloadAlgorithm::Sha256.digest(body).encode();
    Sent::new(method, target)
        .header("host", "ecs.example.com")
        .header("x-acs-action", "DescribeApis")
        .header("x-acs-version", "2016-07-14")
        .header("x-acs-date", &fmt_acs_timestamp(UnixMillis::new(NOW)).unwrap())
        .header("x-acs-signature-nonce", "a-v3-nonce")
        .header("x-acs-content-sha256", &digest)
        .body(body)
}

/// A ROA request before it is signed, with its digest if it has a body.
pub(crate) fn roa(method: &str, target: &str, body: &[u8]) -> Sent {
    let request = Sent::new(method, target)
        .header("date", DATE)
        .header("accept", "application/json")
        .header("x-acs-signature-nonce", "a-roa-nonce")
        .header("x-acs-signature-method", "HMAC-SHA1")
        .header("x-acs-signature-version", "1.0")
        .body(body);
    match body {
        b"" => request,
        body => request
            .header("content-type", "application/json")
            .header("content-md5", &ContentMd5::of(body).encode()),
    }
}

/// The parameters of an RPC request.
pub(crate) const RPC: &str = "Action=DescribeApis&Version=2016-07-14&AccessKeyId=LTAI5tExample\
                       &SignatureMethod=HMAC-SHA1&SignatureVersion=1.0\
                       &SignatureNonce=an-rpc-nonce&Timestamp=2023-10-26T10%3A22%3A32Z";

/// These parameters with their signature behind them.
pub(crate) fn rpc_signed(method: &str, query: &str, form: &str) -> String {
    let joined = [query, form].into_iter().filter(|part| !part.is_empty());
    let target: Uri = format!("/?{}", joined.collect::<Vec<_>>().join("&")).parse().unwrap();
    let (method, headers) = (method.parse().unwrap(), HeaderMap::new());
    let head = RequestHead::new(&method, &target, &headers, BodyLength::Empty);
    let params = Params::query(&head).unwrap();
    let string = RpcRequest::new(&method, &params).string_to_sign(NameOrder::Bytes);
    let signature = MacMethod::RpcHmacSha1.sign(&secret(), &string);
    signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

/// An RPC request with all parameters in its query.
pub(crate) fn rpc(method: &str, query: &str) -> Sent {
    let signature = rpc_signed(method, query, "");
    Sent::new(method, &format!("/?{query}&Signature={signature}"))
}

/// An RPC request with these parameters in its query, and those and the signature in its form.
pub(crate) fn rpc_form(query: &str, form: &str) -> Sent {
    let signature = rpc_signed("POST", query, form);
    Sent::new("POST", &format!("/?{query}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("{form}&Signature={signature}"))
}
