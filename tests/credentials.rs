//! Apps, their secrets in rotation, and the stores that find them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use countersign::clock::UnixMillis;
use countersign::credential::{App, AppCode, AppKey, AppSecret, Availability, SecretVersion};
use countersign::error::{ConfigError, ErrorCode, Rejection};
use countersign::protocol::{BodyLength, RequestHead};
use countersign::store::{
    CredentialStore, DynCredentialStore, DynReplayStore, MemoryCredentials, MemoryReplayStore,
    StoreError,
};
use countersign::verify::{Authorizer, Policy, UnknownKey, Verifier, Window, authorize_fn};
use support::{
    APP_CODE, Call, KEY, NOW, SECRET, Server, WINDOW_MILLIS, answered, assert_accepted,
    assert_code, demo_app,
};

fn rotating() -> App {
    let hour = Duration::from_secs(3600);
    let now = UnixMillis::new(NOW);
    App::new("demo", AppKey::new(KEY).unwrap())
        .with_secret_version(
            SecretVersion::new("old", AppSecret::new("old secret").unwrap())
                .with_not_after(now.saturating_add(hour)),
        )
        .with_secret_version(
            SecretVersion::new("new", AppSecret::new("new secret").unwrap())
                .with_not_before(now.saturating_add(hour / 2)),
        )
}

#[test]
fn while_a_secret_is_rotated_both_versions_sign_and_the_identity_says_which() {
    let minutes = |minutes: u64| NOW + minutes * 60_000;
    for (at, secret, version) in [
        (minutes(0), "old secret", Some("old")),
        (minutes(0), "new secret", None),
        (minutes(30), "new secret", Some("new")),
        (minutes(60), "old secret", Some("old")), // its last instant
        (minutes(60) + 1, "old secret", None),
        (minutes(60) + 1, "new secret", Some("new")),
    ] {
        let server = Server::with_apps(Policy::strict(), [rotating()]).at(at);
        let wire = Call::get("/").key(KEY, secret).timestamp(at).sign();
        match version {
            Some(version) => {
                let verified = assert_accepted(server.verify(&wire));
                assert_eq!(verified.secret_version(), Some(version), "{secret} at {at}");
            }
            None => drop(assert_code(server.verify(&wire), ErrorCode::A403IS)),
        }
    }
}

#[test]
fn an_app_without_a_valid_secret_verifies_nothing() {
    let ended = SecretVersion::new("1", AppSecret::new(SECRET).unwrap())
        .with_not_after(UnixMillis::new(NOW - 1));
    let app = App::new("demo", AppKey::new(KEY).unwrap()).with_secret_version(ended);
    let server = Server::with_apps(Policy::strict(), [app]);
    assert_code(server.verify(&Call::get("/").sign()), ErrorCode::A403IS);
}

#[test]
fn an_app_that_nobody_could_call_as_is_refused() {
    let app = App::new("demo", AppKey::new(KEY).unwrap());
    assert_eq!(MemoryCredentials::default().insert(app), Err(ConfigError::NoCredential));
}

#[test]
fn an_app_is_replaced_in_one_step() {
    let code = |text: &str| AppCode::new(text).unwrap();
    let store = MemoryCredentials::new([
        demo_app("a", "1").with_app_code(code("old")),
        demo_app("b", "2").with_app_code(code("taken")),
    ])
    .unwrap();
    let taken = demo_app("a", "1").with_app_code(code("taken"));
    assert_eq!(store.replace(taken).unwrap_err(), ConfigError::Duplicate("AppCode"));
    assert!(answered(store.app_by_code(&code("old"))).unwrap().is_some(), "nothing has changed");

    let replaced = store.replace(demo_app("a2", "1").with_app_code(code("new"))).unwrap().unwrap();
    assert_eq!(replaced.id(), "a");
    assert!(answered(store.app_by_code(&code("old"))).unwrap().is_none());
    assert_eq!(answered(store.app_by_key("1")).unwrap().unwrap().id(), "a2");
    assert!(store.replace(demo_app("c", "3")).unwrap().is_none());
}

#[test]
fn an_app_may_have_several_app_codes() {
    let app = demo_app("demo", KEY)
        .with_app_code(AppCode::new("first").unwrap())
        .with_app_code(AppCode::new("second").unwrap());
    let server = Server::with_apps(Policy::strict(), [app]);
    for code in ["first", "second"] {
        assert_accepted(server.verify(&Call::get("/").with_app_code(code)));
    }
    assert_code(server.verify(&Call::get("/").with_app_code("third")), ErrorCode::A401AC);
}

#[test]
fn expiry_and_disablement_hold_for_app_codes_too() {
    let code = || AppCode::new(APP_CODE).unwrap();
    let expired = demo_app("a", KEY).with_app_code(code()).with_expiry(UnixMillis::new(NOW));
    let disabled =
        demo_app("a", KEY).with_app_code(code()).with_availability(Availability::Disabled);
    for (app, refused) in [(expired, ErrorCode::A403EP), (disabled, ErrorCode::A403PR)] {
        let server = Server::with_apps(Policy::strict(), [app]);
        assert_code(server.verify(&Call::get("/").with_app_code(APP_CODE)), refused);
    }
}

