//! A token verified by countersign and by jsonwebtoken, beside the check of its signature.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml --bin tokens`, or with names of
//! algorithms: `-- RS256 ES256`. All use aws-lc and a key parsed once, where the crate keeps one.
//!
//! | row | what it checks | what it does not |
//! |---|---|---|
//! | cryptography | the decoded signature | all else |
//! | jsonwebtoken | algorithm, signature, `iss`, `aud`, `exp`, `nbf`; the claims into a map | where the token stands, `kid`, `iat`, `crit`, members that occur twice, `jti` |
//! | countersign | the same and those, but for `jti` | |
//! | countersign, single use | another token each time: its `jti` once, too | |
//! | countersign, cached | claims and time; form and signature are known | |

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::unimplemented,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

#[path = "../../jwt/candidate.rs"]
mod candidate;
#[path = "../../harness/mod.rs"]
mod harness;
#[path = "../../jwt/issuer.rs"]
mod issuer;
#[path = "../../jwt/rows.rs"]
mod rows;

use countersign::jwt::Algorithm;
use harness::rounds::Row;
use issuer::{AUDIENCE, ISSUER, Issuer};
use jsonwebtoken::{DecodingKey, Validation, decode};
use serde_json::{Map, Value};

fn main() {
    for algorithm in rows::ALGORITHMS {
        if harness::is_wanted(algorithm.as_str()) {
            rows::table(algorithm, |issuer, token| Some(jsonwebtoken(algorithm, issuer, token)));
        }
    }
}

fn jsonwebtoken(algorithm: Algorithm, issuer: &Issuer, token: &str) -> Row<'static> {
    let jwk = serde_json::from_value(issuer.jwk.clone()).unwrap();
    let key = DecodingKey::from_jwk(&jwk).unwrap();
    let mut validation = Validation::new(algorithm.as_str().parse().unwrap());
    validation.leeway = 0;
    validation.validate_nbf = true;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    let accepts = move |token: &str| decode::<Map<String, Value>>(token, &key, &validation).is_ok();
    assert!(accepts(token) && !accepts(&rows::forge(issuer, token)));
    let token = token.to_owned();
    rows::again("jsonwebtoken", move || assert!(accepts(&token)))
}
