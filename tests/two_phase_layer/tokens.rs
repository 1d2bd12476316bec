//! Tokens of single use, alone and beside an app.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::jwt::{JwtVerifier, Plugin};
use countersign::middleware::{JwtAppAuthLayer, JwtAuthLayer, Release};
use tower::Layer;

use crate::service::{Bench, Does, Handler, send, send_again};
use crate::stores::{Place, TestStore};
use crate::support::{Call, NOW, hmac_sha256};

const KEY: &str = "a key of thirty-two bytes, or so";

/// A verifier of tokens that are used once.
pub(crate) fn tokens(bench: &Bench, jtis: &Arc<TestStore>) -> JwtVerifier<Arc<TestStore>> {
    let k = URL_SAFE_NO_PAD.encode(KEY);
    let plugin = Plugin::parse(&format!(
        "parameter: X-Token\nparameterLocation: header\npreventJtiReplay: true\n\
         jwk: {{ kty: oct, alg: HS256, k: {k} }}\n"
    ));
    let verifier = JwtVerifier::from_plugin(plugin.unwrap(), Arc::clone(jtis)).unwrap();
    verifier.with_clock(Arc::clone(&bench.clock))
}

/// A token with this `jti`, good for ten minutes.
pub(crate) fn token(jti: &str) -> String {
    let claims = format!(r#"{{"jti":"{jti}","exp":{}}}"#, NOW / 1000 + 600);
    let parts = [r#"{"alg":"HS256"}"#, &claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let mac = hmac_sha256(KEY, parts.as_bytes());
    format!("{parts}.{}", mac.replace('+', "-").replace('/', "_").trim_end_matches('='))
}

#[tokio::test]
async fn lesson_27_a_token_of_single_use_is_used_by_default_when_its_request_failed() {
    let bench = Bench::new(Place::Here);
    let layer = JwtAuthLayer::new(tokens(&bench, &bench.store));
    let service = layer.layer(Handler::that([Does::Answer(500)]));
    let call = Call::get("/").header("x-token", token("1")).sign();
    assert_eq!(send_again(&service, &call, 2).await, ["500", "A403SV"]);
}

#[tokio::test]
async fn lesson_27_with_the_option_a_token_of_single_use_passes_once_more() {
    for place in [Place::Here, Place::There] {
        let bench = Bench::new(place);
        let layer = JwtAuthLayer::new(tokens(&bench, &bench.store));
        let layer = layer.with_release(Release::OnServerError);
        let handler = Handler::that([Does::Fail, Does::Answer(503), Does::Answer(404)]);
        // In a layer of its own inside, too: it claims nothing there.
        let service = layer.clone().layer(layer.layer(handler.clone()));
        let call = Call::get("/").header("x-token", token("1")).sign();
        assert_eq!(send_again(&service, &call, 3).await, ["broken", "503", "A403SV"]);
        let call = Call::get("/").header("x-token", token("2")).sign();
        assert_eq!(send_again(&service, &call, 2).await, ["404", "A403SV"]);
        assert_eq!(handler.started(), 3);
    }
}

#[tokio::test]
async fn lesson_27_nonce_and_token_go_back_together() {
    for place in [Place::Here, Place::There] {
        let bench = Bench::new(place);
        let layer = JwtAppAuthLayer::new(tokens(&bench, &bench.store), bench.verifier.clone());
        let layer = layer.with_release(Release::OnServerError);
        let handler = Handler::that([Does::Answer(500), Does::Answer(500)]);
        let service = layer.layer(handler);
        let call = Call::get("/").header("x-token", token("1")).sign();
        assert_eq!(send_again(&service, &call, 3).await, ["500", "500", "S403NU"]);
        let again = Call::get("/").header("x-token", token("1")).sign();
        assert_eq!(send(&service, &again).await, "A403SV");
    }
}

#[tokio::test]
async fn lesson_27_a_nonce_goes_back_once_when_the_token_beside_it_was_refused() {
    let bench = Bench::new(Place::Here);
    let layer = || JwtAppAuthLayer::new(tokens(&bench, &bench.store), bench.verifier.clone());
    let with = |jti| Call::get("/").header("x-token", token(jti)).sign();
    let handler = Handler::default();
    let service = layer().with_release(Release::OnServerError).layer(handler.clone());
    assert_eq!(send(&service, &with("1")).await, "200");
    let used = with("1");
    assert_eq!(send_again(&service, &used, 3).await, ["A403SV", "A403SV", "S403NU"]);
    assert_eq!(handler.started(), 1);
    // By default it is spent.
    let service = layer().layer(handler);
    assert_eq!(send_again(&service, &with("1"), 2).await, ["A403SV", "S403NU"]);
}
