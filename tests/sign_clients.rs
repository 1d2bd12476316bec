//! What the npm package `aliyun-api-gateway` and the PyPI package `aliyun-api-gateway-python`,
//! unmodified, sign of the requests that this crate signed, and the other way round.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod example_server;

use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::credential::{AppKey, AppSecret};
use countersign::protocol::{PathForm, SignatureMethod};
use countersign::sign::{
    DatePolicy, FormBody, SignableBody, SignableRequest, Signer, SigningInstructions, Stage,
};
use example_server::client::folder;
use example_server::driver::Driver;
use example_server::{KEY, SECRET};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

/// How many requests each client is asked about.
const REQUESTS: usize = 500;

fn npm() -> Driver {
    let mut node = Command::new("node");
    node.current_dir(folder("npm", "node_modules/aliyun-api-gateway"));
    node.args(["sign.js", KEY, SECRET]);
    Driver::start(node)
}

fn pypi() -> Driver {
    let mut python = Command::new("python3");
    python.current_dir(folder("pypi", "packages/aliyun_api_gateway"));
    python.env("PYTHONPATH", "packages").env("PYTHONUTF8", "1");
    python.args(["-B", "sign.py", KEY, SECRET]);
    Driver::start(python)
}

/// A request, and how it is to be signed.
#[derive(Clone, Debug)]
struct Sent {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
    form: Option<String>,
    options: (bool, bool, bool),
}

impl Sent {
    fn target(&self) -> String {
        match self.query.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }

    /// The headers but for the signature and its list: a client makes its own.
    fn headers(&self) -> Value {
        let made = ["x-ca-signature", "x-ca-signature-headers"];
        let pairs = self.headers.iter().filter(|(name, _)| !made.contains(&name.as_str()));
        let text = |value: &HeaderValue| std::str::from_utf8(value.as_bytes()).unwrap().into();
        Value::Object(pairs.map(|(name, value)| (name.to_string(), text(value))).collect())
    }

    fn chosen(&self) -> Vec<HeaderName> {
        let chosen = HeaderName::from_static("x-tenant");
        self.headers.contains_key(&chosen).then_some(chosen).into_iter().collect()
    }

    /// Signs it; what was signed, and the signature.
    fn sign(&mut self, signer: &Signer) -> (String, String) {
        let target = self.target().parse().unwrap();
        let body = SignableBody::Bytes(&self.body);
        let request = SignableRequest::new(&self.method, &target, &self.headers, body);
        let instructions = signer.sign(&request).unwrap();
        let text = text(&instructions);
        instructions.apply_to(&mut self.headers).unwrap();
        (text, self.headers["x-ca-signature"].to_str().unwrap().to_owned())
    }
}

fn text(instructions: &SigningInstructions) -> String {
    String::from_utf8(instructions.string_to_sign().to_vec()).unwrap()
}

