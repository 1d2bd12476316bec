//! Claims that are taken back, without a layer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use std::sync::Arc;

use countersign::clock::{ManualClock, UnixMillis};
use countersign::error::{ErrorCode, Rejection};
use countersign::store::{
    DynTwoPhaseReplayStore, HeldClaim, MemoryCredentials, MemoryReplayStore, Released,
};
use countersign::verify::{BodyStage, Policy, Verified, Verifier};
use support::{APP_CODE, Call, NOW, Wire, answered, assert_accepted, assert_code, demo_apps};

type Store = Arc<dyn DynTwoPhaseReplayStore>;
type TestVerifier = Verifier<MemoryCredentials, Store>;

fn verifier() -> TestVerifier {
    let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
    let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
    Verifier::new(MemoryCredentials::new(demo_apps()).unwrap(), Arc::new(replay) as Store)
        .with_clock(clock)
}

/// The verifier's answer, with what can be taken back.
fn reserve(
    verifier: &TestVerifier,
    wire: &Wire,
    earlier: Option<&Verified>,
) -> Result<(Verified, Option<HeldClaim>), Rejection> {
    let presented = verifier.present(wire.head())?;
    let timely = verifier.check_freshness(answered(verifier.identify(presented))?)?;
    let authorized = answered(verifier.authorize(verifier.authenticate(timely, b"")?))?;
    let BodyStage::Uncovered(intact) = authorized.body() else {
        panic!("a GET has no digest");
    };
    answered(verifier.reserve(intact, earlier))
}

fn refused(verifier: &TestVerifier, wire: &Wire, earlier: Option<&Verified>) -> ErrorCode {
    match reserve(verifier, wire, earlier) {
        Ok(_) => panic!("accepted"),
        Err(rejection) => rejection.code(),
    }
}

#[test]
fn lesson_27_a_claim_that_is_taken_back_can_be_made_once_more() {
    let verifier = verifier();
    let wire = Call::get("/").sign();
    let (_, held) = reserve(&verifier, &wire, None).unwrap();
    assert_eq!(refused(&verifier, &wire, None), ErrorCode::S403NU, "pending is used");
    assert_eq!(answered(held.unwrap().release()).unwrap(), Released::Released);

    let (_, held) = reserve(&verifier, &wire, None).unwrap();
    assert_eq!(held.unwrap().try_release_now(), Some(Released::Kept), "once in its life");
    assert_eq!(refused(&verifier, &wire, None), ErrorCode::S403NU);
}

#[test]
fn lesson_27_a_claim_that_is_dropped_stays() {
    let verifier = verifier();
    let wire = Call::get("/").sign();
    drop(reserve(&verifier, &wire, None).unwrap());
    assert_eq!(refused(&verifier, &wire, None), ErrorCode::S403NU);
}

#[test]
fn lesson_27_a_claim_that_is_made_for_good_takes_a_released_nonce() {
    let verifier = verifier();
    let wire = Call::get("/").sign();
    let (_, held) = reserve(&verifier, &wire, None).unwrap();
    assert_eq!(held.unwrap().try_release_now(), Some(Released::Released));
    assert_accepted(answered(verifier.verify(wire.head(), b"")));
    assert_code(answered(verifier.verify(wire.head(), b"")), ErrorCode::S403NU);
}

#[test]
fn lesson_27a_only_the_layer_that_made_a_claim_can_take_it_back() {
    let verifier = verifier();
    let wire = Call::get("/").sign();
    let (outer, held) = reserve(&verifier, &wire, None).unwrap();
    let (inner, nothing) = reserve(&verifier, &wire, Some(&outer)).unwrap();
    assert!(held.is_some() && nothing.is_none());
    // Neither has an inner one under a stricter policy anything to take back.
    let strict = verifier.clone().with_policy(Policy::strict());
    let (_, nothing) = reserve(&strict, &wire, Some(&inner)).unwrap();
    assert!(nothing.is_none());
}

#[test]
fn lesson_27a_what_was_taken_back_does_not_let_an_inner_layer_skip_its_claim() {
    let verifier = verifier();
    let wire = Call::get("/").sign();
    let (outer, held) = reserve(&verifier, &wire, None).unwrap();
    let (inner, _) = reserve(&verifier, &wire, Some(&outer)).unwrap();
    assert_eq!(held.unwrap().try_release_now(), Some(Released::Released));
    // The identities of the first attempt are around still: one of them may pass, as a retry.
    let (retried, held) = reserve(&verifier, &wire, Some(&inner)).unwrap();
    assert!(held.is_some(), "it was claimed anew");
    for earlier in [Some(&inner), Some(&outer), None] {
        assert_eq!(refused(&verifier, &wire, earlier), ErrorCode::S403NU);
    }
    reserve(&verifier, &wire, Some(&retried)).unwrap();
}

#[test]
fn an_app_code_has_nothing_to_take_back() {
    let wire = Call::get("/").with_app_code(APP_CODE);
    let (_, held) = reserve(&verifier(), &wire, None).unwrap();
    assert!(held.is_none());
}

#[test]
fn neither_the_nonce_nor_the_token_is_printed() {
    let wire = Call::get("/").nonce("personal").sign();
    let (_, held) = reserve(&verifier(), &wire, None).unwrap();
    let shown = format!("{held:?}");
    assert!(shown.contains("203710001") && !shown.contains("personal"), "{shown}");
    assert!(!shown.contains("token"), "{shown}");
}
