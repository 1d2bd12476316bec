//! What the handler does decides.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use countersign::error::{ErrorCode, Rejection, RenderRejection};
use countersign::middleware::{Enforcement, Release};
use countersign::verify::{ContentMd5Rule, Limits, Policy};
use futures_util::FutureExt;
use http::Response;
use http_body_util::StreamBody;
use tower::{Layer, ServiceExt};

use crate::service::{Bench, Does, Handler, request, send, send_again};
use crate::stores::Place;
use crate::support::{Call, OTHER_KEY, SECRET, WINDOW_MILLIS};

const FAILURES: [(Does, &str); 6] = [
    (Does::Answer(500), "500"),
    (Does::Answer(503), "503"),
    (Does::Answer(599), "599"),
    (Does::Refuse(ErrorCode::X500ER), "X500ER"),
    (Does::Refuse(ErrorCode::D504TO), "D504TO"),
    (Does::Fail, "broken"),
];

const OPTIONS: [Release; 2] = [Release::OnServerError, Release::DangerouslyOnCancellation];

#[tokio::test]
async fn lesson_27_by_default_a_request_that_failed_is_used() {
    for place in [Place::Here, Place::There] {
        for (failure, code) in FAILURES {
            let bench = Bench::new(place);
            for layer in [bench.layer(), bench.releasing(Release::Never)] {
                let service = layer.layer(Handler::that([failure]));
                let call = Call::get("/").sign();
                assert_eq!(send_again(&service, &call, 3).await, [code, "S403NU", "S403NU"]);
            }
            assert_eq!(bench.store.releases(), 0);
        }
    }
}

#[tokio::test]
async fn lesson_27_with_the_option_a_request_that_failed_passes_once_more() {
    for (place, release) in [Place::Here, Place::There].map(|p| OPTIONS.map(|o| (p, o))).concat() {
        for (failure, code) in FAILURES {
            let bench = Bench::new(place);
            let handler = Handler::that([failure]);
            let service = bench.releasing(release).layer(handler.clone());
            let call = Call::post("/").json("{}").sign();
            assert_eq!(send_again(&service, &call, 3).await, [code, "200", "S403NU"]);
            assert_eq!(handler.started(), 2);
        }
    }
}

#[tokio::test]
async fn lesson_27_a_third_time_it_is_refused_even_if_it_failed_again() {
    for (place, release) in [Place::Here, Place::There].map(|p| OPTIONS.map(|o| (p, o))).concat() {
        for (failure, code) in FAILURES {
            let service = Bench::new(place).releasing(release).layer(Handler::that([failure; 9]));
            let call = Call::get("/").sign();
            assert_eq!(send_again(&service, &call, 4).await, [code, code, "S403NU", "S403NU"]);
        }
    }
}

#[tokio::test]
async fn lesson_27_any_other_answer_releases_nothing() {
    let answers = [
        (Does::Answer(200), "200"),
        (Does::Answer(302), "302"),
        (Does::Answer(400), "400"),
        (Does::Answer(404), "404"),
        (Does::Answer(429), "429"),
        (Does::Answer(499), "499"),
        (Does::Refuse(ErrorCode::I400MP), "I400MP"),
        (Does::Refuse(ErrorCode::A403PR), "A403PR"),
    ];
    for release in OPTIONS {
        for (answer, code) in answers {
            let bench = Bench::new(Place::Here);
            let service = bench.releasing(release).layer(Handler::that([answer]));
            assert_eq!(send_again(&service, &Call::get("/").sign(), 2).await, [code, "S403NU"]);
            assert_eq!(bench.store.releases(), 0, "success needs no second word with the store");
        }
    }
}

#[tokio::test]
async fn lesson_27_a_panic_releases_nothing() {
    for release in OPTIONS {
        let service =
            Bench::new(Place::Here).releasing(release).layer(Handler::that([Does::Panic]));
        let call = Call::get("/").sign();
        assert!(AssertUnwindSafe(send(&service, &call)).catch_unwind().await.is_err());
        assert_eq!(send(&service, &call).await, "S403NU");
    }
}

#[tokio::test]
async fn lesson_27_a_body_that_breaks_off_after_its_head_releases_nothing() {
    let service = Bench::new(Place::Here).releasing(Release::OnServerError).layer(
        tower::service_fn(async |_| {
            let broken = futures_util::stream::iter([Err::<http_body::Frame<Bytes>, _>("broken")]);
            Ok(Response::new(Body::new(StreamBody::new(broken))))
        }),
    );
    let call = Call::get("/").sign();
    let response = service.clone().oneshot(request(&call)).await.unwrap();
    assert!(axum::body::to_bytes(Body::new(response.into_body()), 1).await.is_err());
    assert_eq!(send(&service, &call).await, "S403NU");
}

#[tokio::test]
async fn lesson_27_a_release_that_fails_leaves_the_nonce_used_and_the_answer_as_it_was() {
    let bench = Bench::new(Place::There);
    bench.store.is_down.store(true, Ordering::SeqCst);
    let handler = Handler::that([Does::Answer(500), Does::Fail]);
    let service = bench.releasing(Release::OnServerError).layer(handler);
    for code in ["500", "broken"] {
        assert_eq!(send_again(&service, &Call::get("/").sign(), 2).await, [code, "S403NU"]);
    }
    assert_eq!(bench.store.releases(), 2);
}