/// Requests that both clients could make: texts beyond ASCII, nothing that only one of them does.
fn requests() -> impl Strategy<Value = Sent> {
    let method = prop_oneof![Just("GET"), Just("POST"), Just("PUT"), Just("DELETE"), Just("HEAD")];
    let segment = "[a-zA-Z0-9._~+@:,-]{1,6}|你好|é|a b|100%";
    let path = proptest::collection::vec(segment, 0..4);
    // Names of one kind: npm sorts by UTF-16 units.
    let parameters = || proptest::collection::btree_map("[a-zA-Z0-9_.名é-]{1,5}", value(), 0..5);
    let body =
        prop_oneof![Just(None), proptest::collection::vec(any::<u8>(), 1..30).prop_map(Some),];
    let headers = (
        proptest::option::of("[a-z/*, ;=]{0,12}"),
        proptest::option::of("[ -~]{0,12}"),
        proptest::option::of("[!-~]{1,12}|你好"),
        proptest::option::of("[ -~]{0,12}"),
    );
    let options = any::<(bool, bool, bool)>();
    (method, path, parameters(), parameters(), (any::<bool>(), body), headers, options).prop_map(
        |(method, path, query, form, (is_form, body), headers, options)| {
            let path: Vec<_> = path.iter().map(|part| escaped(part)).collect();
            let form = form.into_iter().filter(|(name, _)| !query.contains_key(name));
            let form = FormBody::new(form).into_bytes();
            let form = is_form.then(|| String::from_utf8(form).unwrap());
            let (accept, date, tenant, trace) = headers;
            let content_type = match (&form, &body) {
                (Some(_), _) => Some("application/x-www-form-urlencoded; charset=utf-8"),
                (None, Some(_)) => Some("application/octet-stream"),
                (None, None) => None,
            };
            let lines = [
                ("accept", accept.as_deref()),
                ("date", date.as_deref()),
                ("x-tenant", tenant.as_deref()),
                ("x-ca-trace", trace.as_deref()),
                ("content-type", content_type),
            ];
            let lines = lines.into_iter().filter_map(|(name, value)| Some((name, value?.trim())));
            let header = |(name, value): (&'static str, &str)| {
                (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
            };
            Sent {
                method: method.parse().unwrap(),
                path: format!("/{}", path.join("/")),
                query: String::from_utf8(FormBody::new(query).into_bytes()).unwrap(),
                headers: lines.map(header).collect(),
                body: form.clone().map(String::into_bytes).or(body).unwrap_or_default(),
                form,
                options,
            }
        },
    )
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z0-9]{0,8}", "[ +%&=?#;/'\"]{0,6}", "\\PC{0,6}", Just(String::new())]
}

/// A segment as a path carries it.
fn escaped(segment: &str) -> String {
    let kept = |byte: &u8| byte.is_ascii_alphanumeric() || b"._~+@:,-".contains(byte);
    let escape = |byte| if kept(&byte) { char::from(byte).into() } else { format!("%{byte:02X}") };
    segment.bytes().map(escape).collect()
}

/// The signer of the app that the drivers know.
fn signer() -> Signer {
    Signer::new(AppKey::new(KEY).unwrap(), AppSecret::new(SECRET).unwrap()).unwrap()
}

/// The signer that a request asks for.
fn signer_for(sent: &Sent) -> Signer {
    let (stage, date, sha_1) = sent.options;
    let mut signer = signer().with_signed_headers(sent.chosen()).unwrap();
    if stage {
        signer = signer.with_stage(Stage::Test);
    }
    if date {
        signer = signer.with_date(DatePolicy::Now);
    }
    if sha_1 {
        signer = signer.with_signature_method(SignatureMethod::HmacSha1);
    }
    signer
}

/// Some hundred requests, the same at every run.
fn sample() -> Vec<Sent> {
    let mut runner = TestRunner::deterministic();
    let requests = requests();
    (0..REQUESTS).map(|_| requests.new_tree(&mut runner).unwrap().current()).collect()
}

/// The client makes the same string and signature of a request that was signed here.
fn assert_signs_the_same(client: &mut Driver, mut sent: Sent, signer: &Signer) {
    let (text, signature) = sent.sign(signer);
    let answer = client.ask(&json!({
        "method": sent.method.as_str(),
        "path": sent.path,
        "query": sent.query,
        "headers": sent.headers(),
        "form": sent.form,
        "chosen": sent.chosen().iter().map(HeaderName::as_str).collect::<Vec<_>>(),
    }));
    let expected = json!({"string_to_sign": text, "signature": signature});
    assert_eq!(answer, expected, "{sent:?}");
}

#[test]
#[ignore = "needs node and the npm SDK: run scripts/test"]
fn the_npm_client_signs_the_same() {
    let mut npm = npm();
    for mut sent in sample() {
        // It knows SHA-256 only, and signs the path as it is sent.
        sent.options.2 = false;
        let signer = signer_for(&sent).with_path_form(PathForm::Raw);
        assert_signs_the_same(&mut npm, sent, &signer);
    }
}

#[test]
#[ignore = "needs python3 and the PyPI client: run scripts/test"]
fn the_pypi_client_signs_the_same() {
    let mut pypi = pypi();
    for sent in sample() {
        let signer = signer_for(&sent);
        assert_signs_the_same(&mut pypi, sent, &signer);
    }
}

#[test]
#[ignore = "needs python3 and the PyPI client: run scripts/test"]
fn requests_of_the_pypi_client_are_signed_the_same() {
    let mut pypi = pypi();
    let params = json!({"name": "你好", "empty": "", "text": "a b+c%", "amp": "x&y=z", "名": "é"});
    for (method, path, more) in [
        ("GET", "/", json!({})),
        ("GET", "/items?z=1", json!({"query": params})),
        ("GET", "/路/a b+c", json!({})),
        ("GET", "/items", json!({"accept": null})),
        ("POST", "/items?q=1", json!({"form": params})),
        ("PUT", "/items", json!({"json_body": {"名": [1, 2]}})),
        ("PATCH", "/items", json!({"body": "文", "content_type": "text/plain"})),
        ("POST", "/items", json!({"body": ""})),
        (
            "DELETE",
            "/items/1",
            json!({
                "headers": {"X-B": "2", "a-x": "1", "X-Ca-Stage": "TEST", "Date": "yesterday"},
                "additional_signed_headers": ["X-B", "a-x"],
            }),
        ),
    ] {
        for method_name in ["HmacSHA256", "HmacSHA1"] {
            let mut make: Map<String, Value> = more.as_object().unwrap().clone();
            make.insert("method".into(), method.into());
            make.insert("path".into(), path.into());
            make.insert("signature_method".into(), method_name.into());
            let made = pypi.ask(&json!({"make": make}));
            let mut request = Request::builder().method(method).uri(made["url"].as_str().unwrap());
            for (name, value) in made["headers"].as_object().unwrap() {
                request = request.header(name, value.as_str().unwrap());
            }
            let (head, ()) = request.body(()).unwrap().into_parts();
            let body = STANDARD.decode(made["body"].as_str().unwrap()).unwrap();
            let body = SignableBody::Bytes(&body);
            let request = SignableRequest::new(&head.method, &head.uri, &head.headers, body);
            let instructions = signer().sign_as_declared(&request).unwrap();
            assert_eq!(text(&instructions), made["string_to_sign"], "{method} {path}");
            let (name, signature) = instructions.headers().next().unwrap();
            assert_eq!(head.headers[name], signature, "{method} {path}");
        }
    }
}
