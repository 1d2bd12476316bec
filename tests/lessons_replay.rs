//! Lessons of other projects: a request is accepted once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use countersign::clock::UnixMillis;
use countersign::error::{ErrorCode, StoreError};
use countersign::store::{Claim, Claimed, ReplayStore};
use countersign::verify::{
    BodyStage, Policy, Presence, ReplayIdentity, Verified, Window, authorize_fn,
};
use support::{
    Call, KEY, NOW, OTHER_KEY, SECRET, Server, WINDOW_MILLIS, Wire, answered, assert_accepted,
    assert_code, assert_refused,
};

#[test]
fn lesson_18_of_parallel_identical_requests_one_is_accepted() {
    const CALLERS: usize = 16;
    let server = Server::strict();
    for _ in 0..50 {
        let wire = Call::post("/").json("{}").sign();
        let start = Barrier::new(CALLERS);
        let answers: Vec<_> = thread::scope(|scope| {
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        server.verify(&wire)
                    })
                })
                .collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).collect()
        });
        let (accepted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(accepted.len(), 1);
        for answer in refused {
            assert_refused(answer, ErrorCode::S403NU, "Nonce Used");
        }
    }
}

#[test]
fn lesson_19_what_is_refused_never_touches_the_replay_store() {
    let signed = || Call::post("/").json("{}").nonce("n").sign();
    let tampering: [fn(Wire) -> Wire; 8] = [
        |wire| wire.with("x-ca-signature", "AAAA"),
        |wire| wire.with("x-ca-key", OTHER_KEY),
        |wire| wire.with("x-ca-timestamp", (NOW + 1).to_string()),
        |wire| wire.to("/?a=1"),
        |wire| wire.with_body("[]"),
        |wire| wire.with("x-ca-nonce", "m"),
        |wire| wire.with("x-ca-key", "unknown"),
        |wire| wire.without("x-ca-signature"),
    ];
    for server in [Server::strict(), Server::gateway()] {
        for tamper in tampering {
            assert!(server.verify(&tamper(signed())).is_err());
        }
        assert_eq!(server.replay.claims(), 0);
        // The caller's nonce is still good.
        assert_accepted(server.verify(&signed()));
    }
}

#[test]
fn lesson_20_a_nonce_is_kept_until_its_timestamp_leaves_the_window() {
    for server in [Server::strict(), Server::gateway()] {
        // Stamped as far ahead of the server as it may be: twice the window is to be remembered.
        let stamped = NOW + WINDOW_MILLIS;
        let wire = Call::get("/").timestamp(stamped).sign();
        assert_accepted(server.verify(&wire));
        let (_, until) = server.replay.entries().remove(0);
        assert_eq!(until, UnixMillis::new(stamped + WINDOW_MILLIS), "not a window from now");

        for later in [1, WINDOW_MILLIS, WINDOW_MILLIS + 1, 2 * WINDOW_MILLIS - 1] {
            server.clock.step_wall_to(UnixMillis::new(NOW + later));
            assert_code(server.verify(&wire), ErrorCode::S403NU);
        }
        // The last instant at which the timestamp is fresh is the last at which it is kept.
        server.clock.step_wall_to(UnixMillis::new(stamped + WINDOW_MILLIS));
        assert_code(server.verify(&wire), ErrorCode::S403NU);
        server.clock.step_wall_to(UnixMillis::new(stamped + WINDOW_MILLIS + 1));
        assert_code(server.verify(&wire), ErrorCode::S403TE);
    }
}

#[test]
fn lesson_20_the_promise_holds_for_any_window() {
    for (age, ahead) in [(0, 0), (1, 0), (0, 1), (1_000, 60_000), (60_000, 1_000)] {
        let window = Window::new(Duration::from_millis(age), Duration::from_millis(ahead));
        let server = Server::new(Policy::strict().with_window(window));
        let wire = Call::get("/").timestamp(NOW + ahead).sign();
        assert_accepted(server.verify(&wire));
        for later in [0, ahead, ahead + age] {
            server.clock.step_wall_to(UnixMillis::new(NOW + later));
            assert_code(server.verify(&wire), ErrorCode::S403NU);
        }
        server.clock.step_wall_to(UnixMillis::new(NOW + ahead + age + 1));
        assert_code(server.verify(&wire), ErrorCode::S403TE);
    }
}

#[test]
fn lesson_20_a_nonce_is_kept_for_the_longest_window_of_all_copies_though_none_has_used_it() {
    let server = Server::strict();
    let copy = |window| {
        let window = Window::symmetric(Duration::from_millis(window));
        server.verifier.clone().with_policy(Policy::strict().with_window(window))
    };
    let (shorter, longer) = (copy(WINDOW_MILLIS / 2), copy(WINDOW_MILLIS * 2));
    let wire = Call::get("/").sign();
    assert_accepted(answered(shorter.verify(wire.head(), b"")));
    server.clock.step_wall_to(UnixMillis::new(NOW + WINDOW_MILLIS / 2 + 1));
    assert_code(server.verify(&wire), ErrorCode::S403NU);
    server.clock.step_wall_to(UnixMillis::new(NOW + WINDOW_MILLIS + 1));
    assert_code(answered(longer.verify(wire.head(), b"")), ErrorCode::S403NU);
}

