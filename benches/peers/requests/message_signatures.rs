//! `httpsig-hyper`: HTTP Message Signatures (RFC 9421) with a shared secret, and `Content-Digest`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::Request;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use httpsig_hyper::prelude::message_component::HttpMessageComponentId;
use httpsig_hyper::prelude::{AlgorithmName, HttpSignatureParams, SharedKey, VerifyingKey};
use httpsig_hyper::{
    ContentDigestType, HyperDigestError, MessageSignatureReq, RequestContentDigest,
};

use crate::harness::ready::ready;
use crate::peer::Peer;
use crate::request::{Signed, secret_text};

const DIGEST: &str = "content-digest";

pub(crate) struct MessageSignatures {
    key: SharedKey,
    key_id: String,
}

impl MessageSignatures {
    pub(crate) fn new() -> Self {
        let secret = BASE64_STANDARD.encode(secret_text(0));
        let key = SharedKey::from_base64(&AlgorithmName::HmacSha256, &secret).unwrap();
        let key_id = VerifyingKey::key_id(&key);
        Self { key, key_id }
    }
}

impl Peer for MessageSignatures {
    type Request = Request<BoxBody<Bytes, HyperDigestError>>;
    type Verified = Self::Request;

    const NAME: &'static str = "httpsig-hyper";

    fn sign(&self, request: &Signed, number: u64) -> Self::Request {
        let mut covered = vec!["@method", "@path", "@query", "accept"];
        let mut signed = Request::builder().method(&request.method).uri(&request.target);
        for name in ["host", "user-agent", "accept", "content-type"] {
            if let Some(value) = request.headers.get(name) {
                signed = signed.header(name, value);
            }
        }
        let mut signed = signed.body(body(&request.body)).unwrap();
        if !request.body.is_empty() {
            covered.extend(["content-type", DIGEST]);
            signed = ready(signed.set_content_digest(&ContentDigestType::Sha256)).unwrap();
        }
        let covered = covered.into_iter().map(HttpMessageComponentId::try_from);
        let covered: Vec<_> = covered.map(Result::unwrap).collect();
        let mut params = HttpSignatureParams::try_new(&covered).unwrap();
        params.set_key_info(&self.key);
        params.set_nonce(&format!("c9f15cbf-f4ac-4a6c-b54d-{number:012x}"));
        params.set_expires_with_duration(Some(900));
        ready(signed.set_message_signature(&params, &self.key, Some("sig"))).unwrap();
        signed
    }

    fn tamper(&self, request: &mut Self::Request) {
        match request.headers().contains_key(DIGEST) {
            false => *request.uri_mut() = "/http2test/test?c=4".parse().unwrap(),
            true => *request.body_mut() = body(b"another body"),
        }
    }

    fn verify(&self, request: Self::Request) -> Option<Self::Verified> {
        ready(request.verify_message_signature(&self.key, Some(&self.key_id))).ok()?;
        match request.headers().contains_key(DIGEST) {
            false => Some(request),
            true => ready(request.verify_content_digest()).ok(),
        }
    }
}

fn body(bytes: &[u8]) -> BoxBody<Bytes, HyperDigestError> {
    Full::new(Bytes::copy_from_slice(bytes)).map_err(|never| match never {}).boxed()
}
