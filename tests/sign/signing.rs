//! Signs what the tests of the verifier send.

use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{AppKey, AppSecret};
use countersign::sign::{SignError, SignableBody, SignableRequest, Signer, SigningInstructions};
use http::{HeaderMap, Method};

use crate::support::{KEY, NOW, SECRET, Wire, assert_accepted};
use crate::support::{Server, Style};

/// The demo app's signer, at [`NOW`].
pub(crate) fn signer() -> Signer {
    let signer = Signer::new(AppKey::new(KEY).unwrap(), AppSecret::new(SECRET).unwrap()).unwrap();
    signer.with_clock(ManualClock::at(UnixMillis::new(NOW)))
}

/// A request without headers or a body.
pub(crate) fn request(method: &str, target: &str) -> Wire {
    Wire {
        method: Method::from_bytes(method.as_bytes()).unwrap(),
        target: target.parse().unwrap(),
        headers: HeaderMap::new(),
        body: Vec::new(),
        length: countersign::protocol::BodyLength::Empty,
    }
}

pub(crate) fn get(target: &str) -> Wire {
    request("GET", target)
}

pub(crate) fn post(body: &str) -> Wire {
    request("POST", "/orders").with_body(body)
}

pub(crate) fn form(body: &str) -> Wire {
    post(body).with("content-type", "application/x-www-form-urlencoded")
}

pub(crate) fn instructions(signer: &Signer, wire: &Wire) -> Result<SigningInstructions, SignError> {
    let body = SignableBody::Bytes(&wire.body);
    signer.sign(&SignableRequest::new(&wire.method, &wire.target, &wire.headers, body))
}

/// The request, signed.
pub(crate) fn signed(signer: &Signer, wire: Wire) -> Result<Wire, SignError> {
    let instructions = instructions(signer, &wire)?;
    let mut wire = wire;
    instructions.apply_to(&mut wire.headers)?;
    Ok(wire)
}

/// Signs a request that both policies must accept.
#[track_caller]
pub(crate) fn accepted(signer: &Signer, wire: Wire) -> Wire {
    let wire = signed(signer, wire).unwrap();
    assert_accepted(Server::strict().verify(&wire));
    assert_accepted(Server::gateway().verify(&wire));
    wire
}

/// The error with which this request is not signed.
#[track_caller]
pub(crate) fn refused(signer: &Signer, wire: Wire) -> SignError {
    match signed(signer, wire) {
        Ok(wire) => panic!("signed: {wire:?}"),
        Err(error) => error,
    }
}

/// What a signer that is written from the protocol's text alone signs of this request.
pub(crate) fn independent(wire: &Wire) -> Vec<u8> {
    crate::support::string_to_sign(wire, Style::default())
}