#[test]
fn lesson_20_a_verifier_is_no_copy_of_what_it_was_before_it_had_its_policy() {
    let window = Window::symmetric(Duration::from_secs(1));
    let server = Server::new(Policy::strict().with_window(window));
    let wire = Call::get("/").sign();
    assert_accepted(server.verify(&wire));
    let (_, until) = server.replay.entries().remove(0);
    assert_eq!(until, UnixMillis::new(NOW + 1_000), "kept for its own window, and no longer");
}

#[test]
fn lesson_20_an_unsigned_timestamp_keeps_the_nonce_for_a_window_from_receipt() {
    // Best effort: whoever records the request may change the timestamp at will.
    let server = Server::gateway();
    let call = Call::get("/").undeclare("x-ca-timestamp").timestamp(NOW - WINDOW_MILLIS);
    assert_accepted(server.verify(&call.sign()));
    let without = Call::get("/").without("x-ca-timestamp");
    assert_accepted(server.verify(&without.sign()));
    for (_, until) in server.replay.entries() {
        assert_eq!(until, UnixMillis::new(NOW + WINDOW_MILLIS));
    }
    assert_eq!(server.replay.written(), 2);
}

/// A server on which `span` passes between the head and the end of the body.
fn slow_server(policy: Policy, span: u64) -> Server {
    let server = Server::new(policy);
    let clock = server.clock.clone();
    server.authorizer(authorize_fn(move |_, _| {
        clock.advance(Duration::from_millis(span));
        Ok(())
    }))
}

#[test]
fn lesson_20a_a_body_that_arrives_after_the_window_is_refused() {
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        let call = || Call::post("/").json("{}").timestamp(NOW - WINDOW_MILLIS + 1_000);
        let server = slow_server(policy.clone(), 1_001);
        assert_refused(
            server.verify(&call().sign()),
            ErrorCode::S403TE,
            "X-Ca-Timestamp is expired",
        );
        assert_eq!(server.replay.claims(), 0, "nothing to remember, nothing to burn");
        // Up to the last millisecond it is in time.
        let server = slow_server(policy, 1_000);
        assert_accepted(server.verify(&call().sign()));
    }
}

#[test]
fn lesson_20a_a_claim_whose_end_has_passed_is_expired_and_expired_again() {
    let server = Server::strict();
    let claim = |until| Claim::new("default", KEY, b"n", UnixMillis::new(until));
    let claimed = |until| answered(server.replay.claim(claim(until))).unwrap();
    assert_eq!(claimed(NOW - 1), Claimed::Expired);
    assert_eq!(claimed(NOW - 1), Claimed::Expired);
    assert_eq!(server.replay.written(), 0);
    assert_eq!(claimed(NOW), Claimed::Fresh);
    assert_eq!(claimed(NOW), Claimed::Used);
    // An expired answer is a stale request, whatever the verifier's own clock said.
    let server = Server::strict();
    server.replay.restart(UnixMillis::new(NOW + 1));
    for _ in 0..2 {
        assert_code(server.verify(&Call::get("/").nonce("n").sign()), ErrorCode::S403TE);
    }
}

#[test]
fn lesson_22_a_nonce_belongs_to_its_key_and_its_verifier() {
    let server = Server::strict();
    for key in [KEY, OTHER_KEY] {
        let wire = Call::get("/").nonce("same").key(key, SECRET).sign();
        assert_accepted(server.verify(&wire));
        assert_code(server.verify(&wire), ErrorCode::S403NU);
    }
    // Another service on the same store is another scope; another path is not.
    let wire = Call::get("/other").nonce("same").sign();
    assert_code(server.verify(&wire), ErrorCode::S403NU);
    let elsewhere = server.verifier.clone().with_name("elsewhere");
    assert_accepted(answered(elsewhere.verify(wire.head(), b"")));
    let mut written: Vec<_> = server.replay.entries().into_iter().map(|(key, _)| key).collect();
    written.sort();
    let key = |scope: &str, key: &str| (scope.to_owned(), key.to_owned(), b"same".to_vec());
    assert_eq!(written, [key("default", KEY), key("default", OTHER_KEY), key("elsewhere", KEY)]);
}

#[test]
fn lesson_22_parts_of_a_claim_cannot_be_moved_into_each_other() {
    let apps = ["1", "12"].map(|key| support::demo_app(key, key));
    let server = Server::with_apps(Policy::strict(), apps);
    for (key, nonce) in [("1", "23"), ("12", "3"), ("1", "2 3"), ("12", "23")] {
        assert_accepted(server.verify(&Call::get("/").key(key, SECRET).nonce(nonce).sign()));
    }
    assert_eq!(server.replay.written(), 4);
    // A claim by signature never meets a nonce, whatever bytes a nonce has.
    let policy =
        Policy::gateway_compatible().with_replay_identity(ReplayIdentity::NonceOrSignature);
    let server = Server::new(policy);
    assert_accepted(server.verify(&Call::get("/").without("x-ca-nonce").sign()));
    let ((_, _, claimed), _) = server.replay.entries().remove(0);
    assert_eq!(claimed[0], 0, "no header's value contains a NUL");
    assert!(http::HeaderValue::from_bytes(&claimed).is_err());
}

