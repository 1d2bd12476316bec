//! What a caller is answered, and what the service is told of it.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get as route;
use bytes::Bytes;
use countersign::error::{Dialect, ErrorCode, JsonBody, ProblemBody, Rejection};
use countersign::jwt::{JwtPolicy, VerifiedToken};
use countersign::middleware::{CacheControl, Enforcement, RejectionContext, RequestBody};
use countersign::store::StoreError;
use countersign::verify::Mechanism;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tower::{Layer, ServiceExt, service_fn};

use crate::backend::{send, whole};
use crate::service::{Both, Service, TestLayer, bearing, bypassing, get, plain, single_use};
use crate::support::{Call, KEY, Wire};
use crate::token::{NOW_SECONDS, Token, verifying_key};

/// A refusal: what is sent to which service, and the documented answer.
struct Refusal {
    service: Service,
    request: Wire,
    code: &'static str,
    status: u16,
    message: &'static str,
}

fn refusals() -> Vec<Refusal> {
    let refusal = |service, request, code, status, message| Refusal {
        service,
        request,
        code,
        status,
        message,
    };
    let single = Service::single_use;
    let with_kid = || Service::with_keys(single_use(), verifying_key(Some("k1")));
    let used = single();
    let token = Token::new();
    crate::support::answered(async {
        let request = get("/", &token.sign());
        used.verifier.verify(request.head()).await.unwrap();
    });
    let down = single();
    down.replay.fail_with(StoreError::unavailable("no route to host"));
    vec![
        refusal(single(), plain("GET", "/"), "I400JR", 400, "JWT required"),
        refusal(single(), get("/", ""), "I400JR", 400, "JWT required"),
        refusal(single(), get("/", "nonsense"), "I400JD", 400, "JWT Deserialize Failed: `non…`"),
        refusal(
            single(),
            plain("GET", "/").with("authorization", "Basic YWxpY2U6aHVudGVyMg=="),
            "I400JD",
            400,
            "JWT Deserialize Failed: `Basic …`",
        ),
        refusal(
            with_kid(),
            get("/", &Token::new().header("kid", "k2").sign()),
            "A403JK",
            403,
            "No matching JWK, `k2` not found",
        ),
        refusal(
            single(),
            get("/", &Token::new().sign_with("another secret of thirty-two bytes or more")),
            "A403JT",
            403,
            "Invalid JWT: its signature does not verify",
        ),
        refusal(
            single(),
            get("/", &Token::new().claim("exp", "tomorrow").sign()),
            "A403JT",
            403,
            "Invalid JWT: claim `exp` is not a number",
        ),
        refusal(
            single(),
            get("/", &Token::new().claim("nbf", NOW_SECONDS + 1).sign()),
            "A403JT",
            403,
            "Invalid JWT: it is not valid yet (claim `nbf`)",
        ),
        refusal(
            single(),
            get("/", &Token::new().expired().sign()),
            "A403JE",
            403,
            "JWT is expired at `2023-11-14T22:13:20Z`",
        ),
        refusal(
            single(),
            get("/", &Token::new().without("jti").sign()),
            "S403JI",
            403,
            "Claim `jti` is required when `preventJtiReplay:true`",
        ),
        refusal(used, get("/", &token.sign()), "A403SV", 403, "Claim `jti` in JWT is used"),
        refusal(down, get("/", &Token::new().sign()), "X503BZ", 503, "Service Busy"),
    ]
}

fn assert_refusal<B>(refusal: &Refusal, response: &Response<B>) {
    let (code, headers) = (refusal.code, response.headers());
    assert_eq!(response.status(), refusal.status, "{code}");
    assert_eq!(headers["x-ca-error-code"], code);
    assert_eq!(headers["x-ca-error-message"].as_bytes(), refusal.message.as_bytes(), "{code}");
    assert_eq!(headers["cache-control"], "no-store", "{code}");
    assert_eq!(headers.contains_key("retry-after"), code == "X503BZ", "{code}");
    assert!(!headers.contains_key("content-type"), "{code}: there is no body to describe");
    assert_request_id(headers);
    let rejection = response.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.code().as_str(), code);
}

fn assert_request_id(headers: &HeaderMap) {
    let id = headers["x-ca-request-id"].to_str().unwrap();
    assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{id}");
    assert!(id.chars().all(|c| c == '-' || c.is_ascii_digit() || ('A'..='F').contains(&c)), "{id}");
}

