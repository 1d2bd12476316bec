//! All cases against both example servers, with `--openapi`.

use crate::cases;
use crate::example_server::{ExampleServer, SERVERS};
use crate::sdk::{Expected, Sdk, check};
use crate::server::apps_file;

fn under(policy: &str, sdk: Sdk, expected: impl Fn(cases::Case) -> Expected) {
    for name in SERVERS {
        let apps = apps_file().to_str().unwrap();
        let args = ["--openapi", "--apps", apps, "--policy", policy];
        let server = ExampleServer::start(name, &args);
        let lines = sdk.run(server.address(), &[]);
        let cases = cases::of(sdk).into_iter().map(|(name, case)| (name, expected(case)));
        check(sdk, &format!("{name}, {policy}"), lines, cases);
    }
}

fn under_both(sdk: Sdk) {
    under("strict", sdk, |case| case.strict);
    under("gateway", sdk, |case| case.compatible);
}

#[test]
#[ignore = "needs python3, the PyPI SDK and the example servers: run scripts/test"]
fn the_older_python_sdk_is_answered_under_both_policies() {
    under_both(Sdk::Core);
}

#[test]
#[ignore = "needs python3, the PyPI SDK and the example servers: run scripts/test"]
fn the_newer_python_sdk_is_answered_under_both_policies() {
    under_both(Sdk::TeaPy);
}

#[test]
#[ignore = "needs node, the npm SDK and the example servers: run scripts/test"]
fn the_older_npm_sdk_is_answered_under_both_policies() {
    under_both(Sdk::Pop);
}

#[test]
#[ignore = "needs node, the npm SDK and the example servers: run scripts/test"]
fn the_newer_npm_sdk_is_answered_under_both_policies() {
    under_both(Sdk::TeaJs);
}

#[test]
#[ignore = "needs python3, the PyPI SDK and the example servers: run scripts/test"]
fn the_signatures_of_older_generated_sdks_are_verified_under_both_policies() {
    under_both(Sdk::UtilPy);
}