#[test]
fn a_nonce_is_its_bytes() {
    let server = Server::strict();
    for nonce in ["a", "A", "a b", "你", "é", "e\u{301}"] {
        assert_accepted(server.verify(&Call::get("/").nonce(nonce).sign()));
    }
    // White space around a header's value is not part of it.
    assert_code(server.verify(&Call::get("/").nonce(" a\t").sign()), ErrorCode::S403NU);
}

#[test]
fn a_store_that_cannot_answer_refuses_every_request() {
    for server in [Server::strict(), Server::gateway()] {
        server.replay.fail_with(StoreError::unavailable("connection reset"));
        let rejection = assert_code(server.verify(&Call::get("/").sign()), ErrorCode::X503BZ);
        assert!(rejection.retry_after().is_some());
        assert_eq!(rejection.message(), "Service Busy");
        assert!(rejection.store_error().is_some(), "the operator can see why");
    }
}

#[test]
fn a_request_without_a_nonce_is_known_by_its_signature_where_the_policy_says_so() {
    let policy =
        Policy::gateway_compatible().with_replay_identity(ReplayIdentity::NonceOrSignature);
    let server = Server::new(policy);
    let call = || Call::get("/").without("x-ca-nonce");
    let wire = call().sign();
    assert_accepted(server.verify(&wire));
    assert_code(server.verify(&wire), ErrorCode::S403NU);
    assert_accepted(server.verify(&call().timestamp(NOW + 1).sign()));
    // Without a signed timestamp there is no end to remembering.
    let unsigned = call().undeclare("x-ca-timestamp").sign();
    for _ in 0..2 {
        assert_accepted(server.verify(&unsigned));
    }
    // By default such a request is not protected, and the gateway accepts it.
    let server = Server::gateway();
    for _ in 0..2 {
        assert_accepted(server.verify(&wire));
    }
    assert_eq!(server.replay.claims(), 0);
}

#[test]
fn a_forced_nonce_check_refuses_a_request_without_one() {
    let policy = Policy::gateway_compatible().with_nonce(Presence::Required);
    let server = Server::new(policy);
    assert_refused(
        server.verify(&Call::get("/").without("x-ca-nonce").sign()),
        ErrorCode::I400NC,
        "X-Ca-Nonce is required",
    );
    let unsigned = Call::get("/").undeclare("x-ca-nonce").sign();
    assert_accepted(server.verify(&unsigned));
    assert_code(server.verify(&unsigned), ErrorCode::S403NU);
}

#[test]
fn a_restart_refuses_what_may_have_been_accepted_before_it() {
    let wire = Call::get("/").sign();
    let server = Server::strict();
    assert_accepted(server.verify(&wire));
    server.replay.restart(UnixMillis::new(NOW + 1));
    server.clock.advance(Duration::from_millis(1));
    assert_code(server.verify(&wire), ErrorCode::S403TE);
    assert_accepted(server.verify(&Call::get("/").timestamp(NOW + 1).sign()));
    // The compatible policy accepts, replays included, and says so.
    let server = Server::gateway();
    assert_accepted(server.verify(&wire));
    server.replay.restart(UnixMillis::new(NOW + 1));
    assert_accepted(server.verify(&wire));
}

#[test]
fn a_request_that_this_verifier_accepted_is_not_a_replay_of_itself() {
    let server = Server::strict();
    let wire = Call::get("/").sign();
    let pass = |verifier: &support::TestVerifier, earlier: Option<&Verified>| {
        let presented = verifier.present(wire.head())?;
        let timely = verifier.check_freshness(answered(verifier.identify(presented))?)?;
        let authentic = verifier.authenticate(timely, b"")?;
        let authorized = answered(verifier.authorize(authentic))?;
        let BodyStage::Uncovered(intact) = authorized.body() else {
            panic!("a GET has no digest");
        };
        answered(verifier.claim(intact, earlier))
    };
    let outer = assert_accepted(pass(&server.verifier, None));
    assert_eq!(server.replay.claims(), 1);
    // An inner layer of the same verifier, also under another policy.
    assert_accepted(pass(&server.verifier, Some(&outer)));
    let nested = server.verifier.clone().with_policy(Policy::gateway_compatible());
    assert_accepted(pass(&nested, Some(&outer)));
    assert_eq!(server.replay.claims(), 1);
    // Another verifier has claimed nothing yet.
    let other = server.verifier.clone().with_name("other");
    assert_accepted(pass(&other, Some(&outer)));
    assert_eq!(server.replay.claims(), 2);
    // And without the identity it is a replay.
    assert_code(pass(&server.verifier, None), ErrorCode::S403NU);
}
