//! Requests that are stale or premature by the server's clock.

use countersign::verify::openapi::OpenApiPolicy;

use crate::cases::EXPIRED;
use crate::sdk::{Sdk, check};
use crate::server::Server;

/// A request of every scheme, right but for its time.
fn named(sdk: Sdk) -> &'static [&'static str] {
    match sdk {
        Sdk::Core | Sdk::Pop => &["rpc_get", "rpc_post_form", "roa_get", "roa_post_json"],
        Sdk::TeaPy | Sdk::TeaJs | Sdk::UtilPy => {
            &["rpc_get", "roa_get", "v3_get", "v3_roa_post_json"]
        }
    }
}

/// Sixteen minutes off, either way.
fn is_refused_in_every_scheme(minutes: i64) {
    let server = Server::ahead(OpenApiPolicy::compatible(), minutes);
    for sdk in Sdk::ALL {
        let names = named(sdk);
        let expected = names.iter().map(|name| ((*name).to_owned(), EXPIRED));
        check(sdk, "another time", sdk.run(&server.address, names), expected);
    }
}

#[test]
#[ignore = "needs python3, node and the SDKs: run scripts/test"]
fn a_stale_request_is_told_that_it_is_expired() {
    is_refused_in_every_scheme(16);
}

#[test]
#[ignore = "needs python3, node and the SDKs: run scripts/test"]
fn a_premature_request_is_told_the_same() {
    is_refused_in_every_scheme(-16);
}

#[test]
#[ignore = "needs python3, node and the SDKs: run scripts/test"]
fn a_request_within_the_window_passes_either_way() {
    for minutes in [14, -14] {
        let server = Server::ahead(OpenApiPolicy::compatible(), minutes);
        for sdk in Sdk::ALL {
            let lines = sdk.run(&server.address, named(sdk));
            let expected = crate::cases::of(sdk).into_iter();
            let expected = expected.filter(|(name, _)| named(sdk).contains(&name.as_str()));
            check(sdk, "in time", lines, expected.map(|(name, case)| (name, case.compatible)));
        }
    }
}
