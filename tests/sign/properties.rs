//! What is signed verifies, under both policies; what could be sent is signed.

use countersign::protocol::{BodyLength, ContentMd5, PathForm, Variant};
use countersign::sign::{FormBody, SignError, SignableBody, SignableRequest, Signer};
use countersign::verify::Policy;
use http::{HeaderName, Method};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::signing::{get, independent, instructions, signed, signer};
use crate::strategies::{Body, any_request, header_bytes, parameters, path, request_body, written};
use crate::support::{Server, SignedPath, Style, Wire, string_to_sign};

fn path_form() -> impl Strategy<Value = PathForm> {
    prop_oneof![Just(PathForm::Decoded), Just(PathForm::Raw), Just(PathForm::EmptyForRoot)]
}

/// Some of a request's own headers, and some that it may lack.
fn with_chosen(signer: Signer, wire: &Wire) -> Signer {
    let all = wire.headers.keys().cloned();
    let chosen = all.chain([HeaderName::from_static("x-tenant")]);
    let allowed = chosen.filter(|name| signer.clone().with_signed_headers([name.clone()]).is_ok());
    signer.clone().with_signed_headers(allowed).unwrap()
}

/// What a careful client could send: no parameter with two values, nothing that reads as another
/// thing, any spelling.
fn plain_request() -> impl Strategy<Value = Wire> {
    let method = prop_oneof![
        Just("GET".to_owned()),
        Just("HEAD".to_owned()),
        "[A-Z]{1,7}",
        "[A-Za-z!#$%&'*+.^_`|~-]{1,8}",
    ];
    let headers = btree_map("(x-ca-[a-c]|x-[a-b0-9]{1,4}|accept|date)", header_bytes(), 0..5);
    (method, path(), parameters(), request_body(), headers).prop_map(
        |(method, path, parameters, body, headers)| {
            let query = written(&parameters, |places| &places.query);
            let target = if query.is_empty() { path } else { format!("{path}?{query}") };
            let mut wire = get("/").to(&target);
            wire.method = Method::from_bytes(method.as_bytes()).unwrap();
            for (name, value) in headers {
                wire = wire.with(&name, value);
            }
            match body {
                Body::None => wire,
                Body::Digested(body, content_type) => {
                    wire.with_body(body).with("content-type", content_type)
                }
                Body::Form(content_type) => {
                    let form = written(&parameters, |places| &places.form);
                    wire.with_body(form).with("content-type", content_type)
                }
            }
        },
    )
}

fn assert_both_accept(wire: &Wire) -> Result<(), TestCaseError> {
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        let answer = Server::new(policy).verify(wire);
        let message = answer.map_err(|rejection| rejection.message().to_string());
        prop_assert!(message.is_ok(), "{message:?} {wire:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing that a careful client sends is refused, but for paths that the gateway would decode
    /// to another one.
    #[test]
    fn what_a_client_means_is_signed_and_verifies(wire in plain_request(), path in path_form()) {
        let signer = with_chosen(signer(), &wire).with_path_form(path);
        match signed(&signer, wire.clone()) {
            Ok(signed) => assert_both_accept(&signed)?,
            Err(error) => {
                prop_assert_eq!(error, SignError::AmbiguousPath);
                let raw = signed(&signer.with_path_form(PathForm::Raw), wire);
                assert_both_accept(&raw.unwrap())?;
            }
        }
    }

    /// The primary string is that of the protocol's text.
    #[test]
    fn the_string_to_sign_is_what_an_independent_signer_makes(
        wire in plain_request(),
        path in prop_oneof![
            Just((PathForm::Decoded, SignedPath::Decoded)),
            Just((PathForm::Raw, SignedPath::Raw)),
        ],
    ) {
        let (form, independent_form) = path;
        let signer = with_chosen(signer(), &wire).with_path_form(form);
        let Ok(instructions) = instructions(&signer, &wire) else { return Ok(()); };
        prop_assert_eq!(instructions.variant(), Variant { path: form, ..Variant::PRIMARY });
        let ours = instructions.string_to_sign().to_vec();
        let mut wire = wire;
        instructions.apply_to(&mut wire.headers).unwrap();
        let style = Style { path: independent_form, ..Style::default() };
        prop_assert_eq!(ours, string_to_sign(&wire, style));
    }

    /// Fields, their bytes, and the same body given as bytes are one.
    #[test]
    fn form_fields_are_signed_as_their_bytes_are(
        fields in btree_map("[^&=]{0,6}", any::<String>(), 0..6),
        query in parameters(),
    ) {
        let form = FormBody::new(&fields);
        let query = written(&query, |places| &places.query);
        let wire = get("/").to(&format!("/f?{query}")).with_body(form.as_bytes());
        let body = SignableBody::Form(&form);
        let request = SignableRequest::new(&wire.method, &wire.target, &wire.headers, body);
        match signer().sign(&request) {
            Ok(instructions) => {
                let ours = instructions.string_to_sign().to_vec();
                let mut wire = wire.clone();
                instructions.apply_to(&mut wire.headers).unwrap();
                prop_assert_eq!(ours, independent(&wire));
                assert_both_accept(&wire)?;
            }
            // A name of the form may be one of the query.
            Err(error) => prop_assert!(matches!(error, SignError::RepeatedParameter(_))),
        }
    }

    /// A stream's digest stands for its bytes, also of none.
    #[test]
    fn a_digest_is_signed_as_the_bytes_are(body in vec(any::<u8>(), 0..40)) {
        let digest = ContentMd5::of(&body);
        let mut wire = get("/stream").with_body(&body).chunked();
        let body = SignableBody::Digest(digest);
        let request = SignableRequest::new(&wire.method, &wire.target, &wire.headers, body);
        signer().sign(&request).unwrap().apply_to(&mut wire.headers).unwrap();
        prop_assert!(wire.header("content-md5") == digest.encode().as_bytes());
        assert_both_accept(&wire)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever HTTP lets through is either refused and left as it was, or verifies.
    #[test]
    fn what_is_not_refused_verifies(wire in any_request(), path in path_form()) {
        let Some(mut wire) = wire else { return Ok(()); };
        wire.length = BodyLength::Known(wire.body.len() as u64);
        let signer = with_chosen(signer(), &wire).with_path_form(path);
        match signed(&signer, wire.clone()) {
            Ok(signed) => assert_both_accept(&signed)?,
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
