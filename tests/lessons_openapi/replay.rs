//! A request is accepted once.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{AccessKey, App};
use countersign::store::{MemoryCredentials, MemoryReplayStore};
use countersign::verify::openapi::{BodyStage, HeadStage, OpenApiPolicy, OpenApiVerifier};
use countersign::verify::{ReplayIdentity, Window};

use super::*;

const WINDOW: u64 = 15 * 60 * 1000;
const USED: &str = "SignatureNonceUsed";

#[test]
fn lesson_18_of_parallel_identical_requests_one_is_accepted() {
    const CALLERS: usize = 16;
    for (kind, request) in one_of_each() {
        let bench = Bench::strict();
        let start = Barrier::new(CALLERS);
        let codes: Vec<_> = thread::scope(|scope| {
            let call = || {
                start.wait();
                bench.code(&request)
            };
            let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(call)).collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).collect()
        });
        assert_eq!(codes.iter().filter(|code| code.is_empty()).count(), 1, "{kind}");
        assert_eq!(codes.iter().filter(|code| *code == USED).count(), CALLERS - 1, "{kind}");
    }
}

#[test]
fn lesson_19_what_is_refused_never_touches_the_replay_store() {
    for (kind, request) in one_of_each() {
        // A store with room for one claim: a second one would be refused.
        let (bench, _) = holding(1, OpenApiPolicy::strict());
        let mut purged = request.clone();
        purged.method = "PURGE".parse().unwrap();
        let other_key = replaced(&request, KEY, "LTAI5tOther");
        let other_nonce = replaced(&request, "an-rpc-nonce", "other");
        let other_nonce = match request.headers.contains_key("authorization") {
            true => other_nonce.header("x-acs-signature-nonce", "other"),
            false => other_nonce,
        };
        for tampered in [purged, other_key, other_nonce] {
            assert_ne!(bench.code(&tampered), "", "{kind}");
        }
        if request.headers.contains_key("authorization") {
            assert_ne!(bench.code(&request.clone().body("[]")), "", "{kind}");
        }
        assert_eq!(bench.code(&request), "", "{kind}: its nonce is still good, and there is room");
    }
}

#[test]
fn lesson_20_a_nonce_is_kept_until_its_time_leaves_the_window() {
    for (kind, request) in one_of_each() {
        // Stamped as far ahead of the server as it may be: twice the window is to be remembered.
        let bench = Bench::strict();
        bench.clock.step_wall_to(UnixMillis::new(NOW - WINDOW));
        assert_eq!(bench.code(&request), "", "{kind}");
        for at in [NOW - WINDOW, NOW - 1, NOW, NOW + 1, NOW + WINDOW - 1, NOW + WINDOW] {
            bench.clock.step_wall_to(UnixMillis::new(at));
            assert_eq!(bench.code(&request), USED, "{kind} at {at}");
        }
        bench.clock.step_wall_to(UnixMillis::new(NOW + WINDOW + 1));
        assert_eq!(bench.code(&request), "InvalidTimeStamp.Expired", "{kind}");
    }
}

#[test]
fn lesson_20_a_request_without_a_nonce_is_kept_as_long() {
    let policy = OpenApiPolicy::strict().with_replay_identity(ReplayIdentity::NonceOrSignature);
    let request = roa("GET", "/", b"").without("x-acs-signature-nonce").signed_by_roa();
    let bench = Bench::with(policy);
    assert_eq!(bench.code(&request), "");
    bench.clock.step_wall_to(UnixMillis::new(NOW + WINDOW));
    assert_eq!(bench.code(&request), USED);
}

#[test]
fn lesson_20a_a_body_that_arrives_after_the_window_is_refused() {
    let bench = Bench::strict();
    let request = v3("PUT", "/", b"{}").v3();
    bench.clock.step_wall_to(UnixMillis::new(NOW + WINDOW - 1_000));
    let HeadStage::Presented(presented) = bench.verifier.present(request.head()).unwrap() else {
        panic!("V3 is presented by its head");
    };
    let authorized = answered(bench.verifier.authenticate(presented)).unwrap();
    let BodyStage::Check(mut check) = authorized.body().unwrap() else {
        panic!("its body is digested");
    };
    check.update(b"{").unwrap();
    bench.clock.step_wall_to(UnixMillis::new(NOW + WINDOW + 1));
    check.update(b"}").unwrap();
    let late = answered(bench.verifier.claim(check.finish().unwrap(), None)).unwrap_err();
    assert_eq!(late.code_text(), "InvalidTimeStamp.Expired");
}

