//! `standardwebhooks`: a MAC of id, time and payload.

use countersign::clock::{Clock, SystemClock};
use http::HeaderMap;
use standardwebhooks::{
    HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook,
};

use crate::nonce_auth::payload;
use crate::peer::Peer;
use crate::request::{Signed, secret_text};

pub(crate) struct Webhooks(Webhook);

impl Webhooks {
    pub(crate) fn new() -> Self {
        Self(Webhook::from_bytes(secret_text(0).into_bytes()).unwrap())
    }
}

impl Peer for Webhooks {
    type Request = (HeaderMap, Vec<u8>);
    type Verified = Self::Request;

    const NAME: &'static str = "standardwebhooks";

    fn sign(&self, request: &Signed, number: u64) -> Self::Request {
        let id = format!("c9f15cbf-f4ac-4a6c-b54d-{number:012x}");
        let at = i64::try_from(SystemClock.wall().get() / 1000).unwrap();
        let payload = payload(request);
        let signature = self.0.sign(&id, at, &payload).unwrap();
        let mut headers = HeaderMap::new();
        for name in ["host", "user-agent", "accept", "content-type"] {
            if let Some(value) = request.headers.get(name) {
                headers.insert(name, value.clone());
            }
        }
        headers.insert(HEADER_WEBHOOK_ID, id.parse().unwrap());
        headers.insert(HEADER_WEBHOOK_TIMESTAMP, at.to_string().parse().unwrap());
        headers.insert(HEADER_WEBHOOK_SIGNATURE, signature.parse().unwrap());
        (headers, payload)
    }

    fn tamper(&self, (_, payload): &mut Self::Request) {
        payload[0] ^= 1;
    }

    fn verify(&self, (headers, payload): Self::Request) -> Option<Self::Verified> {
        self.0.verify(&payload, &headers).ok()?;
        Some((headers, payload))
    }
}
