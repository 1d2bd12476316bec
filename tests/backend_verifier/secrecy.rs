//! What nobody gets to see.

use countersign::credential::{BackendKey, BackendSecret};
use countersign::error::ErrorCode;
use countersign::sign::{BackendBody, BackendSigner};

use crate::support::{BACKEND_KEY, BACKEND_SECRET, BehindGateway, Forwarded, backend_pair};

#[test]
fn no_secret_signature_nonce_or_body_is_printed() {
    let service = BehindGateway::strict();
    let call = Forwarded::post("/?q=hidden-query")
        .stamped("hidden-nonce")
        .signed_header("X-Token", "hidden-header")
        .form("f=hidden-form")
        .sign();
    let signature = String::from_utf8(call.header("x-ca-proxy-signature").to_vec()).unwrap();
    let key = BackendKey::new(BACKEND_KEY).unwrap();
    let signer = BackendSigner::new(key, BackendSecret::new(BACKEND_SECRET).unwrap());
    let body = BackendBody::Bytes(b"f=hidden-form");
    let signed = signer.sign(&call.head(), body).unwrap();
    let timely = service.verifier.present(call.head()).unwrap();
    let mut printed = vec![
        format!("{:?}", backend_pair(BACKEND_KEY, BACKEND_SECRET)),
        format!("{:?} {:?}", service.verifier, service.pairs),
        format!("{signer:?} {body:?} {signed:?}"),
        format!("{timely:?}"),
        format!("{:?}", timely.authenticate().unwrap()),
        format!("{:?}", countersign::protocol::ProxyHeaders::collect(&call.headers)),
    ];
    let refused = service.refuses(&call.clone().to("/other?q=hidden-query"), ErrorCode::A403IS);
    printed.push(format!("{refused} {refused:?}"));
    printed.push(format!("{:?}", service.accepts(&call)));
    let made: Vec<_> = signed.iter().map(|(_, value)| format!("{value:?}")).collect();
    assert!(made.iter().all(|value| value == "Sensitive"), "{made:?}");
    for text in printed {
        for secret in [BACKEND_SECRET, "hidden-", &signature] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

#[test]
fn what_the_gateway_added_is_in_no_answer() {
    let service = BehindGateway::strict();
    let call =
        Forwarded::get("/?constant=hidden-constant").signed_header("CaToken", "hidden-token");
    let message =
        service.refuses(&call.sign().to("/x?constant=hidden-constant"), ErrorCode::A403IS);
    assert!(!message.message().contains("hidden-"), "{}", message.message());
}
