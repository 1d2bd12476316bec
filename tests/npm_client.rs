//! The npm package `aliyun-api-gateway`, unmodified, against both example servers.
//!
//! The driver in `tests/clients/npm` runs the calls; this table says what each must answer. A call
//! that strict refuses and gateway accepts is what a team must know before it turns strict on.

mod example_server;

use std::process::Command;

use example_server::client::Expected::{Accepted, NotSent, Refused};
use example_server::client::{Case, EXPIRED, Policy, TWICE, both, check, differ, folder};
use example_server::{APP_CODE, ExampleServer, KEY, SECRET};

const WRONG_SIGNATURE: &str = "Invalid Signature, Server StringToSign:`GET#application/json####\
                               x-ca-key:60022326#x-ca-nonce:";

const CASES: &[Case] = &[
    both("get", Accepted("GET", "/items", 0)),
    both("get_root", Accepted("GET", "/", 0)),
    both("get_query_in_url", Accepted("GET", "/items", 0)),
    both("get_query_option", Accepted("GET", "/items", 0)),
    both("get_data_option", Accepted("GET", "/items", 0)),
    both("get_encoded_path", Accepted("GET", "/%E8%B7%AF/a%20b+c", 0)),
    both("get_percent_path", Accepted("GET", "/100%25", 0)),
    both("get_form_type", Accepted("GET", "/items", 0)),
    // The SDK signs a list as one value joined with commas, so it never verifies.
    differ("get_repeated_parameter", TWICE, Refused(403, "A403IS", WRONG_SIGNATURE)),
    both("get_other_stage", Accepted("GET", "/items", 0)),
    both("post_form", Accepted("POST", "/items", 86)),
    both("post_form_and_query", Accepted("POST", "/items", 3)),
    differ("post_form_clash", TWICE, Accepted("POST", "/items", 3)),
    both("post_form_empty", Accepted("POST", "/items", 0)),
    both("post_json", Accepted("POST", "/items", 30)),
    both("post_json_and_query", Accepted("POST", "/items", 30)),
    both("post_text", Accepted("POST", "/items", 6)),
    both("post_bytes", Accepted("POST", "/items", 3)),
    // The SDK sends a digest with POST only: what it PUTs is unsigned.
    differ(
        "put_json",
        Refused(400, "I400MH", "Header `Content-MD5` is Required"),
        Accepted("PUT", "/items", 30),
    ),
    both("put_json_with_md5", Accepted("PUT", "/items", 30)),
    both("put_form", Accepted("PUT", "/items", 86)),
    both("delete", Accepted("DELETE", "/items/1", 0)),
    both("delete_query", Accepted("DELETE", "/items/1", 0)),
    both("signed_header", Accepted("GET", "/items", 0)),
    both("signed_header_empty", Accepted("GET", "/items", 0)),
    both("signed_header_latin_1", Refused(403, "A403IS", WRONG_SIGNATURE)),
    both("signed_header_unicode", NotSent("ERR_INVALID_CHAR")),
    both("app_code_get", Accepted("GET", "/items", 0)),
    both("app_code_post", Accepted("POST", "/items", 30)),
    both("app_code_put", Accepted("PUT", "/items", 30)),
    both("app_code_delete", Accepted("DELETE", "/items/1", 0)),
    both("wrong_app_code", Refused(401, "A401AC", "Invalid AppCode")),
    both("wrong_secret", Refused(403, "A403IS", WRONG_SIGNATURE)),
    both(
        "wrong_secret_form",
        Refused(
            403,
            "A403IS",
            "Invalid Signature, Server StringToSign:`POST#application/json##\
             application/x-www-form-urlencoded; charset=UTF-8##x-ca-key:60022326#",
        ),
    ),
    both("wrong_key", Refused(400, "A400IK", "Invalid AppKey")),
    both("stale", EXPIRED),
    both("premature", EXPIRED),
    both("malformed_timestamp", Refused(400, "I400HD", "Invalid Header `X-Ca-Timestamp` ")),
    both("wrong_md5", Refused(400, "I400I5", "Invalid Content-MD5 ")),
    both("nonce_first", Accepted("GET", "/items", 0)),
    both("nonce_again", Refused(403, "S403NU", "Nonce Used")),
    both("nonce_elsewhere", Refused(403, "S403NU", "Nonce Used")),
];

fn driver(server: &ExampleServer) -> Command {
    let mut node = Command::new("node");
    node.current_dir(folder("npm", "node_modules/aliyun-api-gateway"));
    node.args(["driver.js", &server.url, KEY, SECRET, APP_CODE]);
    node
}

#[test]
#[ignore = "needs node, the npm SDK and the example servers: run scripts/test"]
fn under_the_strict_policy() {
    check(Policy::Strict, CASES, driver);
}

#[test]
#[ignore = "needs node, the npm SDK and the example servers: run scripts/test"]
fn under_the_gateway_policy() {
    check(Policy::Gateway, CASES, driver);
}
