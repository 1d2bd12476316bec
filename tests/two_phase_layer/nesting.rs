//! Layers inside layers.

use countersign::error::ErrorCode;
use countersign::middleware::Release;
use countersign::verify::Policy;
use tower::Layer;

use crate::service::{Bench, Does, Handler, send_again};
use crate::stores::Place;
use crate::support::Call;

#[tokio::test]
async fn lesson_27a_the_layer_that_made_a_claim_takes_it_back_for_those_inside() {
    for place in [Place::Here, Place::There] {
        for inside in [Release::Never, Release::OnServerError, Release::DangerouslyOnCancellation] {
            let bench = Bench::new(place);
            let handler = Handler::that([Does::Answer(500), Does::Answer(502)]);
            let service = bench
                .releasing(Release::OnServerError)
                .layer(bench.layer().layer(bench.releasing(inside).layer(handler.clone())));
            let call = Call::get("/").sign();
            assert_eq!(send_again(&service, &call, 3).await, ["500", "502", "S403NU"]);
            assert_eq!(handler.started(), 2);
        }
    }
}

#[tokio::test]
async fn lesson_27a_an_inner_layer_takes_back_nothing_that_an_outer_one_has_claimed() {
    let bench = Bench::new(Place::Here);
    let inner = bench.releasing(Release::DangerouslyOnCancellation);
    let service = bench.layer().layer(inner.layer(Handler::that([Does::Answer(500)])));
    assert_eq!(send_again(&service, &Call::get("/").sign(), 2).await, ["500", "S403NU"]);
    assert_eq!(bench.store.releases(), 0);
}

#[tokio::test]
async fn lesson_27a_a_stricter_layer_inside_asks_and_takes_nothing() {
    let bench = Bench::new(Place::Here);
    let outer = bench.verifier.clone().with_policy(Policy::gateway_compatible());
    let outer = countersign::middleware::AppAuthLayer::new(outer);
    let outer = outer.with_release(Release::OnServerError);
    let service = outer.layer(bench.layer().layer(Handler::that([Does::Answer(500); 2])));
    assert_eq!(send_again(&service, &Call::get("/").sign(), 3).await, ["500", "500", "S403NU"]);
}

#[tokio::test]
async fn lesson_27a_what_a_layer_inside_refuses_is_an_answer_like_a_handlers() {
    // Another verifier inside: with a store of its own, where the nonce is used.
    let (outer, inner) = (Bench::new(Place::Here), Bench::new(Place::Here));
    let inside = inner.layer().layer(Handler::default());
    let service = outer.releasing(Release::OnServerError).layer(inside.clone());
    let call = Call::get("/").sign();
    assert_eq!(send_again(&inside, &call, 1).await, ["200"]);
    assert_eq!(send_again(&service, &call, 2).await, ["S403NU", "S403NU"]);
    assert_eq!(outer.store.releases(), 0, "that is no failure of the service");

    let service = outer
        .releasing(Release::OnServerError)
        .layer(inner.layer().layer(Handler::that([Does::Refuse(ErrorCode::X503BZ)])));
    let call = Call::get("/").sign();
    // The outer one gives its claim back, the inner one does not.
    assert_eq!(send_again(&service, &call, 3).await, ["X503BZ", "S403NU", "S403NU"]);
    assert_eq!(outer.store.releases(), 1);
}
