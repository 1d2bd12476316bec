//! AccessKeys: what one is, and the stores that find its app.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use std::sync::Arc;

use countersign::clock::UnixMillis;
use countersign::credential::{
    AccessKey, AccessKeySecret, AccessKeyStatus, App, AppCode, AppKey, AppSecret, OpenApiScheme,
    OpenApiSchemes, SecurityToken,
};
use countersign::error::{ConfigError, ErrorCode};
use countersign::store::{CredentialStore, DynCredentialStore, MemoryCredentials, StoreError};
use countersign::verify::Policy;
use support::{Call, Server, answered, assert_accepted, assert_code};

fn key(id: &str) -> AccessKey {
    AccessKey::new(id, AccessKeySecret::new("hush").unwrap()).unwrap()
}

/// An app with an AppKey, and these AccessKeys.
fn app(app_key: &str, ids: &[&str]) -> App {
    let app = App::new(app_key, AppKey::new(app_key).unwrap());
    ids.iter().fold(app, |app, id| app.with_access_key(key(id)))
}

fn found(store: &impl CredentialStore, id: &str) -> Option<String> {
    answered(store.app_by_access_key(id)).unwrap().map(|app| app.id().to_owned())
}

#[test]
fn an_access_key_may_sign_by_every_scheme_and_is_active_unless_it_is_told() {
    let plain = key("LTAI5tExample");
    assert_eq!((plain.id(), plain.status()), ("LTAI5tExample", AccessKeyStatus::Active));
    assert!(OpenApiScheme::ALL.into_iter().all(|scheme| plain.schemes().contains(scheme)));
    assert!(plain.secret().is_some() && plain.security_token().is_none());

    let told = plain
        .with_schemes(OpenApiSchemes::only(OpenApiScheme::Roa).with(OpenApiScheme::V3))
        .with_status(AccessKeyStatus::Inactive);
    assert_eq!(told.status(), AccessKeyStatus::Inactive);
    assert_eq!(format!("{:?}", told.schemes()), "{Roa, V3}");
    assert!(!told.schemes().contains(OpenApiScheme::Rpc));
}

#[test]
fn an_id_is_what_every_scheme_could_name() {
    for good in ["a", "STS.NTxxx", "TMP.3Kf-_", "k=v", &"x".repeat(128)] {
        assert_eq!(key(good).id(), good);
    }
    for bad in ["", "a b", "a,b", "a/b", "a;b", "acs:b", "ключ", "a\n", "\u{7f}", &"x".repeat(129)]
    {
        let secret = AccessKeySecret::new("hush").unwrap();
        assert_eq!(AccessKey::new(bad, secret).unwrap_err(), ConfigError::AccessKeyId, "{bad:?}");
    }
    assert!(AccessKeySecret::new("").is_err());
}

#[test]
fn a_security_token_ends_at_its_instant_and_is_another_one_for_every_difference() {
    let end = UnixMillis::new(1_700_000_000_000);
    let token = SecurityToken::new("CAIS+token=").unwrap().with_expiry(end);
    assert!(!token.is_expired(UnixMillis::new(end.get() - 1)));
    assert!(token.is_expired(end));
    assert!(token.matches("CAIS+token=") && token.matches(b"CAIS+token="));
    for other in ["", "CAIS token=", "CAIS+token", "cais+token=", "CAIS+token= "] {
        assert!(!token.matches(other), "{other}");
    }
    assert!(!SecurityToken::new("x").unwrap().is_expired(UnixMillis::MAX), "without an end");
    let stored = sha2_of("CAIS+token=");
    assert!(SecurityToken::from_digest(stored).matches("CAIS+token="));
    assert_eq!(SecurityToken::new("").unwrap_err(), ConfigError::Empty("the security token"));
}

fn sha2_of(text: &str) -> [u8; 32] {
    *AppCode::new(text).unwrap().digest()
}

#[test]
fn debug_shows_neither_a_secret_nor_a_token() {
    let token = SecurityToken::new("hush token").unwrap().with_expiry(UnixMillis::new(7));
    let app = app("k", &[]).with_access_key(key("LTAI5t").with_security_token(token));
    let store = MemoryCredentials::new([app.clone()]).unwrap();
    let digest = format!("{:?}", sha2_of("hush token"));
    for shown in [format!("{app:?}"), format!("{app:#?}"), format!("{store:?}")] {
        assert!(!shown.contains("hush") && !shown.contains(&digest[1..20]), "{shown}");
    }
    assert!(format!("{app:?}").contains("LTAI5t"), "an id is no secret");
}

