//! The order of the checks: every documented fault alone, then every pair of faults, of which the
//! earlier one must answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use countersign::clock::UnixMillis;
use countersign::credential::{App, AppCode, Availability};
use countersign::error::{ErrorCode, Rejection};
use countersign::store::{Claim, Claimed, ReplayStore, StoreError};
use countersign::verify::{
    AppCodeCarriers, Limits, Mechanism, Policy, UnknownKey, Verified, authorize_fn,
};
use support::{
    APP_CODE, Call, KEY, NOW, SECRET, Server, WINDOW_MILLIS, Wire, answered, assert_accepted,
    demo_app, md5_base64,
};

/// A request and its server, into which faults are put.
struct Scenario {
    policy: Policy,
    app: App,
    call: Call,
    digest: Digest,
    credential: Presents,
    tampering: Vec<fn(Wire) -> Wire>,
    circumstances: Vec<fn(&Server, &Wire)>,
    authorizer_answers: Option<ErrorCode>,
    /// The window ends while the request is authorized.
    slow: bool,
}

/// What the client says about its body.
#[derive(Clone, Copy)]
enum Digest {
    Right,
    Wrong,
    Malformed,
    Absent,
}

/// How the client authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presents {
    Signature,
    AppCode,
}

/// The kind of request into which faults are put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    Json,
    Form,
}

impl Scenario {
    fn new(policy: Policy, base: Base, credential: Presents) -> Self {
        let call = Call::post("/orders?a=1");
        let call = match base {
            Base::Json => call.header("content-type", "application/json").body("{}"),
            Base::Form => call.form("b=2&c=3"),
        };
        Self {
            policy,
            app: demo_app("demo", KEY).with_app_code(AppCode::new(APP_CODE).unwrap()),
            call,
            digest: Digest::Right,
            credential,
            tampering: Vec::new(),
            circumstances: Vec::new(),
            authorizer_answers: None,
            slow: false,
        }
    }

    fn call(&mut self, change: impl FnOnce(Call) -> Call) {
        self.call = change(self.call.clone());
    }

    fn limits(&mut self, change: impl FnOnce(Limits) -> Limits) {
        let limits = change(*self.policy.limits());
        self.policy = self.policy.clone().with_limits(limits);
    }

    fn run(self) -> (Result<Verified, Rejection>, Server) {
        let digest = self.digest;
        let call = self.call.change(|wire| match digest {
            Digest::Right => {
                let md5 = md5_base64(&wire.body);
                wire.with("content-md5", md5)
            }
            Digest::Wrong => wire.with("content-md5", md5_base64(b"another body")),
            Digest::Malformed => wire.with("content-md5", "d41d8cd98f00b204e9800998ecf8427e"),
            Digest::Absent => wire,
        });
        let signed = match self.credential {
            Presents::Signature => call.sign(),
            Presents::AppCode => call.with_app_code(APP_CODE),
        };
        let wire = self.tampering.into_iter().fold(signed, |wire, tamper| tamper(wire));
        let server = Server::with_apps(self.policy, [self.app]);
        let (clock, slow, answer) = (Arc::clone(&server.clock), self.slow, self.authorizer_answers);
        let server = server.authorizer(authorize_fn(move |_, _| {
            if slow {
                clock.advance(Duration::from_millis(WINDOW_MILLIS + 1));
            }
            answer.map_or(Ok(()), |code| Err(code.into()))
        }));
        for happens in self.circumstances {
            happens(&server, &wire);
        }
        (server.verify(&wire), server)
    }
}

/// One fault.
struct Fault {
    /// The step of the verifier that finds it.
    step: u8,
    /// Its place in the order; of two faults with one place either may answer.
    place: u8,
    name: &'static str,
    code: ErrorCode,
    /// The whole message; empty for `A403IS`, which shows the string to sign.
    message: &'static str,
    scope: Scope,
    /// What the fault changes: two faults that change the same cannot come together.
    touches: &'static [&'static str],
    happens: fn(&mut Scenario),
}

