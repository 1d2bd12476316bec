//! A request that a gateway has signed, changed in any way, is refused or means what was signed.
//!
//! The input is a request and, behind a NUL, changes to it: pairs of a place and a byte. What it
//! carries of a signature is judged as it is, first.

#![no_main]

use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{BackendKey, BackendPair, BackendSecret};
use countersign::error::{Rejection, StoreError};
use countersign::sign::{BackendBody, BackendSigner};
use countersign::store::{Claim, Claimed, ReplayStore};
use countersign::verify::Ambiguity;
use countersign::verify::backend::{
    BackendPairs, BackendPolicy, BackendVerifier, VerifiedGateway,
};
use countersign_fuzz::{Wire, changed};
use http::header::CONTENT_TYPE;
use libfuzzer_sys::fuzz_target;

/// Replays are not what this target is about: it sends one request twice.
struct Amnesia;

impl ReplayStore for Amnesia {
    async fn claim(&self, _: Claim<'_>) -> Result<Claimed, StoreError> {
        Ok(Claimed::Fresh)
    }
}

fn key() -> BackendKey {
    BackendKey::new("DemoKey1").unwrap()
}

fn secret() -> BackendSecret {
    BackendSecret::new("DemoSecret1").unwrap()
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(UnixMillis::new(1_700_000_000_000)))
}

static SIGNER: LazyLock<BackendSigner> =
    LazyLock::new(|| BackendSigner::new(key(), secret()).with_clock(clock()));

static VERIFIER: LazyLock<BackendVerifier<Amnesia>> = LazyLock::new(|| {
    // With these knobs a signed value cannot be sent as several parameters, nor a body as another
    // type; without them the protocol is ambiguous there by design.
    let policy = BackendPolicy::strict()
        .with_ambiguous_values(Ambiguity::Refuse)
        .with_covered_header(CONTENT_TYPE);
    let pairs = BackendPairs::new([BackendPair::new(key(), secret())]).unwrap();
    BackendVerifier::new(pairs, Amnesia).with_policy(policy).with_clock(clock())
});

fn sign(wire: &mut Wire) -> Option<()> {
    let signed = SIGNER.sign(&wire.head(), BackendBody::Bytes(&wire.body)).ok()?;
    signed.apply_to(&mut wire.headers).ok()
}

fn verify(wire: &Wire) -> Result<VerifiedGateway, Rejection> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(VERIFIER.verify(wire.head(), &wire.body)).poll(&mut context) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("the store answers at once"),
    }
}

fuzz_target!(|input: &[u8]| {
    let end = input.iter().rposition(|byte| *byte == 0).unwrap_or(input.len());
    let Some(mut wire) = Wire::parse(&input[..end]) else { return };
    let _ = verify(&wire);
    if sign(&mut wire).is_none() || verify(&wire).is_err() {
        return;
    }
    let Some(changed) = changed(&wire, &input[end..]) else { return };
    if verify(&changed).is_ok() {
        assert_eq!(wire.as_handled(), changed.as_handled());
    }
});
