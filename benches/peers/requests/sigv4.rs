//! `scratchstack-aws-signature`: AWS Signature Version 4, with the day's signing key at hand.

use std::str::FromStr;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use http::request::Parts;
use scratchstack_aws_principal::User;
use scratchstack_aws_signature::auth::SigV4AuthenticatorResponse;
use scratchstack_aws_signature::{
    GetSigningKeyResponse, KSecretKey, NO_ADDITIONAL_SIGNED_HEADERS, SignatureOptions,
    sigv4_validate_request,
};
use sha2::{Digest, Sha256};
use tower::util::service_fn;

use crate::harness::ready::ready;
use crate::peer::Peer;
use crate::request::Signed;

const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
/// A secret key has 40 characters.
const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const REGION: &str = "us-east-1";
const SERVICE: &str = "execute-api";

pub(crate) struct SigV4 {
    now: DateTime<Utc>,
    key: GetSigningKeyResponse,
}

impl SigV4 {
    pub(crate) fn new() -> Self {
        let now = Utc::now();
        let secret = KSecretKey::from_str(SECRET_KEY).unwrap();
        let user = User::new("aws", "123456789012", "/", "user").unwrap();
        let key = secret.to_ksigning(now.date_naive(), REGION, SERVICE);
        let key = GetSigningKeyResponse::builder().principal(user).signing_key(key).build();
        Self { now, key: key.unwrap() }
    }
}

impl Peer for SigV4 {
    type Request = Request<Bytes>;
    type Verified = (Parts, Bytes, SigV4AuthenticatorResponse);

    const NAME: &'static str = "scratchstack-aws-signature";

    fn sign(&self, request: &Signed, number: u64) -> Self::Request {
        let at = self.now.format("%Y%m%dT%H%M%SZ").to_string();
        let id = format!("c9f15cbf-f4ac-4a6c-b54d-{number:012x}");
        let mut headers = vec![("accept", "application/json; charset=utf-8")];
        if !request.body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        headers.extend([("host", "api.example.com"), ("x-amz-date", &at), ("x-request-id", &id)]);
        let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");

        let mut params: Vec<_> = request.target.query().unwrap_or("").split('&').collect();
        params.sort_unstable();
        let lines = headers.iter().map(|(name, value)| format!("{name}:{value}\n"));
        let canonical = format!(
            "{}\n{}\n{}\n{}\n{names}\n{}",
            request.method,
            request.target.path(),
            params.join("&"),
            lines.collect::<String>(),
            hex(&Sha256::digest(&request.body)),
        );
        let scope = format!("{}/{REGION}/{SERVICE}/aws4_request", &at[..8]);
        let string =
            format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.signing_key().as_ref()).unwrap();
        mac.update(string.as_bytes());
        let signature = hex(&mac.finalize().into_bytes());

        let mut signed = Request::builder().method(&request.method).uri(&request.target);
        for (name, value) in headers {
            signed = signed.header(name, value);
        }
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope}, SignedHeaders={names}, \
             Signature={signature}"
        );
        signed
            .header("user-agent", "bench/1.0")
            .header("authorization", authorization)
            .body(request.body.clone().into())
            .unwrap()
    }

    fn tamper(&self, request: &mut Self::Request) {
        match request.body().first() {
            None => *request.uri_mut() = "/http2test/test?c=4".parse().unwrap(),
            Some(_) => *request.body_mut() = Bytes::from_static(b"another body"),
        }
    }

    fn verify(&self, request: Self::Request) -> Option<Self::Verified> {
        let key = self.key.clone();
        let mut keys = service_fn(move |_| std::future::ready(Ok(key.clone())));
        let (none, options) = (NO_ADDITIONAL_SIGNED_HEADERS, SignatureOptions::default());
        let now = Utc::now();
        ready(sigv4_validate_request(request, REGION, SERVICE, &mut keys, now, &none, options)).ok()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
