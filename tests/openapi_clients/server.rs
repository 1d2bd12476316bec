//! A server of the test's own, with any policy and at any time; and the apps of all servers.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::Request;
use axum::{Json, Router};
use countersign::clock::{Clock, ManualClock, SystemClock, UnixMillis};
use countersign::middleware::{OpenApiLayer, RequestId};
use countersign::store::{FileCredentials, MemoryReplayStore};
use countersign::verify::RestartRule;
use countersign::verify::openapi::{OpenApiPolicy, OpenApiVerifier, VerifiedOpenApi};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::example_server::keep_to_the_owner;
use crate::sdk::{INACTIVE_KEY, INACTIVE_SECRET, KEY, SECRET, STS_KEY, STS_SECRET, STS_TOKEN};

/// It ends when it is dropped.
pub(crate) struct Server {
    pub(crate) address: String,
    _runtime: Runtime,
}

impl Server {
    pub(crate) fn with(policy: OpenApiPolicy) -> Self {
        Self::at(policy, SystemClock)
    }

    /// A server whose clock stands still so far ahead of the SDKs' (or so far behind).
    pub(crate) fn ahead(policy: OpenApiPolicy, minutes: i64) -> Self {
        let now = i64::try_from(SystemClock.wall().get()).unwrap() + minutes * 60_000;
        Self::at(policy, ManualClock::at(UnixMillis::new(now.try_into().unwrap())))
    }

    fn at(policy: OpenApiPolicy, clock: impl Clock) -> Self {
        let clock = Arc::new(clock);
        let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
        let verifier = OpenApiVerifier::new(FileCredentials::open(apps_file()).unwrap(), replay)
            .with_clock(clock)
            // The SDKs tell the time in seconds, and the store starts in one of them.
            .with_policy(policy.with_restart_rule(RestartRule::Accept));
        let service = Router::new().fallback(echo).layer(OpenApiLayer::new(verifier));
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        runtime.spawn(async move { axum::serve(listener, service).await });
        Self { address, _runtime: runtime }
    }
}

/// What the example servers answer.
async fn echo(caller: VerifiedOpenApi, id: RequestId, request: Request<Body>) -> Json<Value> {
    let (head, body) = request.into_parts();
    Json(json!({
        "app": caller.app_id(),
        "method": head.method.as_str(),
        "path": head.uri.path(),
        "body_bytes": body.collect().await.unwrap().to_bytes().len(),
        "scheme": caller.scheme().as_str(),
        "action": caller.action(),
        "version": caller.version(),
        "RequestId": id.as_str(),
    }))
}

/// An apps file with one app, whose appId is `client`, and all its AccessKeys.
pub(crate) fn apps_file() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let name = format!("openapi-apps-{}.json", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let apps = json!({"apps": [{"appId": "client", "accessKeys": [
            {"accessKeyId": KEY, "accessKeySecret": SECRET},
            {"accessKeyId": STS_KEY, "accessKeySecret": STS_SECRET, "securityToken": STS_TOKEN},
            {"accessKeyId": INACTIVE_KEY, "accessKeySecret": INACTIVE_SECRET, "active": false},
        ]}]});
        fs::write(&path, apps.to_string()).unwrap();
        keep_to_the_owner(&path);
        path
    })
}
