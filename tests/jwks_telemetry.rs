//! What the operator sees of fetches, and what nobody sees. A program of its own: whether an event is
//! wanted is remembered for all threads, also for those without a subscriber.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "jwks/issuer.rs"]
mod issuer;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::jwt::RemoteKeys;
use countersign::jwt::remote::{FetchError, HttpsKeySet};
use metrics::{Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata};
use metrics::{Recorder, SharedString, Unit};
use serde_json::json;

use issuer::{Answer, Issuer, jwks};

/// Lines of a log, or of metrics as they come.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Metric(Lines, String);

impl Metric {
    fn of(lines: &Lines, key: &Key) -> Arc<Self> {
        let labels: Vec<_> = key.labels().map(|l| format!("{}={}", l.key(), l.value())).collect();
        Arc::new(Self(lines.clone(), format!("{}{{{}}}", key.name(), labels.join(","))))
    }

    fn note(&self, change: &str) {
        self.0.0.lock().unwrap().extend(format!("{} {change}\n", self.1).bytes());
    }
}

impl CounterFn for Metric {
    fn increment(&self, by: u64) {
        self.note(&format!("+{by}"));
    }

    fn absolute(&self, value: u64) {
        self.note(&format!("{value}"));
    }
}

impl GaugeFn for Metric {
    fn increment(&self, by: f64) {
        self.note(&format!("+{by}"));
    }

    fn decrement(&self, by: f64) {
        self.note(&format!("-{by}"));
    }

    fn set(&self, value: f64) {
        // A date is another one in every run.
        let shown = if value > 1e9 { "a date".to_owned() } else { value.to_string() };
        self.note(&shown);
    }
}

impl Recorder for Lines {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Metric::of(self, key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Metric::of(self, key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

/// Runs `work` and returns what was logged and what was counted.
fn observed(paused: bool, work: impl Future<Output = ()>) -> (String, String) {
    let (log, counts) = (Lines::default(), Lines::default());
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .without_time()
        .with_writer(move || writer.clone())
        .finish();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(paused).build().unwrap();
    metrics::with_local_recorder(&counts, || {
        tracing::subscriber::with_default(subscriber, || runtime.block_on(work));
    });
    (log.text(), counts.text())
}

#[test]
fn lesson_38_fetches_are_logged_and_counted_by_outcome() {
    let key = issuer::Key::new("a");
    let (log, counts) = observed(true, async {
        let bad = json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB", "alg": "RS256" });
        let set = json!({ "keys": [key.jwk(), bad] }).to_string();
        let issuer = Issuer::new(Answer::Document(set));
        let keys = issuer.keys().with_name("login").start().unwrap();
        keys.ready(Duration::from_secs(1)).await.unwrap();
        issuer.asked(2).await;
        issuer.answer(Answer::Error(FetchError::transport(io::Error::other("the deeper cause"))));
        issuer.asked(3).await;
        issuer.answer(Answer::Document(jwks([&key])));
        issuer.asked(4).await;
        tokio::time::sleep(Duration::from_secs(1)).await; // of the paused clock
    });
    let log: Vec<_> = log.lines().filter_map(|line| line.trim().split_once(' ')).collect();
    let from = "countersign::jwt::remote::telemetry:";
    assert_eq!(
        log,
        [
            ("INFO", format!(r#"{from} key set fetched name="login" keys=1 left_out=1 generation=1"#)),
            (
                "WARN",
                format!(
                    r#"{from} key left out name="login" index=1 error=n: the RSA key has 17 bits; 2048 is the least"#
                )
            ),
            (
                "DEBUG",
                format!(
                    r#"{from} key set fetched, unchanged name="login" keys=1 left_out=1 generation=1"#
                )
            ),
            (
                "WARN",
                format!(
                    r#"{from} key set not fetched name="login" failures=1 keys=1 error=the endpoint cannot be asked: the deeper cause"#
                )
            ),
            (
                "DEBUG",
                format!(
                    r#"{from} key set fetched, unchanged name="login" keys=1 left_out=0 generation=1"#
                )
            ),
        ]
        .each_ref()
        .map(|(level, text)| (*level, text.as_str()))
    );
    let fetched = "countersign_jwks_fetches_total{name=login,outcome=ok} +1\n\
                   countersign_jwks_keys{name=login} 1\n\
                   countersign_jwks_last_success_seconds{name=login} a date\n";
    let failed = "countersign_jwks_fetches_total{name=login,outcome=transport} +1\n";
    assert_eq!(counts, format!("{fetched}{fetched}{failed}{fetched}"));
}

#[test]
fn lesson_37_the_urls_credentials_are_in_no_event_and_no_label() {
    let (log, counts) = observed(false, async {
        let url = "http://user-secret:secret@localhost:1/keys?secret=1";
        let fetcher = HttpsKeySet::builder(url).with_dangerous_loopback_http().build().unwrap();
        let keys = RemoteKeys::builder(fetcher).start().unwrap();
        let token = issuer::token_of("a");
        let verifier = issuer::verifier(&keys);
        let refused = issuer::ask(&verifier, &token).await.unwrap_err();
        assert!(!format!("{refused:?} {keys:?}").contains("secret"));
    });
    let ours: Vec<_> = log.lines().filter(|line| line.contains("countersign::")).collect();
    assert_eq!(ours.len(), 1, "{log}");
    assert!(ours[0].contains("Connection refused") && !ours[0].contains("secret"), "{log}");
    assert!(!counts.contains("secret") && counts.contains("outcome=transport"));
}