/// Where a fault is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Under both policies and for any body.
    Everywhere,
    /// Under the strict policy.
    Strict,
    /// Under both, for this kind of body.
    Body(Base),
    /// Under the strict policy, for this kind of body.
    StrictBody(Base),
}

impl Scope {
    fn includes(self, rules: Rules, base: Base) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Strict => rules == Rules::Strict,
            Self::Body(only) => only == base,
            Self::StrictBody(only) => rules == Rules::Strict && only == base,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rules {
    Strict,
    Gateway,
}

impl Rules {
    fn policy(self) -> Policy {
        match self {
            Self::Strict => Policy::strict(),
            Self::Gateway => Policy::gateway_compatible(),
        }
    }
}

const UNSIGNED_TIMESTAMP: &str =
    "Invalid Header `X-Ca-Timestamp` is not among X-Ca-Signature-Headers";
const UNSIGNED_NONCE: &str = "Invalid Header `X-Ca-Nonce` is not among X-Ca-Signature-Headers";
const UNSIGNED_KEY: &str = "Invalid Header `X-Ca-Key` is not among X-Ca-Signature-Headers";

/// The faults of a signed request, in the order of the checks.
#[rustfmt::skip]
const SIGNED: &[Fault] = &[
    Fault { step: 1, place: 1, name: "target over max_uri", code: ErrorCode::I413UL,
        message: "Request URL too Large", scope: Scope::Everywhere, touches: &[],
        happens: |s| s.limits(|limits| limits.with_max_uri(4)) },

    Fault { step: 1, place: 2, name: "no credential", code: ErrorCode::A400MA,
        message: "Need authorization, `X-Ca-Key` or `Authorization: APPCODE ...` is required",
        scope: Scope::Everywhere, touches: &["key", "signature", "app code"],
        happens: |s| s.tampering.push(|wire| wire.without("x-ca-key").without("x-ca-signature")) },

    Fault { step: 1, place: 3, name: "security header twice", code: ErrorCode::I400HD,
        message: "Invalid Header `Authorization` occurs more than once",
        scope: Scope::Everywhere, touches: &["authorization"],
        happens: |s| s.tampering.push(|wire| wire.and("authorization", "Basic YTpi").and("authorization", "Basic YTpi")) },
    Fault { step: 1, place: 3, name: "two different AppCodes", code: ErrorCode::I400HD,
        message: "Invalid Header `Authorization` differs from another AppCode",
        scope: Scope::Everywhere, touches: &["authorization", "app code", "target"],
        happens: |s| {
            s.policy = s.policy.clone().with_app_code(AppCodeCarriers::HeaderAndQuery);
            s.call(|call| call.change(|wire| wire.to("/orders?a=1&AppCode=one")));
            s.tampering.push(|wire| wire.and("authorization", "APPCODE other"));
        } },

    Fault { step: 1, place: 4, name: "signature without key", code: ErrorCode::I400MH,
        message: "Header `X-Ca-Key` is Required", scope: Scope::Everywhere, touches: &["key"],
        happens: |s| s.tampering.push(|wire| wire.without("x-ca-key")) },
    Fault { step: 1, place: 4, name: "key without signature", code: ErrorCode::I400MH,
        message: "Header `X-Ca-Signature` is Required", scope: Scope::Everywhere, touches: &["signature", "app code"],
        happens: |s| s.tampering.push(|wire| wire.without("x-ca-signature")) },

    Fault { step: 1, place: 5, name: "unknown signature method", code: ErrorCode::I400HD,
        message: "Invalid Header `X-Ca-Signature-Method` is neither HmacSHA256 nor HmacSHA1",
        scope: Scope::Everywhere, touches: &["method"],
        happens: |s| s.call(|call| call.header("x-ca-signature-method", "HmacMD5")) },
    Fault { step: 1, place: 5, name: "signature method not allowed", code: ErrorCode::I400HD,
        message: "Invalid Header `X-Ca-Signature-Method` is not allowed: use HmacSHA256",
        scope: Scope::Strict, touches: &["method"],
        happens: |s| s.call(Call::hmac_sha1) },
    Fault { step: 1, place: 5, name: "malformed timestamp", code: ErrorCode::I400HD,
        message: "Invalid Header `X-Ca-Timestamp` is not a number of milliseconds since 1970",
        scope: Scope::Everywhere, touches: &["timestamp"],
        happens: |s| s.call(|call| call.timestamp("yesterday")) },
    Fault { step: 1, place: 5, name: "nonce too long", code: ErrorCode::I400HD,
        message: "Invalid Header `X-Ca-Nonce` is longer than 256 bytes",
        scope: Scope::Everywhere, touches: &["nonce"],
        happens: |s| s.call(|call| call.nonce([b'n'; 257])) },
    Fault { step: 1, place: 5, name: "key too long", code: ErrorCode::I400HD,
        message: "Invalid Header `X-Ca-Key` is longer than 128 bytes",
        scope: Scope::Everywhere, touches: &["key"],
        happens: |s| s.call(|call| call.key(&"9".repeat(129), SECRET)) },
    Fault { step: 1, place: 5, name: "declared name that is no token", code: ErrorCode::I400HD,
        message: "Invalid Header `X-Ca-Signature-Headers` declares a name that is no header name",
        scope: Scope::Everywhere, touches: &["declared"],
        happens: |s| s.tampering.push(|wire| wire.with("x-ca-signature-headers", "X-Ca-Key,/x")) },
    Fault { step: 1, place: 5, name: "65 declared names", code: ErrorCode::I400HD,
        message: "Invalid Header `X-Ca-Signature-Headers` declares more than 64 headers",
        scope: Scope::Everywhere, touches: &["declared"],
        happens: |s| for n in 0..65 { s.call(|call| call.declare(&format!("X-{n}"))) } },
    Fault { step: 1, place: 5, name: "1,001 parameters", code: ErrorCode::I400HD,
        message: "Invalid Header `X-Ca-Signature` covers more than 1000 parameters",
        scope: Scope::Everywhere, touches: &["target"],
        happens: |s| s.call(|call| call.change(|wire| wire.to(&format!("/orders?{}", "a&".repeat(1001))))) },
    Fault { step: 1, place: 5, name: "signed header with two values", code: ErrorCode::I400HD,
        message: "Invalid Header `X-User` is signed and has more than one value",
        scope: Scope::Strict, touches: &[],
        happens: |s| {
            s.call(|call| call.signed_header("X-User", "a"));
            s.tampering.push(|wire| wire.and("x-user", "root"));
        } },
    Fault { step: 1, place: 5, name: "unsigned X-Ca-Signed-Content-Type", code: ErrorCode::I400HD,
        message: "Invalid Header `X-Ca-Signed-Content-Type` is not among X-Ca-Signature-Headers",
        scope: Scope::Strict, touches: &[],
        happens: |s| s.call(|call| call.header("x-ca-signed-content-type", "application/json")) },

    Fault { step: 1, place: 6, name: "no timestamp", code: ErrorCode::I400MH,
        message: "Header `X-Ca-Timestamp` is Required", scope: Scope::Strict, touches: &["timestamp"],
        happens: |s| s.call(|call| call.without("x-ca-timestamp")) },
    Fault { step: 1, place: 7, name: "no nonce", code: ErrorCode::I400NC,
        message: "X-Ca-Nonce is required", scope: Scope::Strict, touches: &["nonce"],
        happens: |s| s.call(|call| call.without("x-ca-nonce")) },
    Fault { step: 1, place: 8, name: "body without Content-MD5", code: ErrorCode::I400MH,
        message: "Header `Content-MD5` is Required", scope: Scope::StrictBody(Base::Json), touches: &["digest"],
        happens: |s| s.digest = Digest::Absent },

    Fault { step: 1, place: 9, name: "unsigned key", code: ErrorCode::I400HD,
        message: UNSIGNED_KEY, scope: Scope::Strict, touches: &["declared"],
        happens: |s| s.call(|call| call.undeclare("x-ca-key")) },
    Fault { step: 1, place: 9, name: "unsigned timestamp", code: ErrorCode::I400HD,
        message: UNSIGNED_TIMESTAMP, scope: Scope::Strict, touches: &["declared", "timestamp"],
        happens: |s| s.call(|call| call.undeclare("x-ca-timestamp")) },
    Fault { step: 1, place: 9, name: "unsigned nonce", code: ErrorCode::I400HD,
        message: UNSIGNED_NONCE, scope: Scope::Strict, touches: &["declared", "nonce"],
        happens: |s| s.call(|call| call.undeclare("x-ca-nonce")) },

    Fault { step: 1, place: 10, name: "malformed Content-MD5", code: ErrorCode::I400I5,
        message: "Invalid Content-MD5 is not the base64 of 16 bytes",
        scope: Scope::Everywhere, touches: &["digest"],
        happens: |s| s.digest = Digest::Malformed },

    Fault { step: 1, place: 11, name: "declared length over the limit", code: ErrorCode::I413RL,
        message: "Request body too Large", scope: Scope::Everywhere, touches: &["length"],
        happens: |s| s.limits(|limits| limits.with_max_body(1)) },

    Fault { step: 1, place: 12, name: "polluted query", code: ErrorCode::I400IP,
        message: "Invalid parameter `a` occurs twice with different values",
        scope: Scope::Strict, touches: &["target"],
        happens: |s| s.call(|call| call.change(|wire| wire.to("/orders?a=1&a=2"))) },
    Fault { step: 1, place: 12, name: "ambiguous name in the query", code: ErrorCode::I400IP,
        message: "Invalid parameter `a&b` has a name that reads as other parameters once decoded",
        scope: Scope::Strict, touches: &["target"],
        happens: |s| s.call(|call| call.change(|wire| wire.to("/orders?a%26b=1"))) },

    Fault { step: 2, place: 13, name: "unknown key", code: ErrorCode::A400IK,
        message: "Invalid AppKey", scope: Scope::Everywhere, touches: &["key"],
        happens: |s| s.call(|call| call.key("203719999", SECRET)) },
    Fault { step: 2, place: 13, name: "credential store down", code: ErrorCode::X503BZ,
        message: "Service Busy", scope: Scope::Everywhere, touches: &[],
        happens: |s| s.circumstances.push(|server, _| server.credentials.go_down()) },

    Fault { step: 3, place: 14, name: "stale timestamp", code: ErrorCode::S403TE,
        message: "X-Ca-Timestamp is expired", scope: Scope::Everywhere, touches: &["timestamp"],
        happens: |s| s.call(|call| call.timestamp(NOW - WINDOW_MILLIS - 1)) },
    Fault { step: 3, place: 14, name: "timestamp of the future", code: ErrorCode::S403TE,
        message: "X-Ca-Timestamp is expired", scope: Scope::Everywhere, touches: &["timestamp"],
        happens: |s| s.call(|call| call.timestamp(NOW + WINDOW_MILLIS + 1)) },

    Fault { step: 4, place: 15, name: "form over max_form on arrival", code: ErrorCode::I413RL,
        message: "Request body too Large", scope: Scope::Body(Base::Form), touches: &["length"],
        happens: |s| {
            s.limits(|limits| limits.with_max_form(1));
            s.tampering.push(Wire::chunked);
        } },
    Fault { step: 4, place: 16, name: "1,001 parameters with the form", code: ErrorCode::I400HD,
        message: "Invalid Header `X-Ca-Signature` covers more than 1000 parameters",
        scope: Scope::Body(Base::Form), touches: &["body"],
        happens: |s| s.call(|call| call.body("a&".repeat(1001))) },
    Fault { step: 4, place: 17, name: "polluted form", code: ErrorCode::I400IP,
        message: "Invalid parameter `b` occurs twice with different values",
        scope: Scope::StrictBody(Base::Form), touches: &["body"],
        happens: |s| s.call(|call| call.body("b=2&b=3")) },
    Fault { step: 4, place: 17, name: "pollution across query and form", code: ErrorCode::I400IP,
        message: "Invalid parameter `a` occurs twice with different values",
        scope: Scope::StrictBody(Base::Form), touches: &["body", "target"],
        happens: |s| s.call(|call| call.body("a=2")) },
    Fault { step: 4, place: 18, name: "wrong signature", code: ErrorCode::A403IS,
        message: "", scope: Scope::Everywhere, touches: &["signature"],
        happens: |s| s.tampering.push(|wire| wire.with("x-ca-signature", "2g9amlIqrQt6rBh8+h2OyU8LqNpmXXcFq8xaRSgK2MI=")) },

    Fault { step: 5, place: 19, name: "authorization expired", code: ErrorCode::A403EP,
        message: "App authorization expired", scope: Scope::Everywhere, touches: &[],
        happens: |s| s.app = s.app.clone().with_expiry(UnixMillis::new(NOW)) },
    Fault { step: 5, place: 20, name: "app disabled", code: ErrorCode::A403PR,
        message: "Plugin Authorization Needed", scope: Scope::Everywhere, touches: &[],
        happens: |s| s.app = s.app.clone().with_availability(Availability::Disabled) },
    Fault { step: 5, place: 21, name: "authorizer refuses", code: ErrorCode::B403MQ,
        message: "Api Market Subscription quota exhausted", scope: Scope::Everywhere, touches: &[],
        happens: |s| s.authorizer_answers = Some(ErrorCode::B403MQ) },

    Fault { step: 6, place: 22, name: "body over max_body on arrival", code: ErrorCode::I413RL,
        message: "Request body too Large", scope: Scope::Body(Base::Json), touches: &["length"],
        happens: |s| {
            s.limits(|limits| limits.with_max_body(1));
            s.tampering.push(Wire::chunked);
        } },
    Fault { step: 6, place: 23, name: "Content-MD5 of another body", code: ErrorCode::I400I5,
        message: "Invalid Content-MD5 is not the digest of the body",
        scope: Scope::Everywhere, touches: &["digest"],
        happens: |s| s.digest = Digest::Wrong },

    Fault { step: 7, place: 24, name: "window ended meanwhile", code: ErrorCode::S403TE,
        message: "X-Ca-Timestamp is expired", scope: Scope::Everywhere, touches: &["timestamp"],
        happens: |s| s.slow = true },
    Fault { step: 7, place: 25, name: "nonce used", code: ErrorCode::S403NU,
        message: "Nonce Used", scope: Scope::Everywhere, touches: &["nonce"],
        happens: |s| s.circumstances.push(|server, wire| {
            let claim = Claim::new("default", KEY, wire.header("x-ca-nonce"), UnixMillis::MAX);
            assert_eq!(answered(server.replay.claim(claim)).unwrap(), Claimed::Fresh);
        }) },
    Fault { step: 7, place: 25, name: "replay store down", code: ErrorCode::X503BZ,
        message: "Service Busy", scope: Scope::Everywhere, touches: &["nonce"],
        happens: |s| s.circumstances.push(|server, _| server.replay.fail_with(StoreError::unavailable("away"))) },
    Fault { step: 7, place: 25, name: "signed before the store's memory begins", code: ErrorCode::S403TE,
        message: "X-Ca-Timestamp is expired", scope: Scope::Strict, touches: &["nonce", "timestamp"],
        happens: |s| s.circumstances.push(|server, _| server.replay.restart(UnixMillis::new(NOW + 1))) },
];

/// The faults of a request with an AppCode, in the order of the checks.
#[rustfmt::skip]
const APP_CODED: &[Fault] = &[
    Fault { step: 1, place: 1, name: "target over max_uri", code: ErrorCode::I413UL,
        message: "Request URL too Large", scope: Scope::Everywhere, touches: &[],
        happens: |s| s.limits(|limits| limits.with_max_uri(4)) },
    Fault { step: 1, place: 2, name: "AppCodes not accepted", code: ErrorCode::A400MA,
        message: "Need authorization, `X-Ca-Key` or `Authorization: APPCODE ...` is required",
        scope: Scope::Everywhere, touches: &["app code"],
        happens: |s| s.policy = s.policy.clone().with_app_code(AppCodeCarriers::Disabled) },
    Fault { step: 1, place: 3, name: "two different AppCodes", code: ErrorCode::I400HD,
        message: "Invalid Header `Authorization` differs from another AppCode",
        scope: Scope::Everywhere, touches: &["app code"],
        happens: |s| {
            s.policy = s.policy.clone().with_app_code(AppCodeCarriers::HeaderAndQuery);
            s.call(|call| call.change(|wire| wire.to("/orders?AppCode=other")));
        } },
    Fault { step: 1, place: 3, name: "AppCode twice", code: ErrorCode::I400HD,
        message: "Invalid Header `Authorization` occurs more than once",
        scope: Scope::Everywhere, touches: &["app code"],
        happens: |s| s.tampering.push(|wire| wire.and("authorization", format!("APPCODE {APP_CODE}"))) },
    Fault { step: 1, place: 4, name: "malformed Content-MD5", code: ErrorCode::I400I5,
        message: "Invalid Content-MD5 is not the base64 of 16 bytes",
        scope: Scope::Everywhere, touches: &["digest"],
        happens: |s| s.digest = Digest::Malformed },
    Fault { step: 1, place: 5, name: "declared length over the limit", code: ErrorCode::I413RL,
        message: "Request body too Large", scope: Scope::Everywhere, touches: &["length"],
        happens: |s| s.limits(|limits| limits.with_max_body(1)) },
    Fault { step: 2, place: 6, name: "unknown AppCode", code: ErrorCode::A401AC,
        message: "Invalid AppCode", scope: Scope::Everywhere, touches: &["app code"],
        happens: |s| s.tampering.push(|wire| wire.with("authorization", "APPCODE unknown")) },
    Fault { step: 2, place: 6, name: "credential store down", code: ErrorCode::X503BZ,
        message: "Service Busy", scope: Scope::Everywhere, touches: &[],
        happens: |s| s.circumstances.push(|server, _| server.credentials.go_down()) },
    Fault { step: 5, place: 7, name: "authorization expired", code: ErrorCode::A403EP,
        message: "App authorization expired", scope: Scope::Everywhere, touches: &[],
        happens: |s| s.app = s.app.clone().with_expiry(UnixMillis::new(NOW)) },
    Fault { step: 5, place: 8, name: "app disabled", code: ErrorCode::A403PR,
        message: "Plugin Authorization Needed", scope: Scope::Everywhere, touches: &[],
        happens: |s| s.app = s.app.clone().with_availability(Availability::Disabled) },
    Fault { step: 5, place: 9, name: "authorizer refuses", code: ErrorCode::B403MQ,
        message: "Api Market Subscription quota exhausted", scope: Scope::Everywhere, touches: &[],
        happens: |s| s.authorizer_answers = Some(ErrorCode::B403MQ) },
    Fault { step: 6, place: 10, name: "body over max_body on arrival", code: ErrorCode::I413RL,
        message: "Request body too Large", scope: Scope::Everywhere, touches: &["length"],
        happens: |s| {
            s.limits(|limits| limits.with_max_body(1));
            s.tampering.push(Wire::chunked);
        } },
    Fault { step: 6, place: 11, name: "Content-MD5 of another body", code: ErrorCode::I400I5,
        message: "Invalid Content-MD5 is not the digest of the body",
        scope: Scope::Everywhere, touches: &["digest"],
        happens: |s| s.digest = Digest::Wrong },
];

const RULES: [Rules; 2] = [Rules::Strict, Rules::Gateway];
const BASES: [Base; 2] = [Base::Json, Base::Form];

/// The faults, with the credential of the request into which they are put.
const TABLES: [(Presents, &[Fault]); 2] =
    [(Presents::Signature, SIGNED), (Presents::AppCode, APP_CODED)];

/// Every table under every policy and for every body.
fn every_table(mut look: impl FnMut(&dyn Fn() -> Scenario, &[&Fault], (Presents, Rules, Base))) {
    for (presents, table) in TABLES {
        for rules in RULES {
            for base in BASES {
                let faults: Vec<_> =
                    table.iter().filter(|fault| fault.scope.includes(rules, base)).collect();
                let scenario = || Scenario::new(rules.policy(), base, presents);
                look(&scenario, &faults, (presents, rules, base));
            }
        }
    }
}

/// The answer to a request with these faults, and the server that gave it.
fn with_faults(mut scenario: Scenario, faults: &[&Fault]) -> (Option<(ErrorCode, String)>, Server) {
    for fault in faults {
        (fault.happens)(&mut scenario);
    }
    let (answer, server) = scenario.run();
    let refusal = answer.err();
    (refusal.map(|rejection| (rejection.code(), rejection.message())), server)
}

#[test]
fn a_request_without_a_fault_is_accepted() {
    every_table(|scenario, _, (presents, rules, base)| {
        let (answer, _) = scenario().run();
        let verified = assert_accepted(answer);
        let mechanism = match presents {
            Presents::Signature => Mechanism::Signature,
            Presents::AppCode => Mechanism::AppCode,
        };
        assert_eq!(verified.mechanism(), mechanism, "{rules:?} {base:?}");
    });
}

#[test]
fn every_fault_alone_has_its_documented_code_and_message() {
    every_table(|scenario, faults, case| {
        for fault in faults {
            let (refusal, _) = with_faults(scenario(), &[fault]);
            let Some((code, message)) = refusal else {
                panic!("{case:?}: {} was accepted", fault.name);
            };
            assert_eq!(code, fault.code, "{case:?}: {}: {message}", fault.name);
            match code {
                ErrorCode::A403IS => {
                    assert!(message.starts_with("Invalid Signature, Server StringToSign:`POST\n"));
                }
                _ => assert_eq!(message, fault.message, "{case:?}: {}", fault.name),
            }
        }
    });
}

#[test]
fn of_two_faults_the_earlier_one_answers() {
    let mut pairs = 0;
    every_table(|scenario, faults, case| {
        for (at, earlier) in faults.iter().enumerate() {
            for later in &faults[at + 1..] {
                let together = !earlier.touches.iter().any(|part| later.touches.contains(part));
                if !together || earlier.place == later.place {
                    continue;
                }
                pairs += 1;
                let (refusal, _) = with_faults(scenario(), &[earlier, later]);
                let Some((code, message)) = refusal else {
                    panic!("{case:?}: {} and {} were accepted", earlier.name, later.name);
                };
                assert_eq!(
                    code, earlier.code,
                    "{case:?}: {} before {}: {message}",
                    earlier.name, later.name
                );
                if !earlier.message.is_empty() {
                    assert_eq!(
                        message, earlier.message,
                        "{case:?}: {} before {}",
                        earlier.name, later.name
                    );
                }
            }
        }
    });
    assert!(pairs > 1500, "only {pairs} pairs can come together");
}

#[test]
fn the_tables_are_in_the_order_of_the_steps() {
    for (_, table) in TABLES {
        assert!(table.is_sorted_by_key(|fault| (fault.step, fault.place)));
    }
}

#[test]
fn no_credential_is_looked_up_for_what_the_head_alone_refuses() {
    every_table(|scenario, faults, case| {
        for fault in faults {
            let (_, server) = with_faults(scenario(), &[fault]);
            let lookups = usize::from(fault.step > 1);
            assert_eq!(server.credentials.lookups(), lookups, "{case:?}: {}", fault.name);
        }
    });
}

#[test]
fn the_replay_store_is_asked_last_and_only_then() {
    every_table(|scenario, faults, case| {
        for fault in faults {
            let nonce_was_used = usize::from(fault.name == "nonce used");
            let asked = fault.step == 7 && fault.name != "window ended meanwhile";
            let (_, server) = with_faults(scenario(), &[fault]);
            assert_eq!(
                server.replay.claims(),
                usize::from(asked) + nonce_was_used,
                "{case:?}: {}",
                fault.name
            );
            assert_eq!(server.replay.written(), nonce_was_used, "{case:?}: {}", fault.name);
        }
    });
}

#[test]
fn an_app_code_request_skips_freshness_signature_and_replay() {
    for rules in RULES {
        let server = Server::new(rules.policy());
        let wire = Call::post("/orders?a=1&a=2")
            .body("no digest")
            .with_app_code(APP_CODE)
            .with("x-ca-timestamp", "1")
            .with("x-ca-signature-method", "HmacMD5")
            .with("x-ca-key", "unknown");
        for _ in 0..2 {
            let verified = assert_accepted(server.verify(&wire));
            assert_eq!(verified.mechanism(), Mechanism::AppCode);
            assert_eq!(verified.app_key().as_str(), KEY);
        }
        assert_eq!(server.replay.claims(), 0);
    }
}

#[test]
fn a_wrong_signature_never_falls_back_to_an_app_code() {
    for rules in RULES {
        let server = Server::new(rules.policy());
        let wire = Call::get("/")
            .sign()
            .with("x-ca-signature", "AAAA")
            .with("authorization", format!("APPCODE {APP_CODE}"));
        let rejection = server.verify(&wire).unwrap_err();
        assert_eq!(rejection.code(), ErrorCode::A403IS);

        let wire = wire.with("x-ca-signature", "");
        let rejection = server.verify(&wire).unwrap_err();
        assert_eq!(rejection.message(), "Header `X-Ca-Signature` is Required");
    }
}

#[test]
fn an_empty_app_code_is_refused_unless_a_signature_decides() {
    for rules in RULES {
        let server = Server::new(rules.policy());
        let wire = Call::get("/").sign().with("authorization", "APPCODE ");
        assert_accepted(server.verify(&wire));
        let rejection = server.verify(&wire.without("x-ca-signature")).unwrap_err();
        assert_eq!(rejection.message(), "Invalid AppCode");
    }
}

#[test]
fn an_unknown_key_can_be_answered_as_a_wrong_signature() {
    for rules in RULES {
        let server = Server::new(rules.policy().with_unknown_key(UnknownKey::AsWrongSignature));
        let unknown = Call::get("/a").nonce("n").key("203719999", SECRET).sign();
        let wrong = Call::get("/a").nonce("n").key(KEY, "another secret").sign();
        let of_unknown = server.verify(&unknown).unwrap_err();
        let of_wrong = server.verify(&wrong).unwrap_err();
        assert_eq!(of_unknown.code(), ErrorCode::A403IS);
        assert_eq!(of_unknown.message().replace("203719999", KEY), of_wrong.message());
    }
}

#[test]
fn a_step_is_only_reached_through_the_step_before() {
    // What the types promise, taken one by one.
    let server = Server::strict();
    let wire = Call::post("/orders").json("{}").sign();
    let presented = server.verifier.present(wire.head()).unwrap();
    let known = answered(server.verifier.identify(presented)).unwrap();
    let timely = server.verifier.check_freshness(known).unwrap();
    assert!(!timely.needs_form());
    let authentic = server.verifier.authenticate(timely, b"").unwrap();
    let authorized = answered(server.verifier.authorize(authentic)).unwrap();
    assert_eq!(authorized.app().id(), "demo");
    let countersign::verify::BodyStage::Digest(mut check) = authorized.body() else {
        panic!("the body has a digest");
    };
    check.update(b"{").unwrap();
    check.update(b"}").unwrap();
    let intact = check.finish().unwrap();
    assert_eq!(server.replay.claims(), 0);
    let verified = answered(server.verifier.claim(intact, None)).unwrap();
    assert_eq!(verified.app_id(), "demo");
    assert_eq!(server.replay.claims(), 1);
}
