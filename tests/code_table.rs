//! `docs/CODES.md` is generated from the catalogues, and this test is its generator:
//! `COUNTERSIGN_BLESS=1 cargo test --test code_table` writes it.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::fmt::Write;

use countersign::error::{ErrorCode, Fault, OpenApiError, OpenApiOrigin};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/CODES.md");

const HEAD: &str = "\
# The documented codes

Generated from the catalogues in `src/error/code.rs` and `src/error/openapi/code.rs` by
`tests/code_table.rs`; a test keeps it true.

## API Gateway

A code's first letter is its family: A access, B business, D back-end service, I invalid input, N
network, S security, T throttling, X internal. `Dialect::Vpc` answers the status and the message of
the second and fourth column, `Dialect::Classic` those of the last where there is one. Of `I400MH`
the classic dialect makes 401 `Empty Signature` if the missing header is `X-Ca-Signature`, and of
`I400HD` 400 `Invalid Timestamp` if the header is `X-Ca-Timestamp`.

| code | status | whose fault | message | classic |
|---|---|---|---|---|
";

const OPENAPI_HEAD: &str = "
## OpenAPI

What answers a request with an RPC, ROA or V3 signature. The body is
`{\"RequestId\":…,\"HostId\":…,\"Code\":…,\"Message\":…}`, or the same as children of an XML root
`Error` where XML is asked for by name. `${Name}` is what the code is about: `MissingTimestamp`. The
origin is a section of the document: 3.1 servers, 3.2 API Gateway's own actions, 3.3 common to every
OpenAPI. What has none is answered by servers, and in no section; its text is this crate's.

Where sections 3.2 and 3.3 document two texts for one code, `…Value` is the variant of section 3.2
and `…Parameter` that of 3.3. `SignatureDoesNotMatch` always has the colon and the server's string,
or `not shown`, because clients look for them there; the document's own text ends before. The text
of `UnsupportedHTTPMethod` is the documented one.

| code | variant | status | whose fault | message | origin |
|---|---|---|---|---|---|
";

const fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Client => "caller",
        Fault::Server => "service",
    }
}

fn table() -> String {
    let mut table = HEAD.to_owned();
    for code in ErrorCode::ALL {
        let fault = fault(code.fault());
        let classic = code
            .classic()
            .map(|(status, text)| format!("{} {}", status.as_u16(), quoted(text)))
            .unwrap_or_default();
        let (status, message) = (code.status().as_u16(), quoted(code.template()));
        writeln!(table, "| `{code}` | {status} | {fault} | {message} | {classic} |").unwrap();
    }
    table.push_str(OPENAPI_HEAD);
    for code in OpenApiError::ALL {
        let origin = match code.origin() {
            OpenApiOrigin::Servers => "3.1",
            OpenApiOrigin::Actions => "3.2",
            OpenApiOrigin::Common => "3.3",
            OpenApiOrigin::Unlisted => "",
        };
        let (status, message) = (code.status().as_u16(), quoted(code.template()));
        let fault = fault(code.fault());
        writeln!(table, "| `{code}` | `{code:?}` | {status} | {fault} | {message} | {origin} |")
            .unwrap();
    }
    table
}

/// Some messages contain single backticks.
fn quoted(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

#[test]
fn the_published_table_is_the_catalogue() {
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        std::fs::write(PATH, table()).unwrap();
    }
    let published = std::fs::read_to_string(PATH).unwrap();
    assert_eq!(published, table(), "COUNTERSIGN_BLESS=1 cargo test --test code_table writes it");
}
