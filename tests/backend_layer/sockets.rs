//! The layer behind hyper, on real sockets, called by a gateway that signs.

use axum::body::Body;
use countersign::credential::{BackendKey, BackendSecret};
use countersign::protocol::{BodyLength, RequestHead};
use countersign::sign::{BackendBody, BackendSigner};
use http::{Method, Request};

use crate::backend::{pieces, whole};
use crate::client::{Client, Version, serve};
use crate::service::Service;
use crate::support::{BACKEND_KEY, BACKEND_SECRET, Forwarded};

#[tokio::test]
async fn every_kind_of_request_is_verified_over_http_1_and_http_2() {
    let service = Service::strict();
    let address = serve(service.app()).await;
    for version in [Version::Http1, Version::Http2] {
        let mut client = Client::connect(address, version).await;
        for (at, method) in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].iter().enumerate()
        {
            let call = |kind: &str| {
                Forwarded::new(method, "/%E8%AE%A2?b=&a=x%2By")
                    .signed_header("CaClientIp", "192.0.2.1")
                    .signed_header("CaAppName", "订单")
                    .stamped(&format!("{version:?}-{at}-{kind}"))
            };
            let calls = [
                call("none").sign(),
                call("digested").json(r#"{"a":1}"#).digested(r#"{"a":1}"#).sign(),
                call("by-gateway").json(r#"{"a":1}"#).digesting_gateway().sign(),
                call("form").form("c=1&d=%E8%AE%A2").sign(),
            ];
            for (kind, call) in calls.into_iter().enumerate() {
                let request = if kind % 2 == 0 { whole(&call) } else { pieces(&call, 2) };
                let answer = client.send(request).await;
                assert_eq!(answer.code(), "200", "{version:?} {method} {kind}");
                assert_eq!(answer.header("seen-gateway"), BACKEND_KEY);
                assert_eq!(answer.body, call.body);
                assert_eq!(client.send(whole(&call)).await.code(), "S403NU");
            }
        }
    }
    assert_eq!(service.started(), 48);
}

#[tokio::test]
async fn what_is_changed_between_gateway_and_service_is_refused_over_http_1_and_http_2() {
    let service = Service::strict();
    let address = serve(service.app()).await;
    for version in [Version::Http1, Version::Http2] {
        let mut client = Client::connect(address, version).await;
        let call = || Forwarded::post("/orders?a=1").signed_header("CaAppId", "7").digested("{}");
        for (changed, code) in [
            (call().sign().to("/orders?a=2"), "A403IS"),
            (call().sign().with("caappid", "8"), "A403IS"),
            (call().sign().without("caappid"), "A403IS"),
            (call().sign().with_body("[]"), "I400I5"),
            (call().sign().and("caappid", "8"), "I400HD"),
            (call().sign().without("x-ca-proxy-signature"), "I400MH"),
        ] {
            assert_eq!(client.send(whole(&changed)).await.code(), code, "{version:?}");
        }
    }
    assert_eq!(service.started(), 0);
}

/// The signer takes the gateway's place, with the system's clock.
#[tokio::test]
async fn what_the_signer_signs_passes_once_over_http_1_and_http_2() {
    let service = Service::strict();
    let now = countersign::clock::Clock::wall(&countersign::clock::SystemClock);
    service.clock.step_wall_to(now);
    let address = serve(service.app()).await;
    let (key, secret) = (BackendKey::new(BACKEND_KEY), BackendSecret::new(BACKEND_SECRET));
    let signer = BackendSigner::new(key.unwrap(), secret.unwrap());
    for version in [Version::Http1, Version::Http2] {
        let mut client = Client::connect(address, version).await;
        for (method, body) in [(Method::GET, ""), (Method::POST, r#"{"a":1}"#)] {
            let sign = || {
                let mut request = Request::new(Body::from(body));
                *request.method_mut() = method.clone();
                *request.uri_mut() = "/orders?a=1&b".parse().unwrap();
                let length = BodyLength::Known(body.len() as u64);
                let head =
                    RequestHead::new(request.method(), request.uri(), request.headers(), length);
                let signed = signer.sign(&head, BackendBody::Bytes(body.as_bytes())).unwrap();
                signed.apply_to(request.headers_mut()).unwrap();
                request
            };
            let first = sign();
            let mut again = Request::new(Body::from(body));
            *again.method_mut() = first.method().clone();
            *again.uri_mut() = first.uri().clone();
            *again.headers_mut() = first.headers().clone();
            assert_eq!(client.send(first).await.code(), "200", "{version:?} {method}");
            assert_eq!(client.send(again).await.code(), "S403NU", "{version:?} {method}");
            assert_eq!(client.send(sign()).await.code(), "200", "{version:?} {method}");
        }
    }
}
