//! Replays, where timestamp and nonce are covered.

use std::time::Duration;

use countersign::clock::UnixMillis;
use countersign::error::ErrorCode;
use countersign::verify::backend::{BackendPolicy, ReplayProtection, VerifiedGateway};
use countersign::verify::{RestartRule, Verifier, Window};

use crate::support::{
    BACKEND_KEY, BehindGateway, Call, Forwarded, NOW, OTHER_BACKEND_KEY, OTHER_BACKEND_SECRET,
    TestCredentials, WINDOW_MILLIS, Wire, answered, demo_apps,
};

fn stamped(nonce: &str) -> Wire {
    Forwarded::get("/orders").stamped(nonce).sign()
}

#[test]
fn a_request_with_a_covered_timestamp_and_nonce_passes_once() {
    let service = BehindGateway::strict();
    assert!(service.accepts(&stamped("n")).is_claimed());
    service.refuses(&stamped("n"), ErrorCode::S403NU);
    service.accepts(&stamped("m"));
}

#[test]
fn what_is_not_covered_is_not_claimed() {
    let timestamp = ("X-Ca-Timestamp", NOW.to_string());
    let nonce = ("X-Ca-Nonce", "n".to_owned());
    let cases = [
        Forwarded::get("/"),
        Forwarded::get("/").signed_header(timestamp.0, &timestamp.1),
        Forwarded::get("/").signed_header(nonce.0, &nonce.1),
        Forwarded::get("/").signed_header(timestamp.0, &timestamp.1).header(nonce.0, &nonce.1),
        Forwarded::get("/").header(timestamp.0, &timestamp.1).signed_header(nonce.0, &nonce.1),
        Forwarded::get("/").stamped(""),
    ];
    for call in cases {
        let service = BehindGateway::strict();
        let call = call.sign();
        assert!(!service.accepts(&call).is_claimed());
        assert!(!service.accepts(&call).is_claimed());
        assert_eq!(service.replay.claims(), 0);
    }
}

#[test]
fn where_it_is_asked_for_a_request_without_them_is_refused() {
    let service =
        |protection| BehindGateway::new(BackendPolicy::strict().with_replay_protection(protection));
    let timestamp = Forwarded::get("/").signed_header("X-Ca-Timestamp", NOW.to_string()).sign();
    let none = Forwarded::get("/").sign();
    let some = service(ReplayProtection::TimestampRequired);
    some.refuses(&none, ErrorCode::I400MH);
    some.accepts(&timestamp);
    let all = service(ReplayProtection::Required);
    all.refuses(&timestamp, ErrorCode::I400NC);
    all.accepts(&stamped("n"));
}

#[test]
fn two_callers_of_the_gateway_may_choose_one_nonce() {
    let service = BehindGateway::strict();
    let of =
        |caller: &str| Forwarded::get("/").stamped("1").signed_header("X-Ca-Key", caller).sign();
    service.accepts(&of("203710001"));
    service.accepts(&of("203710002"));
    service.refuses(&of("203710001"), ErrorCode::S403NU);
    // Whoever replays cannot become another caller.
    let other = of("203710001").with("x-ca-key", "203710003");
    service.refuses(&other, ErrorCode::A403IS);
    // A caller who is not covered is nobody: it would be chosen anew for each replay.
    let uncovered = |caller| Forwarded::get("/").stamped("2").header("x-ca-key", caller).sign();
    service.accepts(&uncovered("203710001"));
    service.refuses(&uncovered("203710002"), ErrorCode::S403NU);
}

#[test]
fn parts_of_a_claim_cannot_be_moved_into_each_other() {
    let service = BehindGateway::strict();
    let of = |caller: &str, nonce: &str| {
        Forwarded::get("/").stamped(nonce).signed_header("X-Ca-Key", caller).sign()
    };
    service.accepts(&of("ab", "c"));
    service.accepts(&of("a", "bc"));
    service.accepts(&stamped("abc"));
    service.accepts(
        &Forwarded::get("/").key(OTHER_BACKEND_KEY, OTHER_BACKEND_SECRET).stamped("abc").sign(),
    );
    assert_eq!(service.replay.written(), 4);
}

#[test]
fn a_claim_is_no_apps_even_in_the_same_store_under_the_same_name() {
    let service = BehindGateway::strict();
    let apps =
        Verifier::new(TestCredentials::new(demo_apps()), std::sync::Arc::clone(&service.replay))
            .with_clock(std::sync::Arc::clone(&service.clock));
    service.accepts(&stamped("n"));
    let call = Call::get("/").nonce("n").sign();
    answered(apps.verify(call.head(), b"")).unwrap();
    let mut keys: Vec<_> =
        service.replay.entries().into_iter().map(|((_, key, _), _)| key).collect();
    keys.sort();
    assert_eq!(keys, [format!("\0backend\0{BACKEND_KEY}"), "203710001".to_owned()]);
}

