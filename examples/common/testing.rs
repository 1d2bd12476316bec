//! What both servers must do, as tests that each runs with its own service.

use std::fmt::Debug;

use bytes::Bytes;
use countersign::clock::{Clock, SystemClock};
use countersign::credential::{App, AppCode, AppKey, AppSecret};
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower::{Service, ServiceExt};

use super::args::Args;
use super::demo::sign::{Call, signed};
use super::verifier::{AppVerifier, verifier};

const KEY: &str = "203710001";
const SECRET: &str = "a secret";

/// A strict verifier that knows one app.
pub(crate) fn demo_verifier() -> AppVerifier {
    let app = App::new("demo", AppKey::new(KEY).unwrap())
        .with_secret(AppSecret::new(SECRET).unwrap())
        .with_app_code(AppCode::new("a code").unwrap());
    verifier(&Args::default(), vec![app]).unwrap()
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
pub(crate) async fn check<S, B>(service: S)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error: Debug> + Clone,
    B: Body<Error: Debug>,
{
    let answer = async |request| {
        let (head, body) = service.clone().oneshot(request).await.unwrap().into_parts();
        let code = head.headers.get("x-ca-error-code").map(|code| code.to_str().unwrap());
        let body = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        (head.status.as_u16(), code.unwrap_or_default().to_owned(), body)
    };
    let refused = |status, code: &str| (status, code.to_owned(), String::new());

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