#[tokio::test]
async fn a_refused_request_is_answered_with_the_documented_code_through_axum() {
    for refusal in refusals() {
        let app = refusal.service.app();
        let response = app.oneshot(whole(&refusal.request)).await.unwrap();
        assert_refusal(&refusal, &response);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(body.is_empty(), "{}: {body:?}", refusal.code);
        assert_eq!(refusal.service.seen.count(), 0, "{}", refusal.code);
    }
}

#[tokio::test]
async fn a_refused_request_is_answered_with_the_documented_code_through_any_tower_service() {
    for refusal in refusals() {
        let service = refusal.service.layer().layer(service_fn(
            async |_: Request<RequestBody<Full<Bytes>>>| -> Result<Response<Full<Bytes>>, Infallible> {
                panic!("a refused request reached the service")
            },
        ));
        let request = whole(&refusal.request).map(|_| Full::<Bytes>::default());
        let response = service.oneshot(request).await.unwrap();
        assert_refusal(&refusal, &response);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(body.is_empty(), "{}: {body:?}", refusal.code);
    }
}

#[tokio::test]
async fn an_accepted_request_reaches_any_tower_service_with_its_token() {
    let service = Service::single_use().layer().layer(service_fn(
        async |request: Request<RequestBody<Full<Bytes>>>| {
            let token = request.extensions().get::<VerifiedToken>().unwrap().clone();
            let body = request.into_body().collect().await.unwrap().to_bytes();
            assert_eq!((token.subject(), &*body), (Some("alice"), &b"hello"[..]));
            Ok::<_, Infallible>(Response::new(Full::from("welcome")))
        },
    ));
    let wire = get("/", &Token::new().sign());
    let request = whole(&wire).map(|_| Full::new(Bytes::from("hello")));
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(
        (response.status(), &response.headers()["cache-control"]),
        (StatusCode::OK, &"private".parse().unwrap())
    );
    assert_request_id(response.headers());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(&*body, b"welcome");
}

#[tokio::test]
async fn an_accepted_answer_is_private_unless_it_says_otherwise_and_a_strangers_is_untouched() {
    let service = Service::new(bypassing());
    let cached = || Router::new().fallback(async || [("cache-control", "max-age=60")]);
    let cases = [
        (service.app(), "private"),
        (cached().layer(service.layer()), "max-age=60"),
        (service.routes().layer(service.layer().with_cache_control(CacheControl::AsAnswered)), ""),
    ];
    for (app, cache_control) in cases {
        let answer = send(&app, whole(&get("/", &Token::new().sign()))).await;
        assert_eq!(
            (answer.code().as_str(), answer.header("cache-control")),
            ("200", cache_control)
        );
        assert_request_id(&answer.head.headers);
    }
    let answer = send(&service.app(), whole(&plain("GET", "/"))).await;
    assert_eq!((answer.code().as_str(), answer.header("cache-control")), ("200", ""));
    assert_request_id(&answer.head.headers);
    assert_eq!(service.seen.last().subject, None);
}

#[tokio::test]
async fn a_token_that_may_be_used_often_is() {
    let service = Service::new(JwtPolicy::new());
    let token = Token::new().sign();
    for _ in 0..3 {
        assert_eq!(send(&service.app(), whole(&get("/", &token))).await.code(), "200");
    }
    assert_eq!(service.replay.claims(), 0, "nothing is to be remembered");
}

