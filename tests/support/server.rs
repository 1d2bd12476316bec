//! A verifier with demo apps and a clock that stands still.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{App, AppCode, AppKey, AppSecret, Availability};
use countersign::error::Rejection;
use countersign::verify::{Authorizer, Policy, Verified, Verifier};

use super::{TestCredentials, TestReplayStore, Wire};

/// When the tests take place, in milliseconds.
pub(crate) const NOW: u64 = 1_700_000_000_000;
/// 15 minutes: the default window, on either side.
pub(crate) const WINDOW_MILLIS: u64 = 900_000;

pub(crate) const KEY: &str = "203710001";
pub(crate) const OTHER_KEY: &str = "203710002";
pub(crate) const DISABLED_KEY: &str = "203710003";
pub(crate) const EXPIRED_KEY: &str = "203710004";
/// The secret of every demo app.
pub(crate) const SECRET: &str = "demo-app-secret";
/// The AppCode of the app with [`KEY`], the only app that has one.
pub(crate) const APP_CODE: &str = "4c1b7b3e0f0a4be09d8b3f4a3f6e2c11";

/// An app that may call, without an AppCode.
pub(crate) fn demo_app(id: &str, key: &str) -> App {
    App::new(id, AppKey::new(key).unwrap()).with_secret(AppSecret::new(SECRET).unwrap())
}

pub(crate) fn demo_apps() -> Vec<App> {
    vec![
        demo_app("demo", KEY).with_app_code(AppCode::new(APP_CODE).unwrap()),
        demo_app("other", OTHER_KEY),
        demo_app("disabled", DISABLED_KEY).with_availability(Availability::Disabled),
        demo_app("expired", EXPIRED_KEY).with_expiry(UnixMillis::new(NOW)),
    ]
}

pub(crate) type TestVerifier = Verifier<Arc<TestCredentials>, Arc<TestReplayStore>>;

/// A service's side: verifier, stores, clock.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) verifier: TestVerifier,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) credentials: Arc<TestCredentials>,
    pub(crate) replay: Arc<TestReplayStore>,
}

impl Server {
    pub(crate) fn strict() -> Self {
        Self::new(Policy::strict())
    }

    pub(crate) fn gateway() -> Self {
        Self::new(Policy::gateway_compatible())
    }

    pub(crate) fn new(policy: Policy) -> Self {
        Self::with_apps(policy, demo_apps())
    }

    pub(crate) fn with_apps(policy: Policy, apps: impl IntoIterator<Item = App>) -> Self {
        let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
        let credentials = Arc::new(TestCredentials::new(apps));
        let replay = Arc::new(TestReplayStore::new(Arc::clone(&clock) as _));
        let verifier = Verifier::new(Arc::clone(&credentials), Arc::clone(&replay))
            .with_policy(policy)
            .with_clock(Arc::clone(&clock));
        Self { verifier, clock, credentials, replay }
    }

    pub(crate) fn authorizer(self, authorizer: impl Authorizer) -> Self {
        Self { verifier: self.verifier.with_authorizer(authorizer), ..self }
    }

    pub(crate) fn at(self, wall: u64) -> Self {
        self.clock.step_wall_to(UnixMillis::new(wall));
        self
    }

    /// The verifier's answer to a request.
    pub(crate) fn verify(&self, wire: &Wire) -> Result<Verified, Rejection> {
        answered(self.verifier.verify(wire.head(), &wire.body))
    }
}

/// The value of a future that never waits, as with the stores of the tests.
pub(crate) fn answered<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the stores of the tests answer at once"),
    }
}
