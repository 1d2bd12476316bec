//! Lessons of other projects, where they apply to RPC, ROA and V3. `tests/lessons_*.rs` have those of
//! the gateway's own signature.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

#[path = "../openapi_client/mod.rs"]
mod bench;

mod body;
mod coverage;
mod freshness;
mod parse;
mod replay;

use bench::*;

/// A request of every kind, as a client signs it.
fn one_of_each() -> [(&'static str, Sent); 4] {
    [
        ("RPC in the query", rpc("GET", RPC)),
        ("RPC in a form", rpc_form("", RPC)),
        ("ROA", roa("PUT", "/clusters/1?a=1", b"{}").signed_by_roa()),
        ("V3", v3("PUT", "/clusters/1?a=1", b"{}").v3()),
    ]
}

/// Refused by both policies with this code.
#[track_caller]
fn refused(request: &Sent, code: &str) {
    for bench in [Bench::strict(), Bench::compatible()] {
        assert_eq!(bench.code(request), code, "{} {}", request.method, request.target);
    }
}

#[track_caller]
fn accepted(request: &Sent) {
    assert_eq!(Bench::strict().code(request), "", "{} {}", request.method, request.target);
}

/// The request with another text somewhere in its `Authorization`, its target and its body.
fn replaced(request: &Sent, from: &str, to: &str) -> Sent {
    let target = request.target.to_string().replace(from, to);
    let body = String::from_utf8(request.body.clone()).unwrap().replace(from, to);
    let mut changed = request.clone().target(&target).body(body);
    if let Some(value) = request.headers.get("authorization") {
        let value = value.to_str().unwrap().replace(from, to);
        changed = changed.header("authorization", &value);
    }
    changed
}
