//! Real clients against the example servers: what their drivers print, and what they must.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{ExampleServer, SERVERS, stdout_of};

use Expected::{Accepted, NotSent, Refused};

/// The policy a server runs with.
#[derive(Clone, Copy, Debug)]
pub enum Policy {
    Strict,
    Gateway,
}

impl Policy {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Gateway => "gateway",
        }
    }
}

pub const EXPIRED: Expected = Refused(403, "S403TE", "X-Ca-Timestamp is expired");
pub const TWICE: Expected =
    Refused(400, "I400IP", "Invalid parameter `a` occurs twice with different values");

/// What a call must answer.
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    /// 200 with this method, path and number of body bytes.
    Accepted(&'static str, &'static str, u64),
    /// This status, code, and message or beginning of a message.
    Refused(u16, &'static str, &'static str),
    /// The client does not send it.
    NotSent(&'static str),
}

/// A case of a driver.
pub struct Case {
    name: &'static str,
    strict: Expected,
    gateway: Expected,
}

/// Both policies answer alike.
pub const fn both(name: &'static str, expected: Expected) -> Case {
    Case { name, strict: expected, gateway: expected }
}

/// They do not.
pub const fn differ(name: &'static str, strict: Expected, gateway: Expected) -> Case {
    Case { name, strict, gateway }
}

/// A line of a driver.
#[derive(Debug, Deserialize)]
struct Line {
    name: String,
    ok: bool,
    status: u16,
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    body: Value,
}

impl Line {
    fn is(&self, expected: Expected) -> bool {
        match expected {
            Accepted(method, path, bytes) => {
                let answer =
                    json!({"app": "client", "method": method, "path": path, "body_bytes": bytes});
                self.ok && self.status == 200 && self.body == answer
            }
            Refused(status, code, message) => {
                !self.ok
                    && (self.status, self.code.as_str()) == (status, code)
                    && self.message.starts_with(message)
            }
            NotSent(code) => !self.ok && (self.status, self.code.as_str()) == (0, code),
        }
    }
}

/// Runs a driver against both servers under one policy. `driver` makes its command line.
pub fn check(policy: Policy, cases: &[Case], driver: impl Fn(&ExampleServer) -> Command) {
    for name in SERVERS {
        let server = ExampleServer::with_apps(name, &["--policy", policy.as_str()]);
        let output = driver(&server).stdin(Stdio::null()).output().unwrap();
        let lines: Vec<Line> =
            stdout_of(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut lines: BTreeMap<_, _> =
            lines.into_iter().map(|line| (line.name.clone(), line)).collect();

        let mut wrong = Vec::new();
        for case in cases {
            let expected = match policy {
                Policy::Strict => case.strict,
                Policy::Gateway => case.gateway,
            };
            match lines.remove(case.name) {
                Some(line) if line.is(expected) => {}
                other => wrong.push(format!("{}: {expected:?}, not {other:?}", case.name)),
            }
        }
        assert!(wrong.is_empty(), "{name}, {policy:?}:\n{}", wrong.join("\n"));
        assert!(lines.is_empty(), "nothing is expected of {:?}", lines.keys());
    }
}

/// The folder of a driver; its client must be installed in it.
pub fn folder(driver: &str, installed: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(driver);
    let client = folder.join(installed);
    assert!(client.exists(), "{} is not there: run scripts/test", client.display());
    folder
}
