//! Lesson 11: every credential, by every method, with every kind of body, over HTTP/1 and HTTP/2,
//! goes through verification; the handler runs exactly when the request is authentic.

use axum::body::Body;
use bytes::Bytes;
use countersign::verify::{AppCodeCarriers, Limits, Policy};
use http_body::Frame;

use crate::backend::{Backend, frames, with_body};
use crate::client::{Client, Version, serve};
use crate::support::{APP_CODE, Call, KEY, SECRET, Wire};

const LIMIT: usize = 1000;
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Credential {
    Nothing,
    KeyAlone,
    Signature,
    ForgedSignature,
    SignatureOfAnUnknownKey,
    ForgedSignatureBesideAnAppCode,
    AppCode,
    AppCodeInQuery,
    UnknownAppCode,
    UnknownAppCodeInQuery,
}

impl Credential {
    const ALL: [Self; 10] = [
        Self::Nothing,
        Self::KeyAlone,
        Self::Signature,
        Self::ForgedSignature,
        Self::SignatureOfAnUnknownKey,
        Self::ForgedSignatureBesideAnAppCode,
        Self::AppCode,
        Self::AppCodeInQuery,
        Self::UnknownAppCode,
        Self::UnknownAppCodeInQuery,
    ];

    fn present(self, call: Call) -> Wire {
        match self {
            Self::Nothing => call.with_app_code("").without("authorization"),
            Self::KeyAlone => call.sign().without("x-ca-signature"),
            Self::Signature => call.key(KEY, SECRET).sign(),
            Self::ForgedSignature => call.key(KEY, "guessed").sign(),
            Self::SignatureOfAnUnknownKey => call.key("unknown", SECRET).sign(),
            Self::ForgedSignatureBesideAnAppCode => call
                .header("authorization", format!("APPCODE {APP_CODE}"))
                .key(KEY, "guessed")
                .sign(),
            Self::AppCode => call.with_app_code(APP_CODE),
            Self::AppCodeInQuery => in_query(call, APP_CODE),
            Self::UnknownAppCode => call.with_app_code("guessed"),
            Self::UnknownAppCodeInQuery => in_query(call, "guessed"),
        }
    }

    fn is_authentic(self) -> bool {
        self == Self::Signature || self.is_right_app_code()
    }

    fn is_right_app_code(self) -> bool {
        matches!(self, Self::AppCode | Self::AppCodeInQuery)
    }

    /// The code of a wrong credential. A body over the limit is refused before any look-up.
    fn code(self, kind: Kind) -> &'static str {
        match self {
            Self::Nothing => "A400MA",
            Self::KeyAlone => "I400MH",
            _ if kind == Kind::TooLong => "I413RL",
            Self::SignatureOfAnUnknownKey => "A400IK",
            Self::UnknownAppCode | Self::UnknownAppCodeInQuery => "A401AC",
            Self::ForgedSignature | Self::ForgedSignatureBesideAnAppCode => match kind {
                // A form is read before its signature can be known.
                Kind::ChunkedFormTooLong => "I413RL",
                _ => "A403IS",
            },
            Self::Signature | Self::AppCode | Self::AppCodeInQuery => "200",
        }
    }
}

fn in_query(call: Call, code: &str) -> Wire {
    let wire = call.with_app_code("").without("authorization");
    let target = format!("{}&appCode={code}", wire.target);
    wire.to(&target)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NoBody,
    ContentLengthZero,
    EmptyChunked,
    FormTypeWithoutForm,
    Form,
    ChunkedForm,
    Json,
    ChunkedJson,
    TooLong,
    ChunkedTooLong,
    ChunkedFormTooLong,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::NoBody,
        Self::ContentLengthZero,
        Self::EmptyChunked,
        Self::FormTypeWithoutForm,
        Self::Form,
        Self::ChunkedForm,
        Self::Json,
        Self::ChunkedJson,
        Self::TooLong,
        Self::ChunkedTooLong,
        Self::ChunkedFormTooLong,
    ];

    fn call(self, method: &str) -> Call {
        let call = Call::new(method, "/items?b=2&a=1");
        match self {
            Self::NoBody => call,
            Self::ContentLengthZero => call.header("content-length", "0"),
            Self::EmptyChunked => call.digested(""),
            Self::FormTypeWithoutForm => {
                call.header("content-type", "application/x-www-form-urlencoded")
            }
            Self::Form | Self::ChunkedForm => call.form("c=3&d=%20"),
            Self::Json | Self::ChunkedJson => call.json(r#"{"a":1}"#),
            Self::TooLong | Self::ChunkedTooLong => call.json(&"1".repeat(LIMIT + 1)),
            Self::ChunkedFormTooLong => call.form("a".repeat(LIMIT + 1)),
        }
    }

    fn request(self, wire: &Wire) -> http::Request<Body> {
        let chunked = || {
            let chunks: Vec<_> = wire.body.chunks(7).map(Bytes::copy_from_slice).collect();
            frames(chunks.into_iter().map(Frame::data))
        };
        let body = match self {
            Self::NoBody | Self::ContentLengthZero | Self::FormTypeWithoutForm => Body::empty(),
            Self::Form | Self::Json | Self::TooLong => Body::from(wire.body.clone()),
            Self::EmptyChunked
            | Self::ChunkedForm
            | Self::ChunkedJson
            | Self::ChunkedTooLong
            | Self::ChunkedFormTooLong => chunked(),
        };
        with_body(wire, body)
    }

    fn is_too_long(self) -> bool {
        matches!(self, Self::TooLong | Self::ChunkedTooLong | Self::ChunkedFormTooLong)
    }
}

async fn run(version: Version) {
    let limits = Limits::default().with_max_body(LIMIT as u64).with_max_form(LIMIT as u64);
    let policy = Policy::strict().with_app_code(AppCodeCarriers::HeaderAndQuery);
    let backend = Backend::new(policy.with_limits(limits));
    let address = serve(backend.app()).await;
    for credential in Credential::ALL {
        for method in METHODS {
            for kind in Kind::ALL {
                let case = format!("{credential:?} {method} {kind:?} {version:?}");
                let wire = credential.present(kind.call(method));
                let before = (backend.started(), backend.finished());
                let mut client = Client::connect(address, version).await;
                let answer = client.send(kind.request(&wire)).await;
                let code = match (credential.is_authentic(), kind.is_too_long()) {
                    (true, true) => "I413RL",
                    (true, false) => "200",
                    (false, _) => credential.code(kind),
                };
                assert_eq!(answer.code(), code, "{case}");
                let handled = usize::from(code == "200");
                assert_eq!(backend.finished() - before.1, handled, "{case}");
                // An AppCode covers no body, so a body of unknown length is streamed: the handler
                // sees it break off at the limit, and the answer is not the handler's.
                let streamed = credential.is_right_app_code() && kind == Kind::ChunkedFormTooLong;
                let started = handled + usize::from(streamed);
                assert_eq!(backend.started() - before.0, started, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn lesson_11_every_credential_method_and_body_is_verified_over_http_1() {
    run(Version::Http1).await;
}

#[tokio::test]
async fn lesson_11_every_credential_method_and_body_is_verified_over_http_2() {
    run(Version::Http2).await;
}