#[tokio::test]
async fn lesson_27_a_released_nonce_expires_like_any_other() {
    let bench = Bench::new(Place::Here);
    let handler = Handler::that([Does::Answer(500); 2]);
    let service = bench.releasing(Release::OnServerError).layer(handler);
    let [in_time, late] = [Call::get("/").sign(), Call::get("/").sign()];
    assert_eq!(send(&service, &in_time).await, "500");
    assert_eq!(send(&service, &late).await, "500");
    bench.clock.advance(Duration::from_millis(WINDOW_MILLIS));
    assert_eq!(send(&service, &in_time).await, "200", "the last instant of its window");
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(send(&service, &late).await, "S403TE");
}

#[tokio::test]
async fn lesson_27_nobody_else_gains_by_a_release() {
    let bench = Bench::new(Place::Here);
    let service = bench.releasing(Release::OnServerError).layer(Handler::that([
        Does::Answer(200),
        Does::Answer(200),
        Does::Answer(500),
    ]));
    let others = Call::get("/").nonce("n").key(OTHER_KEY, SECRET).sign();
    let handled = Call::get("/").nonce("m").sign();
    let failed = Call::get("/").nonce("n").sign();
    assert_eq!(send(&service, &others).await, "200");
    assert_eq!(send(&service, &handled).await, "200");
    assert_eq!(send(&service, &failed).await, "500");
    for used in [&others, &handled] {
        assert_eq!(send(&service, used).await, "S403NU");
    }
    // What is changed is refused before the claim, and does not spend the retry.
    assert_eq!(send(&service, &failed.clone().to("/other")).await, "A403IS");
    assert_eq!(send(&service, &failed).await, "200");
}

/// Answers every refusal with 200, as some services do.
#[derive(Debug)]
struct AlwaysOk;

impl RenderRejection for AlwaysOk {
    fn render(&self, _: &Rejection) -> Response<Bytes> {
        Response::new(Bytes::new())
    }
}

#[tokio::test]
async fn lesson_27_how_a_rejection_is_rendered_changes_nothing() {
    let bench = Bench::new(Place::Here);
    let handler = Handler::that([Does::Refuse(ErrorCode::X500ER), Does::Refuse(ErrorCode::I400MP)]);
    let inner = bench.releasing(Release::OnServerError).with_renderer(AlwaysOk);
    // The outer layer, of another verifier, sees an answer of 200 that was a rejection.
    let outer = Bench::new(Place::Here);
    let outer_layer = outer.releasing(Release::OnServerError).with_renderer(AlwaysOk);
    let service = outer_layer.layer(inner.layer(handler.clone()));
    let call = Call::get("/").sign();
    assert_eq!(send_again(&service, &call, 3).await, ["200"; 3]);
    assert_eq!(handler.started(), 2);
    assert_eq!((outer.store.releases(), bench.store.releases()), (1, 1));
}

#[tokio::test]
async fn lesson_27_a_body_that_was_too_long_is_the_callers_fault() {
    let bench = Bench::new(Place::Here);
    let policy = Policy::strict()
        .with_content_md5(ContentMd5Rule::Optional)
        .with_limits(Limits::default().with_max_body(10));
    let layer = countersign::middleware::AppAuthLayer::new(bench.verifier.with_policy(policy));
    let service = layer.with_release(Release::OnServerError).layer(tower::service_fn(
        async |request: http::Request<countersign::middleware::RequestBody<Body>>| {
            let read = http_body_util::BodyExt::collect(request.into_body()).await;
            let status = if read.is_ok() { 200 } else { 500 };
            Ok(Response::builder().status(status).body(Body::empty()).unwrap())
        },
    ));
    let call = Call::post("/").body("more than ten bytes").sign();
    let streamed = || {
        let mut request = request(&call);
        let pieces = futures_util::stream::iter([Ok::<_, std::io::Error>(call.body.clone())]);
        *request.body_mut() = Body::from_stream(pieces);
        request
    };
    for code in ["I413RL", "S403NU"] {
        let answer = service.clone().oneshot(streamed()).await;
        let answer: Result<_, crate::service::Broken> = answer;
        assert_eq!(answer.unwrap().headers()["x-ca-error-code"], code);
    }
}

#[tokio::test]
async fn lesson_27_where_refusals_are_only_observed_a_claim_goes_back_all_the_same() {
    let bench = Bench::new(Place::Here);
    let layer = bench.releasing(Release::OnServerError).with_enforcement(Enforcement::Observe);
    let service = layer.layer(Handler::that([Does::Answer(500)]));
    let call = Call::get("/").sign();
    assert_eq!(send(&service, &call).await, "500");
    let enforcing = bench.layer().layer(Handler::default());
    assert_eq!(send_again(&enforcing, &call, 2).await, ["200", "S403NU"]);
}
