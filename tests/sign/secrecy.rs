//! Nothing prints a secret, a signature, or what is worth protecting.

use countersign::clock::UnixMillis;
use countersign::credential::{AppKey, AppSecret};
use countersign::sign::{AppCodeHeader, FormBody, SignableBody, SignableRequest, Signer, Stamp};

use super::signing::{get, instructions, post, refused, signed, signer};
use crate::support::{NOW, SECRET};

#[test]
fn every_header_that_is_added_is_marked_as_sensitive() {
    let wire = post("{}");
    let instructions = instructions(&signer(), &wire).unwrap();
    assert_eq!(instructions.headers().count(), 8);
    for (name, value) in instructions.headers() {
        assert!(value.is_sensitive(), "{name}");
    }
    let signed = signed(&signer(), wire).unwrap();
    assert!(signed.headers["x-ca-signature"].is_sensitive());
}

#[test]
fn debug_output_shows_no_secret_signature_nonce_or_value() {
    let signer = Signer::new(AppKey::new("the-key").unwrap(), AppSecret::new(SECRET).unwrap());
    let signer = signer.unwrap();
    let form = FormBody::new([("password", "hunter2")]);
    let wire = get("/path?token=s3cret").with("x-ca-private", "s3cret");
    let body = SignableBody::Form(&form);
    let request = SignableRequest::new(&wire.method, &wire.target, &wire.headers, body);
    let stamp = Stamp::new(UnixMillis::new(NOW), "the-nonce").unwrap();
    let instructions = signer.sign_stamped(&request, &stamp).unwrap();
    let signature = instructions.headers().find(|(name, _)| *name == "x-ca-signature").unwrap().1;
    let signature = signature.to_str().unwrap().to_owned();
    let code = AppCodeHeader::new("the-app-code").unwrap();
    let seen = format!(
        "{signer:?} {form:?} {request:?} {stamp:?} {instructions:?} {code:?} {:?} {:?}",
        code.value(),
        instructions.headers().collect::<Vec<_>>(),
    );
    let mut applied = wire.headers.clone();
    instructions.apply_to(&mut applied).unwrap();
    applied.remove("x-ca-private");
    let seen = format!("{seen} {applied:?}");
    for hidden in [SECRET, "hunter2", "s3cret", "the-nonce", "the-app-code", &signature] {
        assert!(!seen.contains(hidden), "{hidden} in {seen}");
    }
    assert!(seen.contains("x-ca-signature"), "{seen}");
}

#[test]
fn errors_name_headers_and_parameters_and_show_no_values() {
    for wire in [
        get("/?token=s3cret&token=s3cret2"),
        get("/").and("x-ca-private", "s3cret").and("x-ca-private", "s3cret2"),
        post("{}").with("content-md5", "s3cret"),
        get("/s3cret%3F"),
    ] {
        let error = refused(&signer(), wire);
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    }
}