#[test]
fn lesson_21_a_full_store_refuses_and_forgets_nothing() {
    let (bench, clock) = holding(3, OpenApiPolicy::strict());
    let numbered =
        |n: u32| v3("GET", "/", b"").header("x-acs-signature-nonce", &n.to_string()).v3();
    let codes: Vec<_> = (0..10).map(|n| bench.code(&numbered(n))).collect();
    let accepted: Vec<_> = (0..10).filter(|n| codes[*n as usize].is_empty()).collect();
    assert_eq!(accepted.len(), 3);
    assert_eq!(codes.iter().filter(|code| *code == "ServiceUnavailable").count(), 7);
    for _ in 0..3 {
        for n in &accepted {
            assert_eq!(bench.code(&numbered(*n)), USED);
        }
    }
    clock.step_wall_to(UnixMillis::new(NOW + WINDOW));
    for n in accepted {
        assert_eq!(bench.code(&numbered(n)), USED, "to the end of its window");
    }
}

#[test]
fn lesson_22_a_nonce_belongs_to_its_key() {
    const OTHER: &str = "LTAI5tOther";
    let app = App::of_access_key("billing", key())
        .with_access_key(AccessKey::new(OTHER, secret()).unwrap());
    let bench = Bench::of(app, OpenApiPolicy::strict());
    let by_v3 = v3("GET", "/", b"").v3();
    assert_eq!(bench.code(&by_v3), "");
    // The id is not signed by V3, and both keys have one secret.
    assert_eq!(bench.code(&replaced(&by_v3, KEY, OTHER)), "");
    assert_eq!(bench.code(&replaced(&by_v3, KEY, OTHER)), USED);
    assert_eq!(bench.code(&rpc("GET", RPC)), "");
    assert_eq!(bench.code(&rpc("GET", &RPC.replace(KEY, OTHER))), "");
    assert_eq!(bench.code(&rpc("POST", &RPC.replace(KEY, OTHER))), USED);
}

#[test]
fn lesson_22_parts_of_a_claim_cannot_be_moved_into_each_other() {
    const LONGER: &str = "LTAI5tExamplea";
    let app = App::of_access_key("billing", key())
        .with_access_key(AccessKey::new(LONGER, secret()).unwrap());
    let bench = Bench::of(app, OpenApiPolicy::compatible());
    let signed = |id: &str, nonce: &str| {
        let query = RPC.replace(KEY, id).replace("an-rpc-nonce", nonce);
        rpc("GET", &query)
    };
    assert_eq!(bench.code(&signed(KEY, "ab")), "");
    assert_eq!(bench.code(&signed(LONGER, "b")), "");
    // A nonce that looks like the mark of another kind of claim.
    let by_signature = roa("GET", "/", b"").without("x-acs-signature-nonce").signed_by_roa();
    let verified = bench.verify(&by_signature).unwrap();
    assert_eq!(verified.nonce(), None);
    for nonce in ["%00s", "%00n", "%00nab", "%00"] {
        assert_eq!(bench.code(&signed(KEY, nonce)), "", "{nonce}");
        assert_eq!(bench.code(&signed(KEY, nonce)), USED, "{nonce}");
    }
}

#[test]
fn lesson_20_the_promise_holds_for_any_window() {
    for seconds in [0, 1, 86_400, 20 * 365 * 86_400] {
        let window = Window::symmetric(Duration::from_secs(seconds));
        let bench = Bench::with(OpenApiPolicy::strict().with_window(window));
        let request = rpc("GET", RPC);
        assert_eq!(bench.code(&request), "");
        bench.clock.step_wall_to(UnixMillis::new(NOW + seconds * 1_000));
        assert_eq!(bench.code(&request), USED);
        bench.clock.step_wall_to(UnixMillis::new(NOW + seconds * 1_000 + 1));
        assert_eq!(bench.code(&request), "InvalidTimeStamp.Expired");
    }
}

/// A verifier whose store has room for so many claims.
fn holding(claims: usize, policy: OpenApiPolicy) -> (Bench, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW - 3_600_000)));
    let replay = MemoryReplayStore::builder().with_capacity(claims);
    let replay = replay.with_clock(Arc::clone(&clock)).build();
    clock.step_wall_to(UnixMillis::new(NOW));
    let apps = MemoryCredentials::new([App::of_access_key("billing", key())]).unwrap();
    let verifier =
        OpenApiVerifier::new(apps, replay).with_clock(Arc::clone(&clock)).with_policy(policy);
    (Bench { clock: Arc::clone(&clock), verifier }, clock)
}
