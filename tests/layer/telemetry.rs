//! What the operator sees, and what nobody sees.

#![cfg(all(feature = "tracing", feature = "metrics"))]

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use countersign::middleware::app_auth::{Authentication, Enforcement};
use countersign::verify::Policy;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};
use tracing_subscriber::fmt::MakeWriter;

use crate::backend::{Backend, send, whole};
use crate::support::{APP_CODE, Call, SECRET};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Runs `work` and returns what was logged, down to the finest level.
fn logged(work: impl Future<Output = ()>) -> String {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(log.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tracing::subscriber::with_default(subscriber, || runtime.block_on(work));
    log.text()
}

#[test]
fn lesson_37_no_credential_signature_nonce_or_body_is_logged() {
    let backend = Backend::strict();
    let secrets =
        Mutex::new(vec![SECRET.to_owned(), APP_CODE.to_owned(), "bearer-token".to_owned()]);
    let text = logged(async {
        let calls = [
            Call::post("/p?secret-query=1").form("secret-form=1").sign(),
            Call::post("/").json(r#"{"secret-json":1}"#).sign(),
            Call::post("/").json(r#"{"secret-json":1}"#).sign().with_body("secret-swapped"),
            Call::get("/secret-path?secret-query=2").sign().to("/other?secret-query=3"),
            Call::get("/").nonce("secret-nonce").timestamp(1).sign(),
            Call::get("/").with_app_code("secret-wrong-code"),
            Call::get("/").with_app_code(APP_CODE),
            Call::get("/?a=secret-value&a=other").sign(),
            Call::get("/").signed_header("authorization", "Bearer bearer-token").sign().to("/x"),
        ];
        for call in calls {
            if call.headers.contains_key("x-ca-signature") {
                secrets.lock().unwrap().push(call.signature());
            }
            let _ = send(&backend.app(), whole(&call)).await;
            let _ = send(&backend.app(), whole(&call)).await;
        }
    });
    assert!(text.contains("A403IS") && text.contains("203710001"), "{text}");
    for secret in secrets.lock().unwrap().iter().map(String::as_str).chain(["secret-"]) {
        assert!(!text.contains(secret), "{secret} is in the log:\n{text}");
    }
}

#[test]
fn lesson_38_a_rejection_is_logged_below_error_level_with_its_code_and_its_key() {
    let backend = Backend::strict();
    let text = logged(async {
        let _ = send(&backend.app(), whole(&Call::get("/").key("no\tone", "x").sign())).await;
    });
    let line = text.lines().find(|line| line.contains("request refused")).unwrap();
    assert!(line.contains("INFO"), "{line}");
    assert!(line.contains(r#"code="A400IK""#), "{line}");
    assert!(line.contains(r"app_key=no\tone"), "a key cannot forge a log line: {line}");
    assert!(line.contains("request_id="), "{line}");
    assert!(!text.contains("ERROR"));
}

#[test]
fn every_event_is_in_a_span_that_names_the_request() {
    let backend = Backend::strict();
    let text = logged(async {
        let call = Call::get("/").sign();
        let _ = send(&backend.app(), whole(&call)).await;
        let _ = send(&backend.app(), whole(&call)).await;
        let optional = backend.layer().with_authentication(Authentication::Optional);
        let stranger = http::Request::new(axum::body::Body::empty());
        let _ = send(&backend.routes().layer(optional), stranger).await;
    });
    for event in ["request accepted", "request refused", "request passed without a credential"] {
        let line = text.lines().find(|line| line.contains(event)).unwrap();
        assert!(line.contains("app_auth{request_id="), "{line}");
    }
}

#[test]
fn a_store_that_is_down_is_a_warning_with_its_cause() {
    let server = crate::support::Server::strict();
    server.replay.fail_with(countersign::store::StoreError::unavailable("no route to host"));
    let layer = countersign::middleware::AppAuthLayer::new(server.verifier.clone());
    let app = axum::Router::new().fallback(async || "").layer(layer);
    let text = logged(async {
        let _ = send(&app, whole(&Call::get("/").sign())).await;
    });
    let line = text.lines().find(|line| line.contains("request refused")).unwrap();
    assert!(line.contains("WARN") && line.contains("no route to host"), "{line}");
}

/// Counts, by the text of a counter's name and labels.
#[derive(Clone, Default)]
struct Counts(Arc<Mutex<Vec<(String, Count)>>>);

type Count = Arc<AtomicU64>;

impl Counts {
    fn all(&self) -> Vec<String> {
        let counts = self.0.lock().unwrap();
        let total = |count: &Count| count.load(Ordering::SeqCst);
        let mut all: Vec<_> =
            counts.iter().map(|(name, count)| format!("{name} {}", total(count))).collect();
        all.sort();
        all
    }
}

impl metrics::Recorder for Counts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: Vec<_> =
            key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        let mut counts = self.0.lock().unwrap();
        if let Some((_, count)) = counts.iter().find(|(known, _)| *known == name) {
            return Counter::from_arc(Arc::clone(count));
        }
        let count = Arc::new(AtomicU64::new(0));
        counts.push((name, Arc::clone(&count)));
        Counter::from_arc(count)
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

fn counted(work: impl Future<Output = ()>) -> Vec<String> {
    let counts = Counts::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&counts, || runtime.block_on(work));
    counts.all()
}

#[test]
fn lesson_38_outcomes_are_counted_by_labels_from_fixed_sets() {
    let backend = Backend::strict();
    let counts = counted(async {
        let accepted = Call::get("/").sign();
        let _ = send(&backend.app(), whole(&accepted)).await;
        let _ = send(&backend.app(), whole(&accepted)).await;
        let _ = send(&backend.app(), whole(&Call::get("/").with_app_code(APP_CODE))).await;
        for n in 0..3 {
            // What a caller chooses is no label.
            let call = Call::get("/").key(&format!("made-up-{n}"), "x").sign();
            let _ = send(&backend.app(), whole(&call)).await;
        }
        let observing = backend.layer().with_enforcement(Enforcement::Observe);
        let _ = send(&backend.routes().layer(observing), whole(&accepted)).await;
    });
    assert_eq!(
        counts,
        [
            "countersign_requests_total{outcome=accepted,code=,mechanism=app_code} 1",
            "countersign_requests_total{outcome=accepted,code=,mechanism=signature} 1",
            "countersign_requests_total{outcome=observed,code=S403NU,mechanism=signature} 1",
            "countersign_requests_total{outcome=rejected,code=A400IK,mechanism=signature} 3",
            "countersign_requests_total{outcome=rejected,code=S403NU,mechanism=signature} 1",
        ]
    );
}

#[test]
fn under_a_compatible_policy_the_counters_name_the_strict_rows_that_would_fail() {
    let backend = Backend::new(Policy::gateway_compatible());
    let counts = counted(async {
        let loose = Call::new("PUT", "/").body("x").without("x-ca-nonce").hmac_sha1().sign();
        assert_eq!(send(&backend.app(), whole(&loose)).await.code(), "200");
        assert_eq!(send(&backend.app(), whole(&Call::get("/").sign())).await.code(), "200");
    });
    assert_eq!(
        counts,
        [
            "countersign_requests_total{outcome=accepted,code=,mechanism=signature} 2",
            "countersign_strict_findings_total{row=content_md5} 1",
            "countersign_strict_findings_total{row=nonce} 1",
            "countersign_strict_findings_total{row=signature_method} 1",
        ]
    );
}
