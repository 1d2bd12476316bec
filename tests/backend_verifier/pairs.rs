//! Several pairs, several secrets of one key, and their change while the service runs.

use countersign::credential::{BackendKey, BackendSecret};
use countersign::error::{ConfigError, ErrorCode};
use countersign::verify::backend::{BackendPairs, BackendPolicy};

use crate::support::{
    BACKEND_KEY, BACKEND_SECRET, BehindGateway, Forwarded, OTHER_BACKEND_KEY, OTHER_BACKEND_SECRET,
    backend_pair,
};

#[test]
fn each_of_several_pairs_signs_under_its_own_key() {
    let service = BehindGateway::strict();
    for (key, secret) in [(BACKEND_KEY, BACKEND_SECRET), (OTHER_BACKEND_KEY, OTHER_BACKEND_SECRET)]
    {
        let verified = service.accepts(&Forwarded::get("/").key(key, secret).sign());
        assert_eq!((verified.key().as_str(), verified.secret_version()), (key, "1"));
    }
    let crossed = Forwarded::get("/").key(BACKEND_KEY, OTHER_BACKEND_SECRET).sign();
    service.refuses(&crossed, ErrorCode::A403IS);
    for unknown in ["GatewayKey", "GatewayKey11", "gatewaykey1", "\u{e9}\u{e9}\u{e9}"] {
        let unknown = Forwarded::get("/").key(unknown, BACKEND_SECRET).sign();
        service.refuses(&unknown, ErrorCode::A400IK);
    }
    let no_text = Forwarded::get("/").sign().with("x-ca-proxy-signature-secret-key", [0xff]);
    service.refuses(&no_text, ErrorCode::I400HD);
}

#[test]
fn two_secrets_are_valid_under_one_key_while_the_gateway_moves_over() {
    let pair = backend_pair(BACKEND_KEY, "old-secret");
    let both = pair.with_secret(BackendSecret::new("new-secret").unwrap());
    let service = BehindGateway::with_pairs(BackendPolicy::strict(), [both]);
    for (secret, version) in [("old-secret", "1"), ("new-secret", "2")] {
        let verified = service.accepts(&Forwarded::get("/").key(BACKEND_KEY, secret).sign());
        assert_eq!(verified.secret_version(), version);
    }
}

#[test]
fn pairs_are_replaced_while_the_service_runs() {
    let service = BehindGateway::strict();
    let old = || Forwarded::get("/").sign();
    let new = || Forwarded::get("/").key("GatewayKey3", "gateway-secret-3").sign();
    service.accepts(&old());
    service.refuses(&new(), ErrorCode::A400IK);

    let pair = || backend_pair("GatewayKey3", "gateway-secret-3");
    service.pairs.replace([backend_pair(BACKEND_KEY, BACKEND_SECRET), pair()]).unwrap();
    service.accepts(&old());
    service.accepts(&new());

    service.pairs.replace([pair()]).unwrap();
    service.refuses(&old(), ErrorCode::A400IK);
    service.accepts(&new());

    // What is refused changes nothing.
    assert_eq!(service.pairs.replace([]), Err(ConfigError::NoBackendPair));
    service.accepts(&new());
}

#[test]
fn pairs_that_could_be_mistaken_for_each_other_are_refused() {
    let pairs = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(key, secret)| backend_pair(key, secret));
        BackendPairs::new(pairs).map(|_| ())
    };
    assert_eq!(pairs(&[]), Err(ConfigError::NoBackendPair));
    assert_eq!(
        pairs(&[("GatewayKey1", "secret-1"), ("GatewayKey1", "secret-2")]),
        Err(ConfigError::DuplicatePair("key"))
    );
    assert_eq!(
        pairs(&[("GatewayKey1", "secret-1"), ("GatewayKey2", "secret-1")]),
        Err(ConfigError::DuplicatePair("secret"))
    );
    assert_eq!(pairs(&[("GatewayKey1", "secret-1"), ("GatewayKey2", "secret-2")]), Ok(()));
    let hidden = backend_pair("GatewayKey2", "secret-2")
        .with_secret(BackendSecret::new("secret-1").unwrap());
    let refused = BackendPairs::new([backend_pair("GatewayKey1", "secret-1"), hidden]);
    assert_eq!(refused.map(|_| ()), Err(ConfigError::DuplicatePair("secret")));
}

#[test]
fn keys_and_secrets_have_the_lengths_that_the_gateway_takes() {
    for (key, is_key) in [
        ("", false),
        ("five5", false),
        ("sixsix", true),
        ("twenty-characters-20", true),
        ("twenty-one-characters", false),
        ("with space", false),
        ("schlüssel", false),
        ("line\nfeed", false),
    ] {
        assert_eq!(BackendKey::new(key).is_ok(), is_key, "{key:?}");
    }
    for (length, is_secret) in [(0, false), (5, false), (6, true), (30, true), (31, false)] {
        assert_eq!(BackendSecret::new("x".repeat(length)).is_ok(), is_secret, "{length}");
        assert_eq!(BackendSecret::new("密".repeat(length)).is_ok(), is_secret, "{length}");
    }
    let message = BackendSecret::new("short").unwrap_err().to_string();
    assert_eq!(message, "a back-end secret has 6 to 30 characters");
}