#[test]
fn an_app_is_found_by_each_of_its_access_keys() {
    let beside = app("app key", &["A1", "A2"]).with_secret(AppSecret::new("hush").unwrap());
    let store = MemoryCredentials::new([beside, App::of_access_key("alone", key("B1"))]).unwrap();
    assert_eq!(store.len(), 2);
    assert_eq!(found(&store, "A1").unwrap(), "app key");
    assert_eq!(found(&store, "A2").unwrap(), "app key");
    assert_eq!(found(&store, "B1").unwrap(), "alone");
    for unknown in ["", "a1", "A", "A11", "app key"] {
        assert_eq!(found(&store, unknown), None, "{unknown}");
    }

    let store = Arc::new(store);
    assert_eq!(found(&store, "B1").unwrap(), "alone");
    let chosen: Arc<dyn DynCredentialStore> = store;
    assert_eq!(found(&chosen, "B1").unwrap(), "alone");
    assert_eq!(found(&chosen, "C1"), None);
}

#[test]
fn an_access_key_id_names_one_app() {
    let duplicate = ConfigError::Duplicate("AccessKeyId");
    let store = MemoryCredentials::new([app("a", &["A1"])]).unwrap();
    assert_eq!(store.insert(app("b", &["B1", "A1"])).unwrap_err(), duplicate);
    assert_eq!(found(&store, "B1"), None, "nothing of it was taken");
    assert_eq!(store.replace(app("b", &["A1"])).unwrap_err(), duplicate);
    assert_eq!(store.insert(app("b", &["B1", "B1"])).unwrap_err(), duplicate);
    assert_eq!(store.insert(app("b", &[])).unwrap_err(), ConfigError::NoCredential);
    let alone = App::of_access_key("alone", key("a"));
    assert_eq!(store.insert(alone).unwrap_err(), ConfigError::Duplicate("AppKey"));
    assert_eq!(store.len(), 1);
}

#[test]
fn a_replaced_or_removed_app_takes_its_access_keys_with_it() {
    let store = MemoryCredentials::new([app("a", &["old", "both"])]).unwrap();
    store.replace(app("a", &["both", "new"])).unwrap().unwrap();
    assert_eq!(found(&store, "old"), None);
    assert_eq!(found(&store, "both").unwrap(), "a");
    assert_eq!(found(&store, "new").unwrap(), "a");
    store.remove("a").unwrap();
    assert_eq!((found(&store, "both"), found(&store, "new")), (None, None));

    store.insert(App::of_access_key("alone", key("A1"))).unwrap();
    assert_eq!(store.remove("A1").unwrap().id(), "alone", "its AppKey is the AccessKeyId");
    assert_eq!(found(&store, "A1"), None);
}

#[test]
fn a_store_that_says_nothing_of_access_keys_knows_none() {
    struct OneApp(Arc<App>);
    impl CredentialStore for OneApp {
        async fn app_by_key(&self, _: &str) -> Result<Option<Arc<App>>, StoreError> {
            Ok(Some(Arc::clone(&self.0)))
        }
        async fn app_by_code(&self, _: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
            Ok(Some(Arc::clone(&self.0)))
        }
    }
    let store = OneApp(Arc::new(app("a", &["A1"])));
    assert!(answered(store.app_by_key("a")).unwrap().is_some());
    assert_eq!(found(&store, "A1"), None);
}

#[test]
fn an_access_key_signs_no_request_of_the_gateway() {
    let beside = app("203710009", &["LTAI2"]).with_secret(AppSecret::new("another").unwrap());
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        let apps = [App::of_access_key("alone", key("LTAI1")), beside.clone()];
        let server = Server::with_apps(policy, apps);
        let signed =
            |key: &str, secret: &str| server.verify(&Call::get("/").key(key, secret).sign());
        assert_code(signed("LTAI1", "hush"), ErrorCode::A403IS);
        assert_code(signed("LTAI2", "hush"), ErrorCode::A400IK);
        assert_code(signed("203710009", "hush"), ErrorCode::A403IS);
        assert_accepted(signed("203710009", "another"));
    }
}

#[cfg(feature = "openapi-rsa")]
#[test]
fn a_key_pair_needs_no_secret() {
    use countersign::credential::RsaPublicKey;

    // 2048 bits, made for this test; nobody has the private half.
    let pem = include_str!("data/openapi_rsa_public.pem");
    let key = AccessKey::of_key_pair("K1", RsaPublicKey::from_pem(pem).unwrap()).unwrap();
    assert!(key.secret().is_none() && key.rsa_public_key().is_some());
    let store = MemoryCredentials::new([App::of_access_key("alone", key)]).unwrap();
    assert_eq!(found(&store, "K1").unwrap(), "alone");
}
