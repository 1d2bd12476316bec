//! What is logged and counted of requests with tokens.

use countersign::jwt::AppAuthRule;
use countersign::middleware::Enforcement;
use countersign::store::StoreError;

use crate::backend::{send, whole};
use crate::counts::counted;
use crate::log::logged;
use crate::service::{
    Both, Service, bearing, bypassing, get, in_header, in_query, plain, single_use,
};
use crate::support::Call;
use crate::token::{TOKEN_SECRET, Token};

fn odd() -> Token {
    let token = Token::new().claim("jti", "secret-jti").claim("iss", "secret-issuer");
    token
        .claim("sub", "secret-subject")
        .claim("secret-name", "secret-value")
        .header("kid", "secret-kid")
}

#[test]
fn lesson_37_no_token_claim_or_jti_is_logged() {
    let claims = || [in_header("sub", "x-user"), in_query("sub", "user")];
    let tokens = [
        odd(),
        odd(),
        odd().expired(),
        odd().without("jti"),
        odd().claim("exp", "secret-date"),
        odd().claim("sub", "secret\nsubject"),
        odd().claim("jti", vec!["secret-jti"]),
    ];
    let mut secrets: Vec<_> = tokens.iter().map(Token::sign).collect();
    secrets.push(odd().sign_with("another secret of thirty-two bytes or more"));
    secrets.push("secret-nonsense".to_owned());
    secrets.push("secret.nonsense".to_owned());
    let text = logged(async {
        for rule in [AppAuthRule::Besides, AppAuthRule::Instead] {
            let policy =
                single_use().with_app_auth_rule(rule).with_claim_parameters(claims()).unwrap();
            let both = Both::new(policy, Default::default());
            let observing = both.layer().with_enforcement(Enforcement::Observe);
            let apps = [both.tokens.app(), both.app(), both.routes().layer(observing)];
            for app in apps {
                for token in &secrets {
                    send(&app, whole(&get("/a?secret-query=1", token))).await;
                    let signed = bearing(Call::get("/a?secret-query=1").sign(), token);
                    send(&app, whole(&signed)).await;
                }
                let basic = plain("GET", "/").with("authorization", "Basic secret-password");
                send(&app, whole(&basic)).await;
            }
        }
        let keyed = Service::with_keys(single_use(), crate::token::verifying_key(Some("k1")));
        send(&keyed.app(), whole(&get("/", &odd().sign()))).await;
        keyed.replay.fail_with(StoreError::unavailable("no route to host"));
        send(&keyed.app(), whole(&get("/", &odd().header("kid", "k1").sign()))).await;
    });
    for code in ["A403SV", "A403JE", "S403JI", "A403JT", "I400JD", "A403JK", "X503BZ"] {
        assert!(text.contains(code), "{code} is not in the log:\n{text}");
    }
    for secret in secrets.iter().map(String::as_str).chain(["secret", "eyJ", "Basic", TOKEN_SECRET])
    {
        assert!(!text.contains(secret), "{secret} is in the log:\n{text}");
    }
}

#[test]
fn every_event_is_in_a_span_that_names_the_layer_and_the_request() {
    for (name, of_tokens) in [("jwt_auth", true), ("jwt_app_auth", false)] {
        let both =
            Both::new(bypassing().with_app_auth_rule(AppAuthRule::Instead), Default::default());
        let app = if of_tokens { both.tokens.app() } else { both.app() };
        let text = logged(async {
            let request = get("/", &Token::new().sign());
            send(&app, whole(&request)).await;
            send(&app, whole(&request)).await;
            send(&app, whole(&plain("GET", "/"))).await;
        });
        for event in ["request accepted", "request refused", "request passed without a credential"]
        {
            let line = text.lines().find(|line| line.contains(event)).unwrap();
            assert!(line.contains(&format!(" {name}{{request_id=")), "{line}");
        }
    }
}

#[test]
fn lesson_38_a_refused_token_is_logged_below_error_level_with_its_code_and_detail() {
    let service = Service::single_use();
    let text = logged(async {
        let two = get("/", &Token::new().sign());
        let two = two.and("authorization", format!("Bearer {}", Token::new().sign()));
        send(&service.app(), whole(&two)).await;
    });
    let line = text.lines().find(|line| line.contains("request refused")).unwrap();
    assert!(line.contains("INFO") && line.contains(r#"code="I400JD""#), "{line}");
    assert!(line.contains("it is presented twice, differently"), "{line}");
    assert!(!text.contains("ERROR") && !text.contains("WARN"));
}

#[test]
fn lesson_38_tokens_are_counted_by_labels_from_fixed_sets() {
    let service = Service::single_use();
    let counts = counted(async {
        let used = get("/", &Token::new().sign());
        send(&service.app(), whole(&used)).await;
        send(&service.app(), whole(&used)).await;
        send(&service.app(), whole(&plain("GET", "/"))).await;
        for n in 0..3 {
            // What a caller chooses is no label.
            send(&service.app(), whole(&get("/", &format!("made-up-{n}")))).await;
        }
        let observing = service.layer().with_enforcement(Enforcement::Observe);
        send(&service.routes().layer(observing), whole(&used)).await;
        let stranger = Service::new(bypassing());
        send(&stranger.app(), whole(&plain("GET", "/"))).await;
    });
    assert_eq!(
        counts,
        [
            "countersign_requests_total{outcome=accepted,code=,mechanism=jwt} 1",
            "countersign_requests_total{outcome=anonymous,code=,mechanism=none} 1",
            "countersign_requests_total{outcome=observed,code=A403SV,mechanism=jwt} 1",
            "countersign_requests_total{outcome=rejected,code=A403SV,mechanism=jwt} 1",
            "countersign_requests_total{outcome=rejected,code=I400JD,mechanism=jwt} 3",
            "countersign_requests_total{outcome=rejected,code=I400JR,mechanism=none} 1",
        ]
    );
}

#[test]
fn the_combined_layer_counts_a_request_once_by_what_decided() {
    let both = |rule| Both::new(bypassing().with_app_auth_rule(rule), Default::default());
    let signed = || Call::get("/").sign();
    let counts = counted(async {
        let both = both(AppAuthRule::Besides);
        send(&both.app(), whole(&bearing(signed(), &Token::new().sign()))).await;
        send(&both.app(), whole(&bearing(signed(), &Token::new().expired().sign()))).await;
        send(&both.app(), whole(&signed())).await;
        send(&both.app(), whole(&get("/", &Token::new().sign()))).await;
    });
    assert_eq!(
        counts,
        [
            "countersign_requests_total{outcome=accepted,code=,mechanism=signature} 2",
            "countersign_requests_total{outcome=rejected,code=A400MA,mechanism=jwt} 1",
            "countersign_requests_total{outcome=rejected,code=A403JE,mechanism=signature} 1",
        ]
    );
    let counts = counted(async {
        let both = both(AppAuthRule::Instead);
        send(&both.app(), whole(&bearing(signed(), &Token::new().sign()))).await;
        send(&both.app(), whole(&bearing(signed(), &Token::new().expired().sign()))).await;
        send(&both.app(), whole(&signed())).await;
        send(&both.app(), whole(&plain("GET", "/"))).await;
    });
    assert_eq!(
        counts,
        [
            "countersign_requests_total{outcome=accepted,code=,mechanism=jwt} 1",
            "countersign_requests_total{outcome=accepted,code=,mechanism=signature} 1",
            "countersign_requests_total{outcome=anonymous,code=,mechanism=none} 1",
            "countersign_requests_total{outcome=rejected,code=A403JE,mechanism=jwt} 1",
        ]
    );
}