#[tokio::test]
async fn a_refused_answer_is_rendered_as_the_service_likes() {
    let service = Service::single_use();
    let expired = get("/", &Token::new().expired().sign());
    let message = "JWT is expired at `2023-11-14T22:13:20Z`";
    let refused =
        async |layer: TestLayer| send(&service.routes().layer(layer), whole(&expired)).await;

    let answer = refused(service.layer().with_renderer(Dialect::Classic)).await;
    assert_eq!(answer.head.status, 403);
    assert_eq!(answer.header("x-ca-error-code"), "", "the classic dialect has none");
    assert_eq!(answer.header("x-ca-error-message"), message);
    assert_eq!(answer.head.extensions.get::<Rejection>().unwrap().code(), ErrorCode::A403JE);

    let answer = refused(service.layer().with_renderer(JsonBody(Dialect::Vpc))).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-ca-error-code"), "A403JE");
    assert_eq!(answer.body, format!(r#"{{"code":"A403JE","message":"{message}"}}"#));

    let problem = ProblemBody::default().with_type_base("https://example.com/errors#");
    let answer = refused(service.layer().with_renderer(problem)).await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["type"], "https://example.com/errors#A403JE");
    assert_eq!((&body["status"], &body["detail"]), (&403.into(), &message.into()));
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_handlers_refusal_is_rendered_as_the_layers_own() {
    let service = Service::single_use();
    let refuse = async || ([("x-limit", "5")], Rejection::new(ErrorCode::T429MR).with("5 a day"));
    let layer = service.layer().with_renderer(JsonBody(Dialect::Vpc));
    let app = Router::new().route("/", route(async move || refuse().await.into_response()));
    let answer = send(&app.layer(layer), whole(&get("/", &Token::new().sign()))).await;
    assert_eq!(answer.head.status, 429);
    assert_eq!(answer.header("x-ca-error-code"), "T429MR");
    assert_eq!(answer.header("x-limit"), "5", "what the handler added stays");
    let message = "Too Many Requests, throttle by `5 a day`";
    assert_eq!(answer.body, format!(r#"{{"code":"T429MR","message":"{message}"}}"#));
    assert_eq!(answer.head.extensions.get::<Rejection>().unwrap().code(), ErrorCode::T429MR);
}

/// What a hook was told.
type Told = (ErrorCode, String, String, Option<String>, Option<Mechanism>, Enforcement);

#[derive(Clone, Default)]
struct Hook(Arc<Mutex<Vec<Told>>>);

impl Hook {
    fn note(&self, rejection: &Rejection, context: &RejectionContext<'_>) {
        self.0.lock().unwrap().push((
            rejection.code(),
            context.method.to_string(),
            context.path.to_owned(),
            context.app_key.map(str::to_owned),
            context.mechanism,
            context.enforcement,
        ));
    }

    fn told(&self) -> Vec<Told> {
        self.0.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn the_hook_hears_of_every_refusal_and_which_mechanism_it_is_of() {
    use Enforcement::{Enforce, Observe};
    for enforcement in [Enforce, Observe] {
        let service = Service::single_use();
        let hook = Hook::default();
        let log = hook.clone();
        let layer = service.layer().with_enforcement(enforcement);
        let layer = layer.on_rejection(move |rejection, context| log.note(rejection, context));
        let app = service.routes().layer(layer);
        let used = get("/a?secret=1", &Token::new().sign());
        send(&app, whole(&used)).await;
        for request in [
            plain("GET", "/a?secret=1"),
            bearing(plain("POST", "/b"), "nonsense"),
            get("/c", &Token::new().expired().sign()),
            used,
        ] {
            send(&app, whole(&request)).await;
        }
        let jwt = Some(Mechanism::Jwt);
        let expected = [
            (ErrorCode::I400JR, "GET", "/a", None),
            (ErrorCode::I400JD, "POST", "/b", jwt),
            (ErrorCode::A403JE, "GET", "/c", jwt),
            (ErrorCode::A403SV, "GET", "/a", jwt),
        ];
        let expected = expected.map(|(code, method, path, mechanism)| {
            (code, method.to_owned(), path.to_owned(), None, mechanism, enforcement)
        });
        assert_eq!(hook.told(), expected);
    }
}

#[tokio::test]
async fn the_combined_layers_hook_is_told_of_the_credential_that_decides() {
    use countersign::jwt::AppAuthRule::{Besides, Instead};
    let expired = Token::new().expired().sign();
    let both = bearing(Call::get("/").sign(), &expired);
    let bearer = get("/", &expired);
    let signed = Call::get("/").key(KEY, "wrong").sign();
    let (jwt, signature) = (Some(Mechanism::Jwt), Some(Mechanism::Signature));
    for (rule, request, code, mechanism, key) in [
        (Besides, plain("GET", "/"), "A400MA", None, None),
        (Besides, bearer.clone(), "A400MA", jwt, None),
        (Besides, signed.clone(), "A403IS", signature, Some(KEY)),
        (Besides, both.clone(), "A403JE", signature, Some(KEY)),
        (Instead, plain("GET", "/"), "I400JR", None, None),
        (Instead, bearer, "A403JE", jwt, None),
        (Instead, signed, "A403IS", signature, Some(KEY)),
        // The token decides; that an app signed, too, does not matter.
        (Instead, both, "A403JE", jwt, None),
    ] {
        let service = Both::new(single_use().with_app_auth_rule(rule), Default::default());
        let hook = Hook::default();
        let log = hook.clone();
        let layer = service.layer().on_rejection(move |r, context| log.note(r, context));
        let app = service.routes().layer(layer);
        assert_eq!(send(&app, whole(&request)).await.code(), code);
        let (told_code, _, _, told_key, told_mechanism, _) = &hook.told()[0];
        assert_eq!(told_code.as_str(), code);
        assert_eq!((told_mechanism, told_key.as_deref()), (&mechanism, key), "{rule:?} {code}");
    }
}

#[tokio::test]
async fn the_identities_in_the_extensions_are_those_that_were_proven() {
    use countersign::jwt::AppAuthRule::{Besides, Instead};
    for (rule, request, subject, app) in [
        (
            Besides,
            bearing(Call::get("/").sign(), &Token::new().sign()),
            Some("alice"),
            Some("demo"),
        ),
        (Instead, bearing(Call::get("/").sign(), &Token::new().sign()), Some("alice"), None),
        (Instead, get("/", &Token::new().sign()), Some("alice"), None),
        (Instead, Call::get("/").sign(), None, Some("demo")),
    ] {
        let service = Both::new(single_use().with_app_auth_rule(rule), Default::default());
        let answer = send(&service.app(), whole(&request)).await;
        assert_eq!((answer.code().as_str(), answer.header("cache-control")), ("200", "private"));
        let seen = service.tokens.seen.last();
        assert_eq!((seen.subject.as_deref(), seen.app.as_deref()), (subject, app), "{rule:?}");
    }
}

#[tokio::test]
async fn what_an_outer_layer_said_is_overruled_by_the_layer_that_decides() {
    // A token that an outer layer accepted is none for an inner one that finds none.
    let outer = Service::single_use();
    let policy =
        bypassing().with_carrier(countersign::jwt::TokenCarrier::header("x-token").unwrap());
    let inner = Service::new(policy);
    let app = inner.routes().layer(inner.layer()).layer(outer.layer());
    assert_eq!(send(&app, whole(&get("/", &Token::new().sign()))).await.code(), "200");
    assert_eq!(inner.seen.last().subject, None);

    // Under `Instead`, an app that an outer layer accepted is none beside a token.
    let both = Both::new(
        single_use().with_app_auth_rule(countersign::jwt::AppAuthRule::Instead),
        Default::default(),
    );
    let outer = countersign::middleware::AppAuthLayer::new(both.apps.verifier.clone());
    let app = both.app().layer(outer);
    let request = bearing(Call::get("/").sign(), &Token::new().sign());
    let mut request = whole(&request);
    request.extensions_mut().insert(Rejection::new(ErrorCode::A400IK));
    assert_eq!(send(&app, request).await.code(), "200");
    let seen = both.tokens.seen.last();
    assert_eq!((seen.subject.as_deref(), seen.app, seen.rejection), (Some("alice"), None, None));
}

#[tokio::test]
async fn debug_output_of_a_layer_shows_neither_key_nor_token() {
    let both = Both::new(single_use(), Default::default());
    let token = Token::new().claim("email", "alice@example.com").sign();
    let layers = format!("{:?} {:?}", both.tokens.layer(), both.layer());
    let response = both.tokens.app().oneshot(whole(&get("/", &token))).await.unwrap();
    let wrong = Token::new().sign_with("another secret of thirty-two bytes or more");
    let refused = both.tokens.app().oneshot(whole(&get("/", &wrong))).await.unwrap();
    let unparsable = whole(&get("/", "hunter2-hunter2-hunter2"));
    let unparsable = both.tokens.app().oneshot(unparsable).await.unwrap();
    let text = format!("{layers} {response:?} {refused:?} {unparsable:?}");
    let verified = crate::support::answered(async {
        let request = get("/", &Token::new().claim("email", "alice@example.com").sign());
        both.tokens.verifier.verify(request.head()).await.unwrap().unwrap()
    });
    let text = format!("{text} {verified:?}");
    let k = base64::Engine::encode(
        &base64::prelude::BASE64_URL_SAFE_NO_PAD,
        crate::token::TOKEN_SECRET,
    );
    for secret in
        [crate::token::TOKEN_SECRET, &k, &token, &wrong, "alice", "hunter2", "jti-", "eyJ"]
    {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}
