//! The rows of an algorithm's table.

use countersign::error::ErrorCode;
use countersign::jwt::Algorithm;

use crate::candidate::{Bearer, Cryptography, Subject, split};
use crate::harness::rounds::{Row, compare};
use crate::issuer::Issuer;

pub(crate) const ALGORITHMS: [Algorithm; 8] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::EdDsa,
    Algorithm::Hs256,
];

const BATCH: usize = 100;

/// One token, presented again and again; of single use, another each time. `peer` is asked for a
/// further row.
pub(crate) fn table<'a>(algorithm: Algorithm, peer: impl Fn(&Issuer, &str) -> Option<Row<'a>>) {
    let issuer = Issuer::new(algorithm);
    let token = issuer.token(u64::MAX);
    let (parts, request) = (split(&token), Bearer::new(&token));
    let cryptography = Cryptography::new(algorithm, &issuer);
    let (whole, single) = (Subject::new(&issuer), Subject::single_use(&issuer));
    #[cfg(feature = "jwt-cache")]
    let cached = Subject::cached(&issuer);
    let forged = forge(&issuer, &token);
    assert!(cryptography.accepts(&split(&token)) && !cryptography.accepts(&split(&forged)));
    for subject in [
        &whole,
        &single,
        #[cfg(feature = "jwt-cache")]
        &cached,
    ] {
        subject.accept(&request);
        subject.refuse(&Bearer::new(&forged), ErrorCode::A403JT);
    }

    let mut rows = vec![again("cryptography", || assert!(cryptography.accepts(&parts)))];
    rows.extend(peer(&issuer, &token));
    rows.push(again("countersign", || whole.accept(&request)));
    if algorithm == Algorithm::Es256 {
        let make = |number| Bearer::new(&issuer.token(number));
        rows.push(Row::new("countersign, single use", make, |requests: &[Bearer]| {
            requests.iter().for_each(|request| single.accept(request));
        }));
    }
    #[cfg(feature = "jwt-cache")]
    rows.push(again("countersign, cached", || cached.accept(&request)));
    compare(&format!("{algorithm}, {} bytes", token.len()), BATCH, &rows);
}

pub(crate) fn again<'a>(name: &'static str, work: impl Fn() + 'a) -> Row<'a> {
    Row::new(name, |_| (), move |times: &[()]| times.iter().for_each(|()| work()))
}

/// The signature of one token, the claims of another.
pub(crate) fn forge(issuer: &Issuer, token: &str) -> String {
    let other = issuer.token(u64::MAX - 1);
    let (claims, _) = other.rsplit_once('.').unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    format!("{claims}.{signature}")
}
