//! `docs/CODES.md` is generated from the catalogue, and this test is its generator:
//! `COUNTERSIGN_BLESS=1 cargo test --test code_table` writes it.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::fmt::Write;

use countersign::error::{ErrorCode, Fault};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/CODES.md");

const HEAD: &str = "\
# The documented codes

Generated from the catalogue in `src/error/code.rs` by `tests/code_table.rs`; a test keeps it true.

A code's first letter is its family: A access, B business, D back-end service, I invalid input, N
network, S security, T throttling, X internal. `Dialect::Vpc` answers the status and the message of
the second and fourth column, `Dialect::Classic` those of the last where there is one. Of `I400MH`
the classic dialect makes 401 `Empty Signature` if the missing header is `X-Ca-Signature`, and of
`I400HD` 400 `Invalid Timestamp` if the header is `X-Ca-Timestamp`.

| code | status | whose fault | message | classic |
|---|---|---|---|---|
";

fn table() -> String {
    let mut table = HEAD.to_owned();
    for code in ErrorCode::ALL {
        let fault = match code.fault() {
            Fault::Client => "caller",
            Fault::Server => "service",
        };
        let classic = code
            .classic()
            .map(|(status, text)| format!("{} {}", status.as_u16(), quoted(text)))
            .unwrap_or_default();
        let (status, message) = (code.status().as_u16(), quoted(code.template()));
        writeln!(table, "| `{code}` | {status} | {fault} | {message} | {classic} |").unwrap();
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