#[test]
fn what_is_refused_never_touches_the_replay_store() {
    let service = BehindGateway::strict();
    let call = Forwarded::post("/").stamped("n").digested("{}").sign();
    service.refuses(&call.clone().to("/other"), ErrorCode::A403IS);
    service.refuses(&call.clone().with_body("[]"), ErrorCode::I400I5);
    service.refuses(&call.clone().with("x-ca-nonce", "m"), ErrorCode::A403IS);
    assert_eq!(service.replay.claims(), 0);
    service.accepts(&call);
}

#[test]
fn a_nonce_is_kept_until_its_timestamp_leaves_the_window() {
    let service = BehindGateway::strict();
    let ahead = NOW + WINDOW_MILLIS;
    let call = Forwarded::get("/").stamped("n").header("x-ca-timestamp", ahead.to_string()).sign();
    service.accepts(&call);
    let (_, until) = service.replay.entries().remove(0);
    assert_eq!(until, UnixMillis::new(ahead + WINDOW_MILLIS));
    service.clock.advance(Duration::from_millis(2 * WINDOW_MILLIS));
    service.refuses(&call, ErrorCode::S403NU);
    service.clock.advance(Duration::from_millis(1));
    service.refuses(&call, ErrorCode::S403TE);
}

#[test]
fn a_copy_with_another_window_keeps_nonces_for_the_longest() {
    let service = BehindGateway::strict();
    let short = BackendPolicy::strict().with_window(Window::symmetric(Duration::from_secs(60)));
    let short = service.verifier.clone().with_policy(short);
    service.accepts(&stamped("first"));
    let call = stamped("n");
    answered(short.verify(call.head(), b"")).unwrap();
    service.clock.advance(Duration::from_secs(61));
    service.refuses(&call, ErrorCode::S403NU);
}

#[test]
fn after_a_restart_what_was_signed_before_is_refused() {
    let service = BehindGateway::strict();
    service.replay.restart(UnixMillis::new(NOW + 1));
    service.refuses(&stamped("n"), ErrorCode::S403TE);
    let accepts =
        BehindGateway::new(BackendPolicy::strict().with_restart_rule(RestartRule::Accept));
    accepts.replay.restart(UnixMillis::new(NOW + 1));
    accepts.accepts(&stamped("n"));
}

fn claimed_again(
    service: &BehindGateway,
    policy: BackendPolicy,
    earlier: &VerifiedGateway,
) -> Result<VerifiedGateway, ErrorCode> {
    let inner = service.verifier.clone().with_policy(policy);
    let call = stamped("n");
    let authentic = inner.present(call.head()).and_then(|timely| timely.authenticate());
    let countersign::verify::backend::SignatureStage::Authentic(authentic) = authentic.unwrap()
    else {
        panic!("the head is enough");
    };
    let countersign::verify::backend::BodyStage::Settled(intact) = authentic.body().unwrap() else {
        panic!("there is no body");
    };
    answered(inner.claim(intact, Some(earlier))).map_err(|rejection| rejection.code())
}

#[test]
fn layers_of_one_verifier_that_are_nested_claim_a_nonce_once() {
    let service = BehindGateway::strict();
    let earlier = service.accepts(&stamped("n"));
    let again = claimed_again(&service, BackendPolicy::strict(), &earlier);
    assert_eq!(again.map(|verified| verified.is_claimed()), Ok(true));
    assert_eq!(service.replay.claims(), 1);

    // Another verifier's claim is another claim, and so is one for another key.
    let other = BehindGateway::strict().accepts(&stamped("n"));
    let refused = claimed_again(&service, BackendPolicy::strict(), &other);
    assert_eq!(refused.err(), Some(ErrorCode::S403NU));
}

#[test]
fn an_inner_layer_that_asks_for_more_memory_asks_the_store() {
    let compatible = BehindGateway::compatible();
    compatible.replay.restart(UnixMillis::new(NOW + 1));
    let earlier = compatible.accepts(&stamped("n"));
    let refused = claimed_again(&compatible, BackendPolicy::strict(), &earlier);
    assert_eq!(refused.err(), Some(ErrorCode::S403TE));
    let again = claimed_again(&compatible, BackendPolicy::gateway_compatible(), &earlier);
    assert!(again.is_ok());
}
