//! `nonce-auth`: a MAC of time, nonce and payload, and a map of nonces.

use std::sync::Arc;

use ::nonce_auth::storage::{MemoryStorage, NonceStorage};
use ::nonce_auth::{CredentialBuilder, CredentialVerifier, NonceCredential};

use crate::harness::ready::ready;
use crate::peer::Peer;
use crate::request::{Signed, secret_text};

pub(crate) struct NonceAuth {
    storage: Arc<dyn NonceStorage>,
    secret: String,
}

impl NonceAuth {
    pub(crate) fn new() -> Self {
        Self { storage: Arc::new(MemoryStorage::new()), secret: secret_text(0) }
    }
}

impl Peer for NonceAuth {
    type Request = (NonceCredential, Vec<u8>);
    type Verified = Self::Request;

    const NAME: &'static str = "nonce-auth";

    fn sign(&self, request: &Signed, number: u64) -> Self::Request {
        let nonce = format!("c9f15cbf-f4ac-4a6c-b54d-{number:012x}");
        let signer = CredentialBuilder::new(self.secret.as_bytes());
        let payload = payload(request);
        let credential = signer.with_nonce_generator(move || nonce.clone()).sign(&payload);
        (credential.unwrap(), payload)
    }

    fn tamper(&self, (_, payload): &mut Self::Request) {
        payload[0] ^= 1;
    }

    fn verify(&self, (credential, payload): Self::Request) -> Option<Self::Verified> {
        let verifier = CredentialVerifier::new(Arc::clone(&self.storage));
        let verifier = verifier.with_secret(self.secret.as_bytes());
        ready(verifier.verify(&credential, &payload)).ok()?;
        Some((credential, payload))
    }
}

/// The body; of a GET, which has none, the path with the query.
pub(crate) fn payload(request: &Signed) -> Vec<u8> {
    match request.body.as_slice() {
        [] => request.target.to_string().into_bytes(),
        body => body.to_vec(),
    }
}
