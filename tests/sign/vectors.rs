//! The published vectors: signed, they have the published signature.

use countersign::credential::{AppKey, AppSecret};
use countersign::protocol::{PathForm, Reading};
use countersign::sign::{SignError, SignableBody, SignableRequest, Signer, SigningInstructions};

use crate::support::{Expected, Vector};

/// Signs a vector's request as its own headers say.
fn instructions(vector: &Vector, path: PathForm) -> Result<SigningInstructions, SignError> {
    let key = AppKey::new(vector.line("key")).unwrap();
    let secret = AppSecret::new(vector.line("secret")).unwrap();
    let signer = Signer::new(key, secret).unwrap().with_path_form(path);
    let wire = vector.request();
    let body = SignableBody::Bytes(&wire.body);
    signer.sign_as_declared(&SignableRequest::new(&wire.method, &wire.target, &wire.headers, body))
}

fn vectors(expected: Expected) -> impl Iterator<Item = Vector> {
    Vector::all().into_iter().filter(move |vector| vector.expected == expected)
}

fn check(vector: &Vector, instructions: SigningInstructions) {
    let text = String::from_utf8(instructions.string_to_sign().to_vec()).unwrap();
    assert_eq!(text, vector.signed_by_the_client(), "{}", vector.name);
    let added: Vec<_> = instructions.headers().collect();
    let [(name, value)] = added[..] else { panic!("{}: {added:?}", vector.name) };
    assert_eq!(name, "x-ca-signature");
    assert_eq!(value, vector.line("signature"), "{}", vector.name);
}

#[test]
fn a_published_request_gets_its_published_signature() {
    let mut refused = Vec::new();
    let mut signed = 0;
    for vector in vectors(Expected::Accept) {
        match instructions(&vector, PathForm::Decoded) {
            Ok(instructions) => check(&vector, instructions),
            Err(error) => {
                refused.push((vector.name, error));
                continue;
            }
        }
        signed += 1;
    }
    assert_eq!(signed, 23);
    // What the strict policy refuses, too.
    let repeated = |name: &str| SignError::RepeatedParameter(name.to_owned());
    let expected = [
        ("derived-hmacsha1", repeated("a")),
        ("hg-13-query-wins-over-form", repeated("duplicate")),
        ("hg-14-bare-form-name-raw", SignError::AmbiguousParameter("na me".into())),
        ("hg-18a-signed-content-type", SignError::SignedContentType),
    ];
    assert_eq!(refused, expected.map(|(name, error)| (name.to_owned(), error)));
}

#[test]
fn a_signer_of_raw_paths_signs_as_the_clients_that_do() {
    let reading = Expected::AcceptBy(Reading::RawPath);
    for vector in vectors(reading) {
        check(&vector, instructions(&vector, PathForm::Raw).unwrap());
    }
    assert_eq!(vectors(reading).count(), 1);
}
