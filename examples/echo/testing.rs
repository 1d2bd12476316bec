//! What both servers must do, as tests that each runs with its own service.

use std::fmt::Debug;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use countersign::clock::{Clock, SystemClock};
use countersign::credential::{
    AccessKey, AccessKeySecret, App, AppCode, AppKey, AppSecret, OpenApiScheme,
};
use countersign::jwt::Plugin;
use countersign::protocol::SignatureMethod;
use countersign::sign::{OpenApiBody, OpenApiSigner};
use countersign::store::MemoryReplayStore;
use countersign::verify::RestartRule;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower::{Service, ServiceExt};

use crate::common::apps::Apps;
use crate::common::args::{Args, Family};
use crate::common::demo::sign::{Call, signed};
use crate::common::verifier::{Protection, protection};

const KEY: &str = "203710001";
const SECRET: &str = "a secret";

/// What the arguments protect with, for one app or for nobody.
fn protecting(apps: bool, plugin: Option<&str>) -> Protection {
    protecting_as(&Args::default(), apps, plugin)
}

fn protecting_as(args: &Args, apps: bool, plugin: Option<&str>) -> Protection {
    let app = App::new("demo", AppKey::new(KEY).unwrap())
        .with_secret(AppSecret::new(SECRET).unwrap())
        .with_app_code(AppCode::new("a code").unwrap())
        .with_access_key(AccessKey::new(KEY, AccessKeySecret::new(SECRET).unwrap()).unwrap());
    let plugin = plugin.map(|text| Plugin::parse(text).unwrap());
    let apps = apps.then(|| Apps::one(app).unwrap().credentials);
    protection(args, apps, plugin, Arc::new(MemoryReplayStore::new())).unwrap()
}

/// A token for the document in `examples/jwt.yaml`.
fn token(claims: &str) -> String {
    let secret = AppSecret::new("a demo secret of more than 32 bytes").unwrap();
    let input = format!(
        "{}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#),
        BASE64_URL_SAFE_NO_PAD.encode(claims)
    );
    let mac = SignatureMethod::HmacSha256.sign(&secret, input.as_bytes());
    let mac = BASE64_STANDARD.decode(mac).unwrap();
    format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac))
}

fn request(method: &str, secret: &str, nonce: &str) -> Request<Full<Bytes>> {
    let target = "/files/%E4%BD%A0?b=2&a";
    let at = SystemClock.wall();
    let call = Call { method, target, key: KEY, at, nonce };
    let headers = signed(&call, &AppSecret::new(secret).unwrap()).unwrap();
    let request = Request::builder().method(method).uri(target);
    let request = headers.into_iter().fold(request, |r, (name, value)| r.header(name, value));
    request.body(Full::default()).unwrap()
}

