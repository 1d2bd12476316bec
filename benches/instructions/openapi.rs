//! Requests of OpenAPI clients, by the verifier alone.

use std::sync::Arc;

use countersign::clock::Clock;
use countersign::credential::OpenApiScheme;
use countersign::store::MemoryCredentials;
use countersign::verify::RestartRule;
use countersign::verify::openapi::{OpenApiPolicy, OpenApiVerifier};

use crate::apps::{APPS, replay_store};
use crate::harness::ready::ready;
use crate::request::openapi::{access_key_app, access_key_id};
use crate::request::{Kind, Signed};
use crate::{Case, measure};

pub(crate) const CASES: [Case; 4] = [
    ("OpenAPI: accepted GET by RPC", || accepted(Kind::OpenApi(OpenApiScheme::Rpc))),
    ("OpenAPI: accepted GET by ROA", || accepted(Kind::OpenApi(OpenApiScheme::Roa))),
    ("OpenAPI: accepted GET by V3", || accepted(Kind::OpenApi(OpenApiScheme::V3))),
    ("OpenAPI: accepted JSON POST by V3, 1 KiB", || accepted(Kind::V3Json(1 << 10))),
];

fn accepted(kind: Kind) {
    let (clock, replay) = replay_store(access_key_id);
    let credentials = MemoryCredentials::new((0..APPS).map(access_key_app)).unwrap();
    let policy = OpenApiPolicy::strict().with_restart_rule(RestartRule::Accept);
    let verifier = OpenApiVerifier::new(credentials, replay).with_policy(policy);
    let verifier = verifier.with_clock(Arc::clone(&clock));
    measure(
        &clock,
        |number| Signed::stamped(clock.wall(), kind, APPS, number),
        |request| ready(verifier.verify(request.head(), &request.body)).is_ok(),
    );
}
