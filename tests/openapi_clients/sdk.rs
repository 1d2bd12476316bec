//! The SDKs: how a driver is run, and how each tells what a server has answered.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::example_server::client::folder;
use crate::example_server::stdout_of;

pub(crate) const KEY: &str = "LTAI5tExample";
pub(crate) const SECRET: &str = "s3cret/+=";
pub(crate) const STS_KEY: &str = "STS.Example";
pub(crate) const STS_SECRET: &str = "another/+=";
pub(crate) const STS_TOKEN: &str = "CAIS+/==token";
pub(crate) const INACTIVE_KEY: &str = "LTAI5tRetired";
pub(crate) const INACTIVE_SECRET: &str = "retired";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sdk {
    Core,
    TeaPy,
    Pop,
    TeaJs,
    /// Signs only: what is refused is another's matter.
    UtilPy,
}

/// A line of a driver.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    name: String,
    ok: bool,
    #[serde(default)]
    class: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    request_id: String,
    #[serde(default)]
    body: Value,
}

/// What a call must answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    /// What the echo says, with this method, path and number of body bytes. `None`: the body has a nonce
    /// and a signature in it, and is sometimes longer.
    Accepted(&'static str, &'static str, Option<u64>),
    /// The SDK's own error with this code, and this message or beginning of one.
    Refused(&'static str, &'static str),
    /// The SDK has an error of its own for what the server says.
    Translated(&'static str, &'static str),
}

impl Sdk {
    /// Those with errors of their own.
    pub(crate) const ALL: [Self; 4] = [Self::Core, Self::TeaPy, Self::Pop, Self::TeaJs];

    /// Runs cases, or all if none is named, against the server at `address`.
    pub(crate) fn run(self, address: &str, cases: &[&str]) -> BTreeMap<String, Line> {
        let about = json!({
            "address": address,
            "key": KEY, "secret": SECRET,
            "sts_key": STS_KEY, "sts_secret": STS_SECRET, "sts_token": STS_TOKEN,
            "inactive_key": INACTIVE_KEY, "inactive_secret": INACTIVE_SECRET,
        });
        let mut driver = self.driver();
        driver.arg(about.to_string()).args(cases).stdin(Stdio::null());
        // A proxy of the surroundings would not know the server.
        driver.env("NO_PROXY", "127.0.0.1");
        let output = stdout_of(driver.output().unwrap());
        let lines = output.lines().map(|line| serde_json::from_str::<Line>(line).unwrap());
        lines.map(|line| (line.name.clone(), line)).collect()
    }

    fn driver(self) -> Command {
        match self {
            Self::Core => python("core", "packages/aliyunsdkcore"),
            Self::TeaPy => python("tea", "packages/alibabacloud_tea_openapi"),
            Self::UtilPy => python("util", "packages/alibabacloud_openapi_util"),
            Self::Pop => node("pop", "node_modules/@alicloud/pop-core"),
            Self::TeaJs => node("tea", "node_modules/@alicloud/openapi-client"),
        }
    }

    /// The SDK's class, or name, of an error with this code.
    fn class(self, code: &str) -> String {
        match self {
            Self::Core => "aliyunsdkcore.acs_exception.exceptions.ServerException".to_owned(),
            Self::TeaPy => "alibabacloud_tea_openapi.exceptions._client.ClientException".to_owned(),
            Self::Pop => format!("{code}Error"),
            // Its `ResponseError`, which loses its class on the way to ES5: it is known by its `data`,
            // where the driver finds the request's id.
            Self::TeaJs => "Error".to_owned(),
            Self::UtilPy => "none".to_owned(),
        }
    }

    /// How the text of an error begins.
    fn text(self, scheme: &str, code: &str, message: &str) -> String {
        let status = if code.ends_with(".NotFound") { 404 } else { 400 };
        match (self, scheme) {
            (Self::Core, _) | (Self::Pop, "rpc") => message.to_owned(),
            (Self::TeaPy, _) | (Self::Pop, _) => format!("code: {status}, {message}"),
            (Self::TeaJs | Self::UtilPy, _) => format!("{code}: code: {status}, {message}"),
        }
    }

    /// Older SDKs name the action of an RPC request only.
    fn action(self, scheme: &str) -> Option<&'static str> {
        let names_none = scheme == "roa" && matches!(self, Self::Core | Self::Pop);
        (!names_none).then_some("DescribeApis")
    }
}

impl Line {
    /// Whether it says what is expected of `sdk`. A name begins with the scheme.
    pub(crate) fn is(&self, sdk: Sdk, expected: Expected) -> bool {
        let scheme = self.name.split('_').next().unwrap_or_default();
        let has_id = |id: &str| id.len() == 36 && id.split('-').count() == 5;
        match expected {
            Expected::Accepted(method, path, bytes) => {
                let mut body = self.body.clone();
                let Some(id) = body.as_object_mut().and_then(|body| body.remove("RequestId"))
                else {
                    return false;
                };
                let bytes = bytes.map_or_else(|| body["body_bytes"].clone(), Value::from);
                let answer = json!({
                    "app": "client", "method": method, "path": path, "body_bytes": bytes,
                    "scheme": scheme, "action": sdk.action(scheme), "version": "2016-07-14",
                });
                self.ok && body == answer && id.as_str().is_some_and(has_id)
            }
            Expected::Refused(code, message) => {
                let text = sdk.text(scheme, code, message);
                !self.ok
                    && (self.code.as_str(), &self.class) == (code, &sdk.class(code))
                    && self.message.starts_with(&text)
                    && has_id(&self.request_id)
            }
            Expected::Translated(code, message) => {
                !self.ok && (self.code.as_str(), self.message.as_str()) == (code, message)
            }
        }
    }
}

/// Fails with every case that did not answer what it must. Each line is a case, and each case a line.
pub(crate) fn check(
    sdk: Sdk,
    about: &str,
    mut lines: BTreeMap<String, Line>,
    cases: impl IntoIterator<Item = (String, Expected)>,
) {
    let mut wrong = Vec::new();
    for (name, expected) in cases {
        match lines.remove(&name) {
            Some(line) if line.is(sdk, expected) => {}
            other => wrong.push(format!("{name}: {expected:?}, not {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{sdk:?}, {about}:\n{}", wrong.join("\n"));
    assert!(lines.is_empty(), "{sdk:?}, {about}: nothing is expected of {:?}", lines.keys());
}

fn python(sdk: &str, installed: &str) -> Command {
    let mut python = Command::new("python3");
    python.current_dir(folder("openapi-pypi", installed));
    python.env("PYTHONPATH", "packages").env("PYTHONUTF8", "1").args(["-B", "driver.py", sdk]);
    python
}

fn node(sdk: &str, installed: &str) -> Command {
    let mut node = Command::new("node");
    node.current_dir(folder("openapi-npm", installed)).args(["driver.js", sdk]);
    node
}
