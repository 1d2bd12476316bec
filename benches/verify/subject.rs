//! The verifier with the stores that services use.

#![allow(dead_code, reason = "each benchmark takes its part")]

use countersign::clock::{Clock, SystemClock};
use countersign::error::ErrorCode;
use countersign::store::{Claim, Claimed, MemoryCredentials, MemoryReplayStore, ReplayStore};
use countersign::verify::openapi::{OpenApiPolicy, OpenApiVerifier};
use countersign::verify::{Policy, RestartRule, Verifier, Window};

use crate::harness::ready::ready;
use crate::request::openapi::access_key_app;
use crate::request::{Signed, app, app_key};

pub(crate) struct Subject(Verifier<MemoryCredentials, MemoryReplayStore>);

impl Subject {
    /// With so many apps, and so many nonces alive.
    pub(crate) fn new(apps: usize, live: u64) -> Self {
        let replay = MemoryReplayStore::new();
        let window = Window::default();
        let now = SystemClock.wall();
        for number in 0..live {
            let nonce = format!("c9f15cbf-f4ac-4a6c-ffff-{number:012x}");
            let key = app_key(number as usize % apps);
            // Signed at any time of the window's second half, so that none is over while this runs.
            let age = 0.5 * number as f64 / live as f64;
            let until = now.saturating_add(window.max_age.mul_f64(1.0 - age));
            let claim = Claim::new("default", &key, nonce.as_bytes(), until);
            assert_eq!(ready(replay.claim(claim)).unwrap(), Claimed::Fresh);
        }
        let credentials = MemoryCredentials::new((0..apps).map(app)).unwrap();
        let policy = Policy::strict().with_restart_rule(RestartRule::Accept);
        Self(Verifier::new(credentials, replay).with_policy(policy))
    }

    /// The same, for a layer: it shares the stores.
    pub(crate) fn verifier(&self) -> Verifier<MemoryCredentials, MemoryReplayStore> {
        self.0.clone()
    }

    pub(crate) fn accept(&self, request: &Signed) {
        let answer = ready(self.0.verify(request.head(), &request.body));
        assert!(answer.is_ok(), "{answer:?}");
    }

    pub(crate) fn refuse(&self, request: &Signed, code: ErrorCode) {
        let answer = ready(self.0.verify(request.head(), &request.body));
        assert_eq!(answer.expect_err("a request to refuse").code(), code);
    }
}

/// The same for OpenAPI clients.
pub(crate) struct OpenApiSubject(OpenApiVerifier<MemoryCredentials, MemoryReplayStore>);

impl OpenApiSubject {
    /// With so many apps.
    pub(crate) fn new(apps: usize) -> Self {
        let credentials = MemoryCredentials::new((0..apps).map(access_key_app)).unwrap();
        let policy = OpenApiPolicy::strict().with_restart_rule(RestartRule::Accept);
        Self(OpenApiVerifier::new(credentials, MemoryReplayStore::new()).with_policy(policy))
    }

    pub(crate) fn accept(&self, request: &Signed) {
        let answer = ready(self.0.verify(request.head(), &request.body));
        assert!(answer.is_ok(), "{answer:?}");
    }
}
