//! What is signed is what is sent.

use bytes::Bytes;
use countersign::middleware::SignLayer;
use countersign::middleware::sign::NotSent;
use countersign::protocol::{PathForm, SignatureMethod};
use countersign::sign::{AcceptPolicy, DatePolicy, FormDigest, SignError, Stage};
use countersign::verify::{ContentMd5Rule, Policy};
use http::{HeaderName, HeaderValue};
use http_body_util::Full;

use crate::backend::Backend;
use crate::caller::{Caller, Stack, layer, signer};

const FORM: &str = "application/x-www-form-urlencoded";

async fn caller(stack: Stack, layer: SignLayer, backend: &Backend) -> Caller {
    Caller::of(stack, layer, backend.app()).await
}

#[tokio::test]
async fn every_target_is_accepted() {
    const TARGETS: [&str; 12] = [
        "",
        "/",
        "?a=1",
        "/?",
        "/items/?a=1&b=2",
        "/items?z=1&a=2&a=2&flag&empty=&=x",
        "/items?name=%E5%BC%A0+%E4%B8%89&plus=a%2Bb&pair=a%26b=1&lower=%e5%90%8d",
        "/%E5%90%8D/a%20b+c",
        "/a%2Fb%5Cc/100%25",
        "//double//slash",
        "/semi;colon?a=1;b=2",
        "/%zz?bad=%zz",
    ];
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        for stack in Stack::ALL {
            let backend = Backend::new(policy.clone());
            let caller = caller(stack, layer(), &backend).await;
            for target in TARGETS {
                let answer = caller.get(target).await;
                assert_eq!(answer.code, "200", "{stack:?} {target}");
            }
            assert_eq!(backend.finished(), TARGETS.len());
        }
    }
}

#[tokio::test]
async fn every_body_is_accepted_whatever_the_method() {
    let bodies: [(Option<&str>, &[u8]); 6] = [
        (None, b""),
        (None, b"bytes"),
        (Some("application/json"), br#"{"a":1}"#),
        (Some("application/octet-stream"), b"\0\xff\n"),
        (Some("application/x-www-form-urlencoded; charset=utf-8"), b"b=x+y&a=%E5%90%8D&c="),
        (Some(FORM), b""),
    ];
    for stack in Stack::ALL {
        let backend = Backend::strict();
        let caller = caller(stack, layer(), &backend).await;
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "PURGE"] {
            for (content_type, body) in bodies {
                let mut request = caller.request(method, "/items?a=%E5%90%8D");
                if let Some(content_type) = content_type {
                    request = request.header("content-type", content_type);
                }
                let request = request.body(Full::new(Bytes::from_static(body))).unwrap();
                let answer = caller.send(request).await.unwrap();
                assert_eq!(answer.code, "200", "{stack:?} {method} {content_type:?}");
                if method != "HEAD" {
                    assert_eq!(answer.body, body, "{stack:?} {method} {content_type:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn every_option_of_the_signer_is_accepted() {
    let header = HeaderName::from_static;
    let signers = [
        signer().with_stage(Stage::Test),
        signer().with_date(DatePolicy::Now),
        signer().with_form_digest(FormDigest::Add),
        signer().with_path_form(PathForm::Raw),
        signer().with_path_form(PathForm::EmptyForRoot),
        signer().with_accept(AcceptPolicy::IfAbsent(HeaderValue::from_static("text/html"))),
        signer().with_signed_headers([header("x-name"), header("x-absent")]).unwrap(),
    ];
    for signer in signers {
        for stack in Stack::ALL {
            let policy = Policy::strict().with_content_md5(match format!("{signer:?}") {
                text if text.contains("form_digest: Add") => ContentMd5Rule::RequiredForForms,
                _ => ContentMd5Rule::Required,
            });
            let backend = Backend::new(policy);
            let caller = caller(stack, SignLayer::new(signer.clone()), &backend).await;
            for target in ["/", "/items?a=1"] {
                let request = caller.request("POST", target);
                let request = request.header("content-type", FORM).header("x-name", "张三");
                let request = request.body(Full::new(Bytes::from_static(b"b=2"))).unwrap();
                let answer = caller.send(request).await.unwrap();
                assert_eq!(answer.code, "200", "{stack:?} {signer:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_path_that_reads_as_another_one_is_accepted_raw() {
    for stack in Stack::ALL {
        let backend = Backend::strict();
        let raw = SignLayer::new(signer().with_path_form(PathForm::Raw));
        let caller = caller(stack, raw, &backend).await;
        for target in ["/a%3Fb=1", "/100%2525", "/%61"] {
            assert_eq!(caller.get(target).await.code, "200", "{stack:?} {target}");
        }
    }
}

#[tokio::test]
async fn sha_1_is_accepted_where_it_is_allowed() {
    let backend = Backend::new(Policy::gateway_compatible());
    let sha_1 = signer().with_signature_method(SignatureMethod::HmacSha1);
    let caller = caller(Stack::Reqwest1, SignLayer::new(sha_1), &backend).await;
    assert_eq!(caller.get("/").await.code, "200");
}

#[tokio::test]
async fn an_accept_that_a_library_adds_breaks_what_was_signed_without_it() {
    let as_sent = SignLayer::new(signer().with_accept(AcceptPolicy::AsSent));
    for (stack, code) in [(Stack::Hyper1, "200"), (Stack::Reqwest1, "A403IS")] {
        let backend = Backend::strict();
        let caller = caller(stack, as_sent.clone(), &backend).await;
        assert_eq!(caller.get("/").await.code, code, "{stack:?}");
    }
}

#[tokio::test]
async fn another_secret_is_refused() {
    use countersign::credential::{AppKey, AppSecret};
    let wrong = AppSecret::new("wrong").unwrap();
    let wrong = countersign::sign::Signer::new(AppKey::new("203710001").unwrap(), wrong).unwrap();
    let backend = Backend::strict();
    let clock = std::sync::Arc::clone(&backend.clock);
    let layer = SignLayer::new(wrong.with_clock(clock));
    let caller = caller(Stack::Hyper1, layer, &backend).await;
    assert_eq!(caller.get("/").await.code, "A403IS");
    assert_eq!(backend.started(), 0);
}

#[tokio::test]
async fn what_cannot_be_signed_is_not_sent() {
    for stack in Stack::ALL {
        let backend = Backend::strict();
        let caller = caller(stack, layer(), &backend).await;
        let refused = async |method: &str, target: &str| {
            let request = caller.request(method, target).body(Full::default()).unwrap();
            match caller.send(request).await {
                Err(NotSent::Unsigned(error)) => error,
                other => panic!("{other:?}"),
            }
        };
        let twice = SignError::RepeatedParameter("a".into());
        assert_eq!(refused("GET", "/?a=1&a=2").await, twice);
        assert_eq!(refused("GET", "/a%3Fb").await, SignError::AmbiguousPath);
        assert_eq!(refused("CONNECT", "/").await, SignError::NoPath);
        assert_eq!(backend.started(), 0);
    }
}

#[tokio::test]
async fn two_hundred_calls_at_once_are_all_accepted() {
    for stack in [Stack::Hyper2, Stack::Reqwest1] {
        let backend = Backend::strict();
        let caller = caller(stack, layer(), &backend).await;
        let calls = (0..200).map(|n| {
            let caller = caller.clone();
            tokio::spawn(async move { caller.get(&format!("/{n}")).await.code })
        });
        for call in calls.collect::<Vec<_>>() {
            assert_eq!(call.await.unwrap(), "200");
        }
        assert_eq!(backend.finished(), 200);
    }
}
