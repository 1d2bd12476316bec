//! A signed request, changed in any way, is refused or means what was signed.
//!
//! The input is a request and, behind a NUL, changes to it: pairs of a place and a byte.

#![no_main]

use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};

use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{App, AppKey, AppSecret};
use countersign::error::{Rejection, StoreError};
use countersign::protocol::{
    CaHeaders, CanonicalRequest, ContentMd5, Params, SignatureMethod, SignedHeaders, Variant,
};
use countersign::store::{Claim, Claimed, MemoryCredentials, ReplayStore};
use countersign::verify::{Ambiguity, Policy, Verified, Verifier};
use countersign_fuzz::{Wire, changed};
use libfuzzer_sys::fuzz_target;

const NOW: u64 = 1_700_000_000_000;

/// Replays are not what this target is about: it sends one request twice.
struct Amnesia;

impl ReplayStore for Amnesia {
    async fn claim(&self, _: Claim<'_>) -> Result<Claimed, StoreError> {
        Ok(Claimed::Fresh)
    }
}

static VERIFIER: LazyLock<Verifier<MemoryCredentials, Amnesia>> = LazyLock::new(|| {
    let app = App::new("demo", AppKey::new("appKey").unwrap()).with_secret(secret());
    // With this knob a signed value cannot be sent as several parameters; without it the protocol
    // is ambiguous there by design.
    let policy = Policy::strict().with_ambiguous_values(Ambiguity::Refuse);
    Verifier::new(MemoryCredentials::new([app]).unwrap(), Amnesia)
        .with_policy(policy)
        .with_clock(Arc::new(ManualClock::at(UnixMillis::new(NOW))))
});

fn secret() -> AppSecret {
    AppSecret::new("appSecret").unwrap()
}

fn sign(wire: &mut Wire) -> Option<()> {
    let headers = &mut wire.headers;
    headers.insert("x-ca-key", "appKey".parse().ok()?);
    headers.insert("x-ca-timestamp", NOW.to_string().parse().ok()?);
    headers.insert("x-ca-nonce", "nonce".parse().ok()?);
    headers.insert("x-ca-signature-headers", "x-ca-key,x-ca-timestamp,x-ca-nonce".parse().ok()?);
    headers.remove("x-ca-signature-method");
    if !CaHeaders::collect(headers).is_form() {
        headers.insert("content-md5", ContentMd5::of(&wire.body).encode().parse().ok()?);
    }
    let signature = {
        let (head, ca) = (wire.head(), CaHeaders::collect(&wire.headers));
        let signed = SignedHeaders::parse(ca.signature_headers?, &wire.headers).ok()?;
        let form = if ca.is_form() { &wire.body[..] } else { b"" };
        let params = Params::query(&head).ok()?.with_form(form).ok()?;
        let request = CanonicalRequest::new(&head, &ca, &signed, params);
        SignatureMethod::HmacSha256.sign(&secret(), &request.string_to_sign(Variant::PRIMARY))
    };
    wire.headers.insert("x-ca-signature", signature.parse().ok()?);
    Some(())
}

fn verify(wire: &Wire) -> Result<Verified, Rejection> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(VERIFIER.verify(wire.head(), &wire.body)).poll(&mut context) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("both stores answer at once"),
    }
}

fuzz_target!(|input: &[u8]| {
    let end = input.iter().rposition(|byte| *byte == 0).unwrap_or(input.len());
    let Some(mut wire) = Wire::parse(&input[..end]) else { return };
    if sign(&mut wire).is_none() || verify(&wire).is_err() {
        return;
    }
    let Some(changed) = changed(&wire, &input[end..]) else { return };
    if verify(&changed).is_ok() {
        assert_eq!(wire.as_handled(), changed.as_handled());
    }
});
