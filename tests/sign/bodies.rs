//! Bodies: digests, forms, and none.

use countersign::error::ErrorCode;
use countersign::protocol::ContentMd5;
use countersign::sign::{FormBody, FormDigest, SignError, SignableBody, SignableRequest};
use countersign::verify::{ContentMd5Rule, EmptyBodyMd5, Policy};

use super::signing::{accepted, form, get, post, refused, request, signed, signer};
use crate::support::{Server, Wire, assert_accepted, assert_code, md5_base64};

fn signed_with(wire: &Wire, body: SignableBody<'_>) -> Result<Wire, SignError> {
    let mut wire = wire.clone();
    let request = SignableRequest::new(&wire.method, &wire.target, &wire.headers, body);
    signer().sign(&request)?.apply_to(&mut wire.headers)?;
    Ok(wire)
}

#[test]
fn a_body_gets_its_digest_whatever_the_method() {
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "brew"] {
        let wire = request(method, "/").with_body("{}").with("content-type", "application/json");
        let wire = accepted(&signer(), wire);
        assert_eq!(wire.header("content-md5"), md5_base64(b"{}").as_bytes(), "{method}");
    }
}

#[test]
fn no_body_and_a_body_of_zero_bytes_get_no_digest() {
    for wire in [get("/"), post(""), form("")] {
        let wire = accepted(&signer(), wire);
        assert!(!wire.headers.contains_key("content-md5"));
        // A server that knows the classic rule refuses a digest of nothing.
        let policy = Policy::strict().with_empty_body_md5(EmptyBodyMd5::Refuse);
        assert_accepted(Server::new(policy).verify(&wire));
    }
}

#[test]
fn a_body_without_a_type_is_no_form() {
    let wire = accepted(&signer(), post("a=1"));
    assert!(wire.headers.contains_key("content-md5"));
}

#[test]
fn a_form_is_signed_by_its_parameters() {
    let wire = accepted(&signer(), form("b=x+y&a=%E5%90%8D&c="));
    assert!(!wire.headers.contains_key("content-md5"));
    let changed = wire.with_body("b=x+z&a=%E5%90%8D&c=");
    assert_code(Server::gateway().verify(&changed), ErrorCode::A403IS);
}

#[test]
fn a_form_gets_a_digest_where_the_signer_says_so() {
    let signer = signer().with_form_digest(FormDigest::Add);
    let wire = accepted(&signer, form("a=1"));
    let policy = Policy::strict().with_content_md5(ContentMd5Rule::RequiredForForms);
    assert_accepted(Server::new(policy.clone()).verify(&wire));
    let wire = signed(&super::signing::signer(), form("a=1")).unwrap();
    assert_code(Server::new(policy).verify(&wire), ErrorCode::I400MH);
}

#[test]
fn form_fields_get_a_type_unless_there_is_one() {
    let fields = FormBody::new([("name", "张 三"), ("a&b=c", "1")]);
    assert!(matches!(
        signed_with(&post(""), SignableBody::Form(&fields)),
        Err(SignError::AmbiguousParameter(name)) if name == "a&b=c"
    ));
    let fields = FormBody::new([("name", "张 三"), ("a+b", "x&y=z"), ("e", "")]);
    let wire = request("POST", "/?q=1").with_body(fields.as_bytes());
    let wire = signed_with(&wire, SignableBody::Form(&fields)).unwrap();
    assert_eq!(wire.header("content-type"), b"application/x-www-form-urlencoded");
    assert_accepted(Server::strict().verify(&wire));
    assert_accepted(Server::gateway().verify(&wire));

    let typed = form("").with("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let typed = typed.with_body(fields.as_bytes());
    let wire = signed_with(&typed, SignableBody::Form(&fields)).unwrap();
    assert!(wire.header("content-type").ends_with(b"utf-8"));
    assert_accepted(Server::strict().verify(&wire));

    let json = post("").with("content-type", "application/json");
    let refused = signed_with(&json, SignableBody::Form(&fields)).unwrap_err();
    assert_eq!(refused, SignError::NotAForm);
}

#[test]
fn a_streams_digest_is_sent_and_a_forms_is_not_enough() {
    let body = b"a large file";
    let digest = SignableBody::Digest(ContentMd5::of(body));
    let wire = signed_with(&post("").with_body(body).chunked(), digest).unwrap();
    assert_accepted(Server::strict().verify(&wire));
    let changed = wire.with_body("another file").chunked();
    assert_code(Server::strict().verify(&changed), ErrorCode::I400I5);

    assert_eq!(signed_with(&form("a=1"), digest).unwrap_err(), SignError::FormByDigest);
}

#[test]
fn a_digest_that_is_there_must_be_the_bodys() {
    let right = md5_base64(b"{}");
    let wire = accepted(&signer(), post("{}").with("content-md5", &right));
    assert_eq!(wire.header("content-md5"), right.as_bytes());
    accepted(&signer(), form("a=1").with("content-md5", md5_base64(b"a=1")));
    // Real clients send the digest of no bytes.
    accepted(&signer(), get("/").with("content-md5", md5_base64(b"")));

    for wire in [
        post("{ }").with("content-md5", &right),
        form("a=2").with("content-md5", md5_base64(b"a=1")),
        get("/").with("content-md5", &right),
        post("{}").with("content-md5", "not a digest"),
        post("{}").with("content-md5", ""),
    ] {
        assert_eq!(refused(&signer(), wire), SignError::ContentMd5);
    }
    let other = SignableBody::Digest(ContentMd5::of(b"other"));
    let wire = post("{}").with("content-md5", &right);
    assert_eq!(signed_with(&wire, other).unwrap_err(), SignError::ContentMd5);
}

#[test]
fn a_length_that_is_there_must_be_the_bodys() {
    accepted(&signer(), post("{}").with("content-length", "2"));
    accepted(&signer(), get("/").with("content-length", "0"));
    for length in ["1", "3", "x", ""] {
        let wire = post("{}").with("content-length", length);
        assert_eq!(refused(&signer(), wire), SignError::ContentLength, "{length}");
    }
    // A stream's length is its sender's to know.
    let wire = post("{}").with("content-length", "2");
    assert!(signed_with(&wire, SignableBody::Digest(ContentMd5::of(b"{}"))).is_ok());
}
