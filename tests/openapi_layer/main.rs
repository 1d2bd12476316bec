//! Requests of OpenAPI clients through the layer, into axum.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[allow(dead_code, reason = "the verifier's tests use all of it")]
#[path = "../openapi_client/mod.rs"]
mod bench;
mod lessons;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::any};
use bytes::Bytes;
use countersign::error::{OpenApiError, OpenApiRejection};
use countersign::middleware::{Enforcement, OpenApiLayer, Release};
use countersign::store::{MemoryCredentials, MemoryReplayStore};
use countersign::verify::openapi::VerifiedOpenApi;
use http::StatusCode;
use http_body_util::BodyExt;
use tower::ServiceExt;

use bench::{Bench, RPC, Sent, roa, rpc, rpc_form, v3};

type Layer = OpenApiLayer<MemoryCredentials, MemoryReplayStore>;

fn layer() -> Layer {
    OpenApiLayer::new(Bench::strict().verifier)
}

/// Tells who asks for what, and how long the body is.
async fn echo(caller: VerifiedOpenApi, body: Bytes) -> String {
    format!("{} {} {}", caller.app_id(), caller.action().unwrap_or("-"), body.len())
}

fn service(layer: Layer) -> Router {
    Router::new().route("/", any(echo)).layer(layer)
}

async fn answer(service: &Router, sent: &Sent) -> (Response, String) {
    let mut request = Request::new(Body::from(sent.body.clone()));
    *request.method_mut() = sent.method.clone();
    *request.uri_mut() = sent.target.clone();
    *request.headers_mut() = sent.headers.clone();
    let (parts, body) = service.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(body.to_vec()).unwrap();
    (Response::from_parts(parts, Body::empty()), text)
}

#[tokio::test]
async fn requests_of_every_scheme_reach_the_service_as_they_were_sent() {
    let service = service(layer());
    for (request, expected) in [
        (rpc("GET", RPC), "billing DescribeApis 0".to_owned()),
        (roa("POST", "/", b"{}").signed_by_roa(), "billing - 2".to_owned()),
        (v3("POST", "/", b"{\"a\":1}").v3(), "billing DescribeApis 7".to_owned()),
    ] {
        let (response, body) = answer(&service, &request).await;
        assert_eq!((response.status(), body), (StatusCode::OK, expected));
        let id = response.headers()["x-acs-request-id"].to_str().unwrap();
        assert_eq!((id.len(), id.to_uppercase().as_str()), (36, id));
        assert!(!response.headers().contains_key("x-ca-request-id"));
    }
}

#[tokio::test]
async fn a_form_is_read_for_its_credentials_and_handed_on_whole() {
    let form = rpc_form("", RPC);
    let (_, body) = answer(&service(layer()), &form).await;
    assert_eq!(body, format!("billing DescribeApis {}", form.body.len()));
}

#[tokio::test]
async fn a_refusal_has_the_documented_body() {
    let service = service(layer());
    let request = rpc("GET", RPC).header("host", "ecs.example.com");
    answer(&service, &request).await;
    let (response, body) = answer(&service, &request).await;
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["content-type"], "application/json;charset=utf-8");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let id = response.headers()["x-acs-request-id"].to_str().unwrap();
    let expected = format!(
        "{{\"RequestId\":\"{id}\",\"HostId\":\"ecs.example.com\",\
         \"Code\":\"SignatureNonceUsed\",\
         \"Message\":\"Specified signature nonce was used already.\"}}"
    );
    assert_eq!(body, expected);
    let rejection = response.extensions().get::<OpenApiRejection>().unwrap();
    assert_eq!(rejection.code(), OpenApiError::SignatureNonceUsed);
}

#[tokio::test]
async fn a_refusal_is_xml_where_it_is_asked_for_by_name() {
    let xml = "text/xml;charset=utf-8";
    let json = "application/json;charset=utf-8";
    for (request, content_type) in [
        (Sent::new("GET", "/?Format=XML"), xml),
        (Sent::new("GET", "/?Format=json"), json),
        (
            Sent::new("POST", "/")
                .header("content-type", "application/x-www-form-urlencoded")
                .body("Action=DescribeRegions&Format=XML&Signature=AAAA"),
            xml,
        ),
        (Sent::new("POST", "/").header("content-type", "text/plain").body("Format=XML"), json),
        (Sent::new("GET", "/").header("accept", "application/xml"), json),
        (
            roa("GET", "/", b"")
                .header("accept", "application/xml")
                .header("authorization", "acs k:s"),
            xml,
        ),
    ] {
        let (response, body) = answer(&service(layer()), &request).await;
        assert_eq!(response.headers()["content-type"], content_type, "{:?}", request.target);
        assert_eq!(body.starts_with("<Error>"), content_type == xml);
    }
}

#[tokio::test]
async fn a_body_that_is_another_never_reaches_the_service() {
    let (response, body) = answer(&service(layer()), &v3("POST", "/", b"{}").v3().body("[]")).await;
    assert_eq!(response.status(), 400);
    assert!(body.contains("\"Code\":\"SignatureDoesNotMatch\""), "{body}");
}

#[tokio::test]
async fn a_handler_refuses_in_the_same_words() {
    let refuse = || async { OpenApiRejection::new(OpenApiError::NoPermission) };
    let service = Router::new().route("/", any(refuse)).layer(layer());
    let (response, body) = answer(&service, &rpc("GET", &format!("Format=XML&{RPC}"))).await;
    assert_eq!(response.status(), 403);
    let id = response.headers()["x-acs-request-id"].to_str().unwrap();
    assert!(body.starts_with(&format!("<Error><RequestId>{id}</RequestId>")), "{body}");
}

#[tokio::test]
async fn a_service_that_failed_may_be_asked_again_once() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let fails = move || {
        let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        async move { if first { StatusCode::BAD_GATEWAY } else { StatusCode::OK }.into_response() }
    };
    let layer = layer().with_release(Release::OnServerError);
    let service = Router::new().route("/", any(fails)).layer(layer);
    let request = v3("POST", "/", b"{}").v3();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(answer(&service, &request).await.0.status().as_u16());
    }
    assert_eq!(statuses, [502, 200, 400]);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_is_only_observed_passes_without_an_identity() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&told);
    let layer =
        layer().with_enforcement(Enforcement::Observe).on_rejection(move |refused, context| {
            let mechanism = context.mechanism.map(|mechanism| mechanism.as_str());
            let key = context.app_key.map(str::to_owned);
            hears.lock().unwrap().push((refused.code_text().into_owned(), mechanism, key));
        });
    let (response, body) =
        answer(&service(layer), &rpc("GET", RPC).header("authorization", "acs k:s")).await;
    assert_eq!(response.status(), 400, "the extractor refuses");
    assert!(body.contains("MissingAccessKeyId"), "{body}");
    let expected = ("InvalidAuthorization".to_owned(), Some("roa"), Some("k".to_owned()));
    assert_eq!(*told.lock().unwrap(), [expected]);
}

#[tokio::test]
async fn a_layer_inside_a_layer_of_the_same_verifier_claims_once() {
    let verifier = Bench::strict().verifier;
    let inner = OpenApiLayer::new(verifier.clone());
    let service = service(inner).layer(OpenApiLayer::new(verifier));
    let request = rpc("GET", RPC);
    assert_eq!(answer(&service, &request).await.0.status(), 200);
    assert_eq!(answer(&service, &request).await.0.status(), 400);
}
