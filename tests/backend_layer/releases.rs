//! A request that the service could not handle, behind the gateway.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::routing::get;
use countersign::middleware::Release;
use http::StatusCode;

use crate::backend::{send, whole};
use crate::service::Service;
use crate::support::Forwarded;

#[tokio::test]
async fn with_the_option_a_request_that_failed_passes_once_more() {
    for (release, codes) in [
        (Release::Never, ["500", "S403NU", "S403NU"]),
        (Release::OnServerError, ["500", "200", "S403NU"]),
    ] {
        let service = Service::strict();
        let works = Arc::new(AtomicBool::new(false));
        let handler = get(async move || match works.swap(true, Ordering::SeqCst) {
            true => StatusCode::OK,
            false => StatusCode::INTERNAL_SERVER_ERROR,
        });
        let layer = service.layer().with_release(release);
        let app = Router::new().route("/", handler).layer(layer);
        let call = Forwarded::get("/").stamped("n").sign();
        for code in codes {
            assert_eq!(send(&app, whole(&call)).await.code(), code, "{release:?}");
        }
    }
}
