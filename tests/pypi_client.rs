//! The PyPI package `aliyun-api-gateway-python`, unmodified, against both example servers.
//!
//! The driver in `tests/clients/pypi` runs the calls; this table says what each must answer. Where
//! the npm package signs the form's value of a parameter that the query has, too, this one signs the
//! query's; it digests every body, and it names SHA-1 when asked to.

mod example_server;

use std::process::Command;

use example_server::client::Expected::{Accepted, Refused};
use example_server::client::{Case, EXPIRED, Policy, TWICE, both, check, differ, folder};
use example_server::{ExampleServer, KEY, SECRET};

const CASES: &[Case] = &[
    both("get", Accepted("GET", "/items", 0)),
    both("get_root", Accepted("GET", "/", 0)),
    both("get_query", Accepted("GET", "/items", 0)),
    // It signs the path before it is encoded.
    both("get_unicode_path", Accepted("GET", "/%E8%B7%AF/a%20b+c", 0)),
    both("get_percent_path", Accepted("GET", "/100%25", 0)),
    differ("get_repeated_parameter", TWICE, Accepted("GET", "/items", 0)),
    both("get_without_accept", Accepted("GET", "/items", 0)),
    both("get_form_type", Accepted("GET", "/items", 0)),
    both("get_json", Accepted("GET", "/items", 30)),
    both("post_form", Accepted("POST", "/items", 84)),
    both("post_form_and_query", Accepted("POST", "/items", 3)),
    differ("post_form_clash", TWICE, Accepted("POST", "/items", 3)),
    both("post_json", Accepted("POST", "/items", 30)),
    both("post_empty", Accepted("POST", "/items", 0)),
    both("put_json", Accepted("PUT", "/items", 30)),
    both("put_form", Accepted("PUT", "/items", 84)),
    both("patch_bytes", Accepted("PATCH", "/items", 3)),
    both("delete", Accepted("DELETE", "/items/1", 0)),
    differ(
        "sha1",
        Refused(400, "I400HD", "Invalid Header `X-Ca-Signature-Method` is not allowed"),
        Accepted("GET", "/items", 0),
    ),
    both("signed_headers", Accepted("GET", "/items", 0)),
    both("date", Accepted("GET", "/items", 0)),
    both(
        "wrong_secret",
        Refused(
            403,
            "A403IS",
            "Invalid Signature, Server StringToSign:`GET#application/json####\
             X-Ca-Key:60022326#X-Ca-Nonce:",
        ),
    ),
    both("wrong_key", Refused(400, "A400IK", "Invalid AppKey")),
    both("stale", EXPIRED),
    both("premature", EXPIRED),
    both("nonce_first", Accepted("GET", "/items", 0)),
    both("nonce_again", Refused(403, "S403NU", "Nonce Used")),
];

fn driver(server: &ExampleServer) -> Command {
    let folder = folder("pypi", "packages/aliyun_api_gateway");
    let mut python = Command::new("python3");
    python.current_dir(folder).env("PYTHONPATH", "packages").env("PYTHONUTF8", "1");
    python.args(["-B", "driver.py", &server.url, KEY, SECRET]);
    python
}

#[test]
#[ignore = "needs python3, the PyPI client and the example servers: run scripts/test"]
fn under_the_strict_policy() {
    check(Policy::Strict, CASES, driver);
}

#[test]
#[ignore = "needs python3, the PyPI client and the example servers: run scripts/test"]
fn under_the_gateway_policy() {
    check(Policy::Gateway, CASES, driver);
}
