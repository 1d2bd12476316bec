//! What a client's layer tells.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{AppKey, AppSecret};
use countersign::middleware::SignLayer;
use countersign::sign::{ClockLearning, Signer};
use http::{Request, Response};
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};

use crate::log::logged;
use crate::support::{KEY, NOW, SECRET};

#[test]
fn a_clock_that_is_learned_is_a_warning_and_nothing_else_is_told() {
    let text = logged(async {
        let answer = service_fn(async |_: Request<_>| {
            let answer = Response::builder().header("x-ca-error-code", "S403TE");
            let answer = answer.header("date", "Tue, 14 Nov 2023 23:13:20 GMT");
            Ok::<_, Infallible>(answer.body(Full::<Bytes>::default()).unwrap())
        });
        let signer = Signer::new(AppKey::new(KEY).unwrap(), AppSecret::new(SECRET).unwrap());
        let signer = signer.unwrap().with_clock(ManualClock::at(UnixMillis::new(NOW)));
        let learning = ClockLearning::Within(Duration::from_secs(7200));
        let client = SignLayer::new(signer).with_clock_learning(learning).layer(answer);
        let request = Request::get("/secret-path?secret-query=1").body(Body::empty()).unwrap();
        assert!(client.oneshot(request).await.is_ok());
    });
    let line = text.lines().find(|line| line.contains("offset_millis=3600000")).unwrap();
    assert!(line.contains("WARN"), "{line}");
    for hidden in [SECRET, "secret-"] {
        assert!(!text.contains(hidden), "{hidden} is in the log:\n{text}");
    }
}
