//! Tokens of implementations that are not ours: the npm package `jose` and the PyPI package `PyJWT`
//! make them, `jose` reads ours, and about nine hundred hostile ones are judged by it and by us.
//!
//! Where the two differ stands in a table here, with the reason, and in `docs/JWT.md`.

#![cfg(feature = "jwt")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod example_server;
mod support;

use std::process::{Command, Stdio};

use countersign::error::ErrorCode;
use countersign::jwt::{JwtPolicy, KeySet, TokenCarrier};
use example_server::client::folder;
use example_server::driver::Driver;
use example_server::stdout_of;
use serde::Deserialize;
use serde_json::{Value, json};
use support::{
    ALGORITHMS, NOW_SECS, TokenKey, TokenServer, assert_token_accepted, assert_token_code, claims,
    jwks, plain_get,
};

fn jose() -> Driver {
    let mut node = Command::new("node");
    node.current_dir(folder("jose", "node_modules/jose")).arg("driver.js");
    Driver::start(node)
}

fn pyjwt() -> Driver {
    let mut python = Command::new("python3");
    python.current_dir(folder("pyjwt", "packages/jwt")).env("PYTHONPATH", "packages");
    python.args(["-B", "driver.py"]);
    Driver::start(python)
}

/// One pair of JWKs for every algorithm.
fn keys(driver: &mut Driver) -> Vec<Pair> {
    let answer = driver.ask(&json!({"op": "keys"}));
    let pairs: Vec<Pair> = serde_json::from_value(answer["keys"].clone()).unwrap();
    let mut made: Vec<_> = pairs.iter().map(|pair| pair.alg.as_str()).collect();
    let mut all = ALGORITHMS;
    made.sort_unstable();
    all.sort_unstable();
    assert_eq!(made, all);
    pairs
}

fn make(driver: &mut Driver, request: &Value) -> String {
    let answer = driver.ask(request);
    answer["token"].as_str().unwrap_or_else(|| panic!("{answer} to {request}")).to_owned()
}

#[derive(Deserialize)]
struct Pair {
    alg: String,
    private: Value,
    public: Value,
}

impl Pair {
    /// The set of the public key, with these members.
    fn set(&self, members: Value) -> KeySet {
        let mut jwk = self.public.clone();
        jwk.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        KeySet::from_jwks(&jwks([jwk])).unwrap()
    }
}

/// Claims of every kind of value.
fn rich() -> Value {
    claims(json!({
        "aud": ["orders", "stock"],
        "nbf": NOW_SECS - 5,
        "text": "a \"quoted\" 你好 \u{1f600}\n",
        "number": 0.1,
        "list": [1, null, true, {"deep": [[]]}],
        "": "",
    }))
}

fn their_tokens_verify(mut driver: Driver) {
    for pair in keys(&mut driver) {
        let Pair { alg, private, .. } = &pair;
        let claims = rich();
        let request = json!({"op": "make", "alg": alg, "key": private, "claims": claims});
        for (more, members, kid) in [
            (json!({}), json!({}), None),
            (json!({"kid": "k-1"}), json!({"kid": "k-1", "alg": alg, "use": "sig"}), Some("k-1")),
            (json!({"kid": "钥匙"}), json!({"kid": "钥匙"}), Some("钥匙")),
            (json!({"header": {"typ": "at+jwt", "cty": "x"}}), json!({"kid": "any"}), Some("any")),
        ] {
            let mut request = request.clone();
            request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let token = make(&mut driver, &request);
            let server = TokenServer::new(JwtPolicy::new(), pair.set(members));
            let verified = assert_token_accepted(server.bearer(&token));
            assert_eq!(Value::from(verified.claims().clone()), claims, "{alg}");
            assert_eq!((verified.algorithm().as_str(), verified.kid()), (alg.as_str(), kid));

            // The signature is over these claims and by this key.
            let mut parts: Vec<_> = token.split('.').collect();
            let forged = support::encode(json!({"sub": "admin"}).to_string());
            parts[1] = &forged;
            assert_token_code(server.bearer(&parts.join(".")), ErrorCode::A403JT);
            let ours = TokenServer::with_key_of(alg, JwtPolicy::new());
            assert_token_code(ours.bearer(&token), ErrorCode::A403JT);
        }
    }
}

#[test]
#[ignore = "needs node and the npm package jose: run scripts/test"]
fn tokens_that_jose_makes_verify_here() {
    their_tokens_verify(jose());
}

#[test]
#[ignore = "needs python3 and the PyPI package PyJWT: run scripts/test"]
fn tokens_that_pyjwt_makes_verify_here() {
    their_tokens_verify(pyjwt());
}

