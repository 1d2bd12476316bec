use std::time::Duration;

use countersign::clock::UnixMillis;
use countersign::verify::Window;
use countersign::verify::openapi::{BodyStage, HeadStage, Intact, OpenApiPolicy};

use super::bench::*;

const WINDOW: u64 = 15 * 60 * 1000;

#[test]
fn a_request_passes_once_whatever_its_scheme() {
    for request in [
        rpc("GET", RPC),
        rpc_form("", RPC),
        roa("GET", "/", b"").signed_by_roa(),
        v3("POST", "/", b"{}").v3(),
    ] {
        let bench = Bench::strict();
        assert_eq!(bench.code(&request), "");
        assert_eq!(bench.code(&request), "SignatureNonceUsed");
        bench.clock.step_wall_to(UnixMillis::new(NOW + WINDOW));
        assert_eq!(bench.code(&request), "SignatureNonceUsed", "to the end of its window");
        bench.clock.step_wall_to(UnixMillis::new(NOW + WINDOW + 1));
        assert_eq!(bench.code(&request), "InvalidTimeStamp.Expired");
    }
}

#[test]
fn a_nonce_has_one_scope_for_all_schemes_and_paths() {
    let bench = Bench::strict();
    assert_eq!(bench.code(&rpc("GET", RPC)), "");
    let same = v3("GET", "/other", b"").header("x-acs-signature-nonce", "an-rpc-nonce").v3();
    assert_eq!(bench.code(&same), "SignatureNonceUsed");
}

#[test]
fn a_stamp_ahead_of_the_clock_is_bounded_too() {
    let bench = Bench::strict();
    bench.clock.step_wall_to(UnixMillis::new(NOW - WINDOW - 1));
    assert_eq!(bench.code(&rpc("GET", RPC)), "InvalidTimeStamp.Expired");
    bench.clock.step_wall_to(UnixMillis::new(NOW - WINDOW));
    assert_eq!(bench.code(&rpc("GET", RPC)), "");
    let short = Window::new(Duration::from_secs(1), Duration::ZERO);
    let bench = Bench::with(OpenApiPolicy::strict().with_window(short));
    bench.clock.step_wall_to(UnixMillis::new(NOW + 1_001));
    assert_eq!(bench.code(&rpc("GET", RPC)), "InvalidTimeStamp.Expired");
}

#[test]
fn a_refused_request_burns_no_nonce() {
    let bench = Bench::strict();
    let request = v3("POST", "/", b"{}").v3();
    assert_eq!(bench.code(&request.clone().body("[]")), "SignatureDoesNotMatch");
    assert_eq!(bench.code(&request.clone().target("/?a")), "SignatureDoesNotMatch");
    assert_eq!(bench.code(&request), "");
}

#[test]
fn verifiers_of_one_name_share_nonces_and_a_copy_is_the_same_verifier() {
    let bench = Bench::strict();
    let copy = bench.verifier.clone().with_policy(OpenApiPolicy::compatible());
    let request = rpc("GET", RPC);
    let first = bench.verify(&request).unwrap();
    let again = answered(copy.verify(request.head(), b"")).unwrap_err();
    assert_eq!(again.code_text(), "SignatureNonceUsed");
    let inner = answered(copy.claim(intact(&copy, &request), Some(&first)));
    assert_eq!(inner.unwrap().access_key_id(), KEY, "an outer layer has claimed it");
    let other = copy.clone().with_name("another");
    assert!(answered(other.verify(request.head(), b"")).is_ok());
}

#[test]
fn a_claim_may_be_taken_back_once() {
    let bench = Bench::strict();
    let request = rpc("GET", RPC);
    let reserve = || answered(bench.verifier.reserve(intact(&bench.verifier, &request), None));
    let (_, held) = reserve().unwrap();
    assert_eq!(reserve().unwrap_err().code_text(), "SignatureNonceUsed");
    answered(held.unwrap().release()).unwrap();
    assert_eq!(bench.code(&request), "");
    assert_eq!(bench.code(&request), "SignatureNonceUsed");
}

fn intact<'r>(verifier: &'r Subject, request: &'r Sent) -> Intact<'r> {
    let HeadStage::Presented(presented) = verifier.present(request.head()).unwrap() else {
        panic!("its parameters stand in the query");
    };
    match answered(verifier.authenticate(presented)).unwrap().body().unwrap() {
        BodyStage::Settled(intact) => intact,
        BodyStage::Check(_) => panic!("it has no body"),
    }
}