#[test]
fn one_key_or_code_names_one_app() {
    let code = || AppCode::new("code").unwrap();
    let store = MemoryCredentials::new([demo_app("a", "1").with_app_code(code())]).unwrap();
    assert_eq!(store.insert(demo_app("b", "1")), Err(ConfigError::Duplicate("AppKey")));
    let same_code = demo_app("b", "2").with_app_code(code());
    assert_eq!(store.insert(same_code.clone()), Err(ConfigError::Duplicate("AppCode")));
    assert!(answered(store.app_by_key("2")).unwrap().is_none(), "nothing of it was taken");

    store.remove("1").unwrap();
    assert!(answered(store.app_by_key("1")).unwrap().is_none());
    assert!(answered(store.app_by_code(&code())).unwrap().is_none());
    store.insert(same_code).unwrap();
    assert_eq!(answered(store.app_by_code(&code())).unwrap().unwrap().id(), "b");
}

#[test]
fn what_nobody_or_anybody_could_present_is_no_credential() {
    assert_eq!(AppKey::new(""), Err(ConfigError::Empty("the AppKey")));
    assert_eq!(AppKey::new("k".repeat(129)), Err(ConfigError::AppKeyTooLong { max: 128 }));
    assert!(AppKey::new("k".repeat(128)).is_ok());
    assert!(AppSecret::new("").is_err());
    assert!(AppCode::new("").is_err());
}

/// Finds apps as a database with a lax collation does.
struct Lax(Arc<App>);

impl CredentialStore for Lax {
    async fn app_by_key(&self, key: &str) -> Result<Option<Arc<App>>, StoreError> {
        let found = key.eq_ignore_ascii_case(self.0.key().as_str());
        Ok(found.then(|| Arc::clone(&self.0)))
    }

    async fn app_by_code(&self, _: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
        Ok(Some(Arc::clone(&self.0)))
    }
}

#[test]
fn what_a_store_finds_too_generously_is_not_found() {
    let app = demo_app("demo", "abc").with_app_code(AppCode::new(APP_CODE).unwrap());
    let clock = Server::strict().clock;
    for (unknown_key, refused) in
        [(UnknownKey::Named, ErrorCode::A400IK), (UnknownKey::AsWrongSignature, ErrorCode::A403IS)]
    {
        let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
        let verifier = Verifier::new(Lax(Arc::new(app.clone())), replay)
            .with_policy(Policy::strict().with_unknown_key(unknown_key))
            .with_clock(Arc::clone(&clock));
        let verify = |wire: &support::Wire| answered(verifier.verify(wire.head(), &wire.body));
        assert_accepted(verify(&Call::get("/").key("abc", SECRET).sign()));
        assert_code(verify(&Call::get("/").key("ABC", SECRET).sign()), refused);
        assert_accepted(verify(&Call::get("/").with_app_code(APP_CODE)));
        assert_code(verify(&Call::get("/").with_app_code("guess")), ErrorCode::A401AC);
    }
}

#[test]
fn stores_can_be_chosen_at_run_time() {
    let clock = Server::strict().clock;
    let credentials: Arc<dyn DynCredentialStore> =
        Arc::new(MemoryCredentials::new([demo_app("demo", KEY)]).unwrap());
    let replay: Arc<dyn DynReplayStore> =
        Arc::new(MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build());
    let verifier = Verifier::new(credentials, replay).with_clock(clock);
    let wire = Call::get("/").sign();
    assert_accepted(answered(verifier.verify(wire.head(), b"")));
    assert_code(answered(verifier.verify(wire.head(), b"")), ErrorCode::S403NU);
}

/// Asks somebody else, as a service with grants in a database does.
struct Grants;

impl Authorizer for Grants {
    async fn authorize(&self, app: &App, head: &RequestHead<'_>) -> Result<(), Rejection> {
        std::future::ready(()).await;
        match (app.id(), head.method().as_str()) {
            ("demo", "GET") => Ok(()),
            _ => Err(ErrorCode::A403PR.into()),
        }
    }
}

#[test]
fn an_authorizer_may_wait_for_somebody_elses_answer() {
    let server = Server::strict().authorizer(Grants);
    assert_accepted(server.verify(&Call::get("/").sign()));
    assert_code(server.verify(&Call::new("DELETE", "/").sign()), ErrorCode::A403PR);
    // It is asked about authentic requests only.
    let forged = Call::new("DELETE", "/").key(KEY, "guessed").sign();
    assert_code(server.verify(&forged), ErrorCode::A403IS);
}

#[test]
fn a_request_whose_window_ends_while_its_authorizer_waits_is_expired() {
    let server = Server::strict();
    let clock = Arc::clone(&server.clock);
    let slow = authorize_fn(move |_, _| {
        clock.advance(Duration::from_millis(WINDOW_MILLIS + 1));
        Ok(())
    });
    let mut day = Window::default();
    day.max_age = Duration::from_secs(86_400);
    // A copy with a longer window, so that the replay store alone would let it pass.
    let server = server.authorizer(slow);
    let _copy = server.verifier.clone().with_policy(Policy::strict().with_window(day));
    assert_code(server.verify(&Call::get("/").sign()), ErrorCode::S403TE);
}

#[test]
fn a_body_that_is_at_hand_is_not_empty_whatever_was_said_of_it() {
    let server = Server::strict();
    let wire = Call::post("/").sign();
    let empty = RequestHead::new(&wire.method, &wire.target, &wire.headers, BodyLength::Empty);
    assert_code(answered(server.verifier.verify(empty, b"{}")), ErrorCode::I400MH);
    assert_accepted(answered(server.verifier.verify(empty, b"")));
}