/// The maker of tokens of these tests is evidence only if others can read what it makes.
#[test]
#[ignore = "needs node and the npm package jose: run scripts/test"]
fn tokens_of_these_tests_verify_in_jose() {
    let mut jose = jose();
    for algorithm in ALGORITHMS {
        let (key, claims) = (TokenKey::of(algorithm), rich());
        let token = key.token_by(algorithm, "k", &claims);
        let jwks = json!({"keys": [key.jwk(json!({"kid": "k", "alg": algorithm}))]});
        let verify = |token: &str, jwks: &Value, now: u64| json!({"op": "verify", "token": token, "jwks": jwks, "now": now});
        let answer = jose.ask(&verify(&token, &jwks, NOW_SECS));
        assert_eq!(answer, json!({"ok": true, "claims": claims}), "{algorithm}");
        let answer = jose.ask(&verify(&token, &jwks, NOW_SECS + 300));
        assert_eq!(answer, json!({"ok": false, "error": "ERR_JWT_EXPIRED"}), "{algorithm}");
        let another = TokenKey::of_another(algorithm).token_by(algorithm, "k", &claims);
        let answer = jose.ask(&verify(&another, &jwks, NOW_SECS));
        let wrong = json!({"ok": false, "error": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"});
        assert_eq!(answer, wrong, "{algorithm}");
    }
}

// -- where we differ

/// Rows that are judged differently on purpose.
struct Difference {
    /// What we answer: nothing, where we accept.
    ours: Option<ErrorCode>,
    /// Names of rows; `*` is any text, once in a name.
    rows: &'static [&'static str],
    /// As `docs/JWT.md` says it.
    why: &'static str,
}

/// What `jose` refuses and we accept: every row by its name.
const WE_ACCEPT: &[Difference] = &[
    Difference {
        ours: None,
        rows: &["Ed25519 by its own name, key says EdDSA"],
        why: "`Ed25519` is the newer name of `EdDSA` (RFC 9864), in a key as in a token.",
    },
    Difference {
        ours: None,
        rows: &[
            "kid missing, one of two keys has none",
            "kid unknown, the key has none",
            "kid unknown, another key without",
            "kid empty, key has none",
        ],
        why: "A key without `kid` is the one for tokens that name none, or one that no key has: the gateway's rule.",
    },
];

/// What we refuse and `jose` accepts.
const WE_REFUSE: &[Difference] = &[
    Difference {
        ours: Some(ErrorCode::I400JD),
        rows: &[
            "alg twice, *",
            "kid twice, *",
            "exp twice, *",
            "nbf twice, *",
            "iat twice, *",
            "iss twice",
            "sub twice",
            "aud twice",
            "jti twice",
            "an unknown claim twice",
            "an unknown claim twice, deeper",
        ],
        why: "A member that occurs twice has two meanings, and whoever reads the token next may take the other one.",
    },
    Difference {
        ours: Some(ErrorCode::I400JD),
        rows: &[
            "base64 of the header *, signed so",
            "base64 of the payload *, signed so",
            "base64 of the signature *",
            "base64 of the HS256 signature with bits left over",
            "token a line feed after",
            "token CRLF after",
            "token a space after",
        ],
        why: "base64url has one spelling of every text: no padding, no white space, no bits left over.",
    },
    Difference {
        ours: Some(ErrorCode::I400JD),
        rows: &["payload after a byte order mark", "header after a byte order mark"],
        why: "JSON begins with no byte order mark (RFC 8259 §8.1).",
    },
    Difference {
        ours: Some(ErrorCode::I400JD),
        rows: &[
            "jti with a lone surrogate",
            "* with a * surrogate escaped alone",
            "* with surrogates escaped in reverse",
            "* with a lone surrogate escaped in a name",
        ],
        why: "Half a surrogate pair is no character, and is no UTF-8 when it is forwarded or stored.",
    },
    Difference {
        ours: Some(ErrorCode::I400JD),
        rows: &[
            "exp 1e400",
            "nbf minus 1e400",
            "iat minus 1e400",
            "iat 1e400",
            "exp a huge exponent",
            "iat a huge exponent",
            "a number of many digits in a claim",
        ],
        why: "A number that no double holds is no number to compare or to forward.",
    },
    Difference {
        ours: Some(ErrorCode::I400JD),
        rows: &["* lists deep", "* objects deep"],
        why: "JSON is read to a depth of 127.",
    },
    Difference {
        ours: Some(ErrorCode::I400JD),
        rows: &[
            "header with a long member",
            "header with many members",
            "many claims",
            "a long claim",
        ],
        why: "A token has 16 KiB at most.",
    },
    Difference {
        ours: Some(ErrorCode::A403JT),
        rows: &[
            "iss a list",
            "iss a number",
            "iss null",
            "iss an object",
            "sub a number",
            "sub null",
            "sub a list",
            "aud a number",
            "aud a list of numbers",
            "aud a list with a list",
            "aud null",
            "aud an object",
            "jti a number",
            "jti null",
            "jti true",
            "jti a list",
            "jti an object",
        ],
        why: "A registered claim of another type is refused, whether or not the policy asks for it.",
    },
    Difference {
        ours: Some(ErrorCode::A403JT),
        rows: &[
            "iat 2^*",
            "iat the highest *",
            "iat a hundred digits",
            "iat 1e308",
            "iat the year 10000",
            "iat milliseconds",
            "iat now + *",
            "iat ten years ahead",
            "iat after exp",
        ],
        why: "A token that is issued in the future is refused: `iat` bounds its age, and how long its `jti` is kept.",
    },
    Difference {
        ours: Some(ErrorCode::A403JT),
        rows: &["crit of b64 true", "crit of b64 twice"],
        why: "No header extension is understood, `b64` included, so none may be critical.",
    },
    Difference {
        ours: Some(ErrorCode::A403JK),
        rows: &["kid missing, named keys of different kinds"],
        why: "Where every key has a name, a token names one; the algorithm does not choose the key.",
    },
    Difference {
        ours: Some(ErrorCode::I400JP),
        rows: &["kid missing, keys of different kinds", "kid of two keys of different kinds"],
        why: "In a configuration no two keys share a name, or the lack of one.",
    },
    Difference {
        ours: Some(ErrorCode::I400JP),
        rows: &["every key in one set"],
        why: "A set has secrets or public keys, not both.",
    },
    Difference {
        ours: Some(ErrorCode::I400JP),
        rows: &[
            "set with a key of unknown type first",
            "set with an empty object first",
            "set with a broken RSA key first",
        ],
        why: "A key that cannot work spoils a configuration that somebody writes; it is left out of a set that somebody else publishes.",
    },
    Difference {
        ours: Some(ErrorCode::I400JP),
        rows: &["set with a padded x", "set with a zero before x"],
        why: "A coordinate has one spelling (RFC 7518 §6.2.1.2).",
    },
    Difference {
        ours: Some(ErrorCode::I400JP),
        rows: &["set with an RSA key where everything is its signature"],
        why: "An RSA exponent is odd and not 1.",
    },
    Difference {
        ours: Some(ErrorCode::I400JP),
        rows: &["HS256, secret of * bytes in the set", "HS512, secret of 32 bytes in the set"],
        why: "A secret is at least as long as its hash (RFC 7518 §3.2).",
    },
];

/// What `docs/JWT.md` says that both accept or refuse.
const AGREED: &[(&str, bool)] = &[
    ("typ a number", true),
    ("header with cty a number", true),
    ("our own key in jwk", true),
    ("attacker's key in jwk", false),
    ("attacker's key at jku", false),
    ("attacker's key at x5u", false),
    ("attacker's key in x5c", false),
    ("kid a number, key has it as a string", false),
    ("set with a zero before n", true),
    ("set with an RSA key of 2047 bits", false),
    ("set with an Ed25519 key of small order", true),
    ("Exp, upper case, past", true),
];

/// Whether `name` fits a pattern; each `*` stands for any text.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = name.strip_prefix(parts.next().unwrap()) else { return false };
    let mut rest = rest;
    let mut last = None;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = Some(part);
    }
    match last {
        Some(last) => name.ends_with(last),
        None => rest.is_empty(),
    }
}