/// Drives a service through what the servers promise.
pub(crate) async fn check<S, B>(app: impl Fn(Protection) -> S)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error: Debug> + Clone,
    B: Body<Error: Debug>,
{
    check_app_auth(app(protecting(true, None))).await;
    // What they sign is dated in seconds, and the store starts in this one.
    let restart_rule = Some(RestartRule::Accept);
    let openapi = Args { family: Family::OpenApi, restart_rule, ..Args::default() };
    check_openapi(app(protecting_as(&openapi, true, None))).await;

    let plugin = include_str!("../jwt.yaml");
    let tokens = app(protecting(false, Some(plugin)));
    check_token(&tokens).await;
    let both = app(protecting(true, Some(plugin)));
    let with_token = |request: Request<Full<Bytes>>| bearer(request, "both");
    assert_eq!(answer(&both, with_token(Request::default())).await, refused(400, "A400MA"));
    assert_eq!(answer(&both, request("GET", SECRET, "no token")).await, refused(400, "I400JR"));
    let (status, _, body) = answer(&both, with_token(request("GET", SECRET, "both"))).await;
    assert!(status == 200 && body.contains(r#""app":"demo""#) && body.contains(r#""jti":"both""#));

    let either = app(protecting(true, Some(&format!("{plugin}orAppAuth: true\n"))));
    assert_eq!(answer(&either, Request::default()).await, refused(400, "I400JR"));
    assert_eq!(answer(&either, request("GET", SECRET, "no token")).await.0, 200);
    assert_eq!(answer(&either, bearer(Request::default(), "no app")).await.0, 200);
}

fn bearer(mut request: Request<Full<Bytes>>, jti: &str) -> Request<Full<Bytes>> {
    let exp = SystemClock.wall().get() / 1000 + 60;
    let token = token(&format!(r#"{{"sub":"me","jti":"{jti}","exp":{exp}}}"#));
    let value = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", value);
    request
}

async fn check_token<S, B>(service: &S)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error: Debug> + Clone,
    B: Body<Error: Debug>,
{
    let once = bearer(Request::default(), "once");
    let (status, _, body) = answer(service, once.clone()).await;
    assert_eq!(status, 200);
    let begin = r#"{"app":null,"method":"GET","path":"/","body_bytes":0,"claims":{"#;
    assert!(body.starts_with(begin) && body.contains(r#""sub":"me""#), "{body}");
    assert_eq!(answer(service, once).await, refused(403, "A403SV"), "a replay");
    assert_eq!(answer(service, Request::default()).await, refused(400, "I400JR"));
}

/// Status, code and body.
async fn answer<S, B>(service: &S, request: Request<Full<Bytes>>) -> (u16, String, String)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error: Debug> + Clone,
    B: Body<Error: Debug>,
{
    let (head, body) = service.clone().oneshot(request).await.unwrap().into_parts();
    let code = head.headers.get("x-ca-error-code").map(|code| code.to_str().unwrap());
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    (head.status.as_u16(), code.unwrap_or_default().to_owned(), body)
}

fn refused(status: u16, code: &str) -> (u16, String, String) {
    (status, code.to_owned(), String::new())
}

async fn check_app_auth<S, B>(service: S)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error: Debug> + Clone,
    B: Body<Error: Debug>,
{
    let answer = async |request| answer(&service, request).await;

    let echo = r#"{"app":"demo","method":"GET","path":"/files/%E4%BD%A0","body_bytes":0}"#;
    let accepted = (200, String::new(), echo.to_owned());
    let once = request("GET", SECRET, "once");
    assert_eq!(answer(once.clone()).await, accepted);
    assert_eq!(answer(once).await, refused(403, "S403NU"), "a replay");
    assert_eq!(answer(request("GET", "another", "two")).await, refused(403, "A403IS"));
    assert_eq!(answer(Request::new(Full::default())).await, refused(400, "A400MA"));

    assert_eq!(answer(request("HEAD", SECRET, "head")).await, (200, String::new(), String::new()));
    for method in ["OPTIONS", "DELETE", "PURGE"] {
        let accepted = (200, String::new(), echo.replace("GET", method));
        assert_eq!(answer(request(method, SECRET, method)).await, accepted);
    }

    let body = Request::post("/").header("authorization", "APPCODE a code");
    let body = body.body(Full::from("12345")).unwrap();
    let echo = r#"{"app":"demo","method":"POST","path":"/","body_bytes":5}"#;
    assert_eq!(answer(body).await, (200, String::new(), echo.to_owned()));
}

async fn check_openapi<S, B>(service: S)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error: Debug> + Clone,
    B: Body<Error: Debug>,
{
    let asking = async |request: &Request<Full<Bytes>>| {
        let (status, _, body) = answer(&service, request.clone()).await;
        (status, serde_json::from_str::<serde_json::Value>(&body).unwrap())
    };
    for scheme in OpenApiScheme::ALL {
        let once = openapi(scheme, SECRET);
        let (status, told) = asking(&once).await;
        assert_eq!(status, 200, "{told}");
        assert_eq!(told["RequestId"].as_str().map(str::len), Some(36), "{told}");
        let caller = [&told["app"], &told["scheme"], &told["action"], &told["version"]];
        assert_eq!(caller, ["demo", scheme.as_str(), "DescribeApis", "2016-07-14"]);
        assert!(told.get("Code").is_none(), "a client takes it for a failure");

        let (status, told) = asking(&once).await;
        assert_eq!((status, &told["Code"]), (400, &"SignatureNonceUsed".into()), "a replay");
        let (status, told) = asking(&openapi(scheme, "another")).await;
        assert_eq!((status, &told["Code"]), (400, &"SignatureDoesNotMatch".into()));
    }
    let (status, told) = asking(&Request::new(Full::default())).await;
    assert_eq!((status, &told["Code"]), (400, &"MissingAccessKeyId".into()));
    let gateways = request("GET", SECRET, "of the other family");
    assert_eq!(asking(&gateways).await.1["Code"], "MissingAccessKeyId");
}

/// A request for an action, as its scheme names it.
fn openapi(scheme: OpenApiScheme, secret: &str) -> Request<Full<Bytes>> {
    let target = match scheme {
        OpenApiScheme::Rpc => "http://api.example/?Action=DescribeApis&Version=2016-07-14",
        _ => "http://api.example/",
    };
    let mut request = Request::get(target).body(Full::default()).unwrap();
    let headers = request.headers_mut();
    headers.insert("host", "api.example".parse().unwrap());
    headers.insert("x-acs-action", "DescribeApis".parse().unwrap());
    headers.insert("x-acs-version", "2016-07-14".parse().unwrap());
    let signer = OpenApiSigner::new(KEY, AccessKeySecret::new(secret).unwrap()).unwrap();
    let (mut head, body) = request.into_parts();
    let signed = signer
        .with_scheme(scheme)
        .sign(&head.method, &head.uri, &head.headers, OpenApiBody::Bytes(b""))
        .unwrap();
    signed.apply_to(&mut head.headers, &mut head.uri).unwrap();
    Request::from_parts(head, body)
}