#[test]
fn a_pattern_is_a_name_with_gaps() {
    for (pattern, name, expected) in [
        ("a", "a", true),
        ("a", "ab", false),
        ("a*", "ab", true),
        ("*b", "ab", true),
        ("*b", "abc", false),
        ("a*c", "abc", true),
        ("* with a * x", "p with a q x", true),
        ("* with a * x", "p with q x", false),
    ] {
        assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
    }
}

#[derive(Deserialize)]
struct Row {
    name: String,
    token: String,
    jwks: Value,
    now: u64,
    jose: Theirs,
}

#[derive(Deserialize)]
struct Theirs {
    ok: bool,
    claims: Option<String>,
    error: Option<String>,
}

impl Row {
    /// What we say: the claims, or the code of the refusal.
    fn ours(&self) -> Result<Value, ErrorCode> {
        let keys = KeySet::from_jwks(&self.jwks.to_string()).map_err(|error| error.code())?;
        self.by(keys)
    }

    /// In the query every byte can be written, and none is trimmed.
    fn by(&self, keys: KeySet) -> Result<Value, ErrorCode> {
        let policy = JwtPolicy::new().with_carrier(TokenCarrier::Query("t".to_owned()));
        // A request target has an end; a token that is too long is too long when it is shorter, too.
        let shown = self.token.as_bytes();
        let shown = shown.get(..JwtPolicy::MAX_TOKEN + 1).unwrap_or(shown);
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let written: String = shown
            .iter()
            .map(|byte| match is_plain(byte) {
                true => char::from(*byte).to_string(),
                false => format!("%{byte:02X}"),
            })
            .collect();
        let server = TokenServer::new(policy, keys).at(self.now);
        match server.verify(&plain_get(&format!("/?t={written}"))) {
            Ok(Some(verified)) => Ok(verified.claims().clone().into()),
            Ok(None) => panic!("an absent token is refused"),
            Err(rejection) => Err(rejection.code()),
        }
    }
}

/// JSON has one kind of number; Rust and JavaScript have others.
fn as_doubles(value: &Value) -> Value {
    match value {
        // A zero has no sign that anybody asks for.
        Value::Number(number) => json!(number.as_f64().unwrap() + 0.0),
        Value::Array(list) => list.iter().map(as_doubles).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), as_doubles(value))).collect()
        }
        other => other.clone(),
    }
}

fn differential() -> Vec<Row> {
    let mut node = Command::new("node");
    node.current_dir(folder("jose", "node_modules/jose")).arg("differential.js");
    let lines = stdout_of(node.stdin(Stdio::null()).output().unwrap());
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
#[ignore = "needs node and the npm package jose: run scripts/test"]
fn jose_and_we_judge_alike_but_for_what_is_meant_to_differ() {
    let rows = differential();
    assert!(rows.len() > 880, "{} rows", rows.len());
    let mut wrong = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    let mut alike = [0, 0];
    for row in &rows {
        let ours = row.ours();
        let name = &row.name;
        if ours.is_ok() == row.jose.ok {
            alike[usize::from(row.jose.ok)] += 1;
            if let (Ok(ours), Some(theirs)) = (&ours, &row.jose.claims) {
                let theirs: Value = serde_json::from_str(theirs).unwrap();
                if as_doubles(ours) != as_doubles(&theirs) {
                    wrong.push(format!("{name}: {ours} and not {theirs}"));
                }
            }
            continue;
        }
        let table = if ours.is_ok() { WE_ACCEPT } else { WE_REFUSE };
        let code = ours.err();
        let mut named: Vec<&str> = Vec::new();
        for difference in table.iter().filter(|difference| difference.ours == code) {
            named.extend(difference.rows.iter().filter(|pattern| fits(pattern, name)));
        }
        match named[..] {
            [one] => seen.push(one),
            _ => wrong.push(format!("{name}: {code:?}, {named:?}, jose says {:?}", row.jose.error)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (name, accepted) in AGREED {
        let row = rows.iter().find(|row| row.name == *name).expect(name);
        assert_eq!((row.jose.ok, row.ours().is_ok()), (*accepted, *accepted), "{name}");
    }
    for pattern in WE_ACCEPT.iter().chain(WE_REFUSE).flat_map(|difference| difference.rows) {
        assert!(seen.contains(pattern), "no row differs by {pattern:?} any more");
    }
    println!("{alike:?} refused and accepted by both, {} differ", seen.len());
    assert!(alike[0] > 500 && alike[1] > 120, "{alike:?}");
}

#[test]
#[ignore = "needs node and the npm package jose: run scripts/test"]
fn where_others_publish_the_set_one_bad_key_spoils_nothing_as_with_jose() {
    let rows = differential();
    let mut judged = 0;
    for row in rows.iter().filter(|row| row.name.starts_with("set with a")) {
        let names =
            ["a key of unknown type first", "an empty object first", "a broken RSA key first"];
        if names.iter().any(|name| row.name.ends_with(name)) {
            assert!(row.jose.ok, "{}", row.name);
            let (keys, left_out) =
                KeySet::from_published_jwks(row.jwks.to_string().as_bytes()).unwrap();
            assert_eq!(left_out.len(), 1, "{}", row.name);
            assert!(row.by(keys).is_ok(), "{}", row.name);
            judged += 1;
        }
    }
    assert_eq!(judged, 3);
}

#[test]
fn every_difference_is_in_the_documentation() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/JWT.md");
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for difference in WE_ACCEPT.iter().chain(WE_REFUSE) {
        assert!(text.contains(difference.why), "docs/JWT.md does not say: {}", difference.why);
        if let Some(code) = difference.ours {
            assert!(text.contains(&format!("| {} | `{code}` |", difference.why)), "{code}");
        }
    }
}
