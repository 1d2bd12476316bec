//! The codes of the back-end signature: every fault alone, then every pair of faults, of which the
//! earlier one must answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use countersign::clock::UnixMillis;
use countersign::error::{ErrorCode, Rejection};
use countersign::store::StoreError;
use countersign::verify::backend::{BackendPolicy, ReplayProtection, VerifiedGateway};
use http::HeaderName;
use support::{BehindGateway, Forwarded, NOW, WINDOW_MILLIS, Wire, md5_base64};

/// A request and the service behind the gateway, into which faults are put.
struct Scenario {
    call: Forwarded,
    /// What happens between gateway and service.
    tampering: Vec<fn(Wire) -> Wire>,
    circumstances: Vec<fn(&BehindGateway, &Wire)>,
}

/// What the request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    /// JSON with the `Content-MD5` of the gateway's caller.
    Digested,
    /// JSON whose digest the gateway has made.
    ByGateway,
    Form,
}

const BASES: [Base; 3] = [Base::Digested, Base::ByGateway, Base::Form];

impl Scenario {
    fn new(base: Base) -> Self {
        let call = Forwarded::post("/orders?a=1").stamped("nonce").declare("X-Ca-Key");
        let call = match base {
            Base::Digested => call.digested("{}").header("content-type", "application/json"),
            Base::ByGateway => call.json("{}").digesting_gateway(),
            Base::Form => call.form("b=2&c=3"),
        };
        Self { call, tampering: Vec::new(), circumstances: Vec::new() }
    }

    fn call(&mut self, change: impl FnOnce(Forwarded) -> Forwarded) {
        self.call = change(self.call.clone());
    }

    fn tamper(&mut self, change: fn(Wire) -> Wire) {
        self.tampering.push(change);
    }

    fn run(self) -> Result<VerifiedGateway, Rejection> {
        let policy = BackendPolicy::strict()
            .with_replay_protection(ReplayProtection::Required)
            .with_covered_header(HeaderName::from_static("caappid"));
        let service = BehindGateway::new(policy);
        let wire = self.tampering.into_iter().fold(self.call.sign(), |wire, tamper| tamper(wire));
        for happens in self.circumstances {
            happens(&service, &wire);
        }
        service.verify(&wire)
    }
}

struct Fault {
    name: &'static str,
    code: ErrorCode,
    message: &'static str,
    put: fn(&mut Scenario),
    /// Where the fault can be.
    bases: &'static [Base],
}

fn drop_header(mut wire: Wire, name: &str) -> Wire {
    wire.headers.remove(name);
    wire
}

/// In the order in which they are found.
fn faults() -> Vec<Fault> {
    use ErrorCode::*;
    let fault = |name, code, message, put: fn(&mut Scenario)| Fault {
        name,
        code,
        message,
        put,
        bases: &BASES,
    };
    vec![
        fault("long target", I413UL, "Request URL too Large", |s| {
            s.tamper(|wire| wire.to(&format!("/{}", "x".repeat(9000))));
        }),
        fault("nothing presented", I400MH, "Header `X-Ca-Proxy-Signature` is Required", |s| {
            s.tamper(|wire| {
                let wire = drop_header(wire, "x-ca-proxy-signature");
                drop_header(wire, "x-ca-proxy-signature-secret-key")
            });
        }),
        fault(
            "a signature twice",
            I400HD,
            "Invalid Header `X-Ca-Proxy-Signature` occurs more than once",
            |s| {
                s.tamper(|wire| {
                    wire.and("x-ca-proxy-signature", "").and("x-ca-proxy-signature", "")
                })
            },
        ),
        fault("a nonce twice", I400HD, "Invalid Header `X-Ca-Nonce` occurs more than once", |s| {
            s.tamper(|wire| wire.and("x-ca-nonce", "nonce").and("x-ca-nonce", "nonce"));
        }),
        fault("an empty signature", I400MH, "Header `X-Ca-Proxy-Signature` is Required", |s| {
            s.tamper(|wire| wire.with("x-ca-proxy-signature", ""));
        }),
        fault("no key", I400MH, "Header `X-Ca-Proxy-Signature-Secret-Key` is Required", |s| {
            s.tamper(|wire| drop_header(wire, "x-ca-proxy-signature-secret-key"));
        }),
        fault("no path", I400RU, "Invalid Request Uri `it has no path`", |s| {
            s.tamper(|wire| wire.to("example.com:443"));
        }),
        fault(
            "no timestamp's text",
            I400HD,
            "Invalid Header `X-Ca-Timestamp` is not a number of milliseconds since 1970",
            |s| s.call(|call| call.header("x-ca-timestamp", "yesterday")),
        ),
        fault("long nonce", I400HD, "Invalid Header `X-Ca-Nonce` is longer than 256 bytes", |s| {
            s.call(|call| call.header("x-ca-nonce", "n".repeat(257)));
        }),
        fault(
            "long key",
            I400HD,
            "Invalid Header `X-Ca-Proxy-Signature-Secret-Key` is longer than 128 bytes",
            |s| s.tamper(|wire| wire.with("x-ca-proxy-signature-secret-key", "k".repeat(129))),
        ),
        fault(
            "a path as a name",
            I400HD,
            "Invalid Header `X-Ca-Proxy-Signature-Headers` declares a name that is no header name",
            |s| s.tamper(|wire| wire.with("x-ca-proxy-signature-headers", "/admin")),
        ),
        fault(
            "many names",
            I400HD,
            "Invalid Header `X-Ca-Proxy-Signature-Headers` declares more than 64 headers",
            |s| s.tamper(|wire| wire.with("x-ca-proxy-signature-headers", "a,".repeat(65))),
        ),
        fault(
            "many parameters",
            I400HD,
            "Invalid Header `X-Ca-Proxy-Signature` covers more than 1000 parameters",
            |s| s.tamper(|wire| wire.to(&format!("/?{}", "a&".repeat(1001)))),
        ),
        fault(
            "a signed header twice",
            I400HD,
            "Invalid Header `X-Role` is signed and has more than one value",
            |s| {
                s.call(|call| call.signed_header("X-Role", "guest"));
                s.tamper(|wire| wire.and("x-role", "admin"));
            },
        ),
        fault("no timestamp", I400MH, "Header `X-Ca-Timestamp` is Required", |s| {
            s.call(|call| call.change(|wire| drop_header(wire, "x-ca-timestamp")));
        }),
        fault("no nonce", I400NC, "X-Ca-Nonce is required", |s| {
            s.call(|call| call.change(|wire| drop_header(wire, "x-ca-nonce")));
        }),
        fault(
            "an uncovered timestamp",
            I400HD,
            "Invalid Header `X-Ca-Timestamp` is not among X-Ca-Proxy-Signature-Headers",
            |s| s.tamper(|wire| wire.with("x-ca-proxy-signature-headers", "X-Ca-Nonce")),
        ),
        fault(
            "an uncovered nonce",
            I400HD,
            "Invalid Header `X-Ca-Nonce` is not among X-Ca-Proxy-Signature-Headers",
            |s| s.tamper(|wire| wire.with("x-ca-proxy-signature-headers", "X-Ca-Timestamp")),
        ),
        fault(
            "an uncovered header that is believed",
            I400HD,
            "Invalid Header `caappid` is not among X-Ca-Proxy-Signature-Headers",
            |s| s.tamper(|wire| wire.with("caappid", "admin")),
        ),
        fault(
            "no digest's text",
            I400I5,
            "Invalid Content-MD5 is not the base64 of 16 bytes",
            |s| s.tamper(|wire| wire.with("content-md5", "d41d8cd98f00b204e9800998ecf8427e")),
        ),
        fault("a long body is announced", I413RL, "Request body too Large", |s| {
            s.tamper(|wire| wire.with("content-length", "8388609"));
        }),
        fault(
            "a parameter twice",
            I400IP,
            "Invalid parameter `a` occurs twice with different values",
            |s| s.tamper(|wire| wire.to("/orders?a=1&a=2")),
        ),
        fault(
            "a name that reads as two",
            I400IP,
            "Invalid parameter `a=1&b` has a name that reads as other parameters once decoded",
            |s| s.tamper(|wire| wire.to("/orders?a%3D1%26b=2")),
        ),
        fault("unknown key", A400IK, "Invalid AppKey", |s| {
            s.tamper(|wire| wire.with("x-ca-proxy-signature-secret-key", "GatewayKey3"));
        }),
        fault("stale", S403TE, "X-Ca-Timestamp is expired", |s| {
            let stale = (NOW - WINDOW_MILLIS - 1).to_string();
            s.call(|call| call.header("x-ca-timestamp", stale));
        }),
        Fault {
            bases: &[Base::Form],
            ..fault(
                "a parameter in query and form",
                I400IP,
                "Invalid parameter `a` occurs twice with different values",
                |s| s.tamper(|wire| wire.with_body("b=2&c=3&a=2")),
            )
        },
        fault("wrong signature", A403IS, "", |s| {
            s.call(|call| call.key("GatewayKey1", "not-the-secret"))
        }),
        Fault {
            bases: &[Base::ByGateway],
            ..fault("an uncovered body", I400MH, "Header `Content-MD5` is Required", |s| {
                s.call(|call| call.style(support::GatewayStyle::default()));
            })
        },
        Fault {
            bases: &[Base::Digested],
            ..fault(
                "another body",
                I400I5,
                "Invalid Content-MD5 is not the digest of the body",
                |s| s.tamper(|wire| wire.with_body("[]")),
            )
        },
        fault("a replay", S403NU, "Nonce Used", |s| {
            s.circumstances.push(|service, wire| {
                let _ = service.verify(wire);
            });
        }),
        fault("no store", X503BZ, "Service Busy", |s| {
            s.circumstances.push(|service, _| {
                service.replay.fail_with(StoreError::unavailable("the store is away"));
            });
        }),
    ]
}

#[test]
fn every_request_without_a_fault_is_accepted() {
    for base in BASES {
        let verified = Scenario::new(base).run().unwrap_or_else(|r| panic!("{base:?}: {r}"));
        assert!(verified.covers_body() && verified.is_claimed(), "{base:?}");
        assert!(verified.strict_findings().is_empty(), "{base:?}");
    }
}

#[test]
fn every_fault_alone_has_its_code_and_message() {
    for fault in faults() {
        for base in fault.bases {
            let mut scenario = Scenario::new(*base);
            (fault.put)(&mut scenario);
            let Err(rejection) = scenario.run() else {
                panic!("{base:?}: {} is accepted", fault.name);
            };
            assert_eq!(rejection.code(), fault.code, "{base:?}: {}", fault.name);
            if !fault.message.is_empty() {
                assert_eq!(rejection.message(), fault.message, "{base:?}: {}", fault.name);
            }
        }
    }
}

/// The later fault is put first, so that where two get in each other's way it is the earlier one that
/// stays.
#[test]
fn of_two_faults_the_earlier_one_answers() {
    let faults = faults();
    let mut tried = 0;
    for (at, earlier) in faults.iter().enumerate() {
        for later in &faults[at + 1..] {
            for base in BASES {
                if !earlier.bases.contains(&base) || !later.bases.contains(&base) {
                    continue;
                }
                // A replay is noted by the store before the store goes away.
                if earlier.name == "a replay" && later.name == "no store" {
                    continue;
                }
                let mut scenario = Scenario::new(base);
                (later.put)(&mut scenario);
                (earlier.put)(&mut scenario);
                let code = scenario.run().err().map(|rejection| rejection.code());
                assert_eq!(code, Some(earlier.code), "{base:?}: {}, {}", earlier.name, later.name);
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "{tried}");
}

#[test]
fn a_parameter_of_the_form_counts_like_one_of_the_query() {
    let service = BehindGateway::strict();
    let many = Forwarded::post("/?a=1").form("b&".repeat(1000)).sign();
    let refused = service.refuses(&many, ErrorCode::I400HD);
    assert_eq!(
        refused.message(),
        "Invalid Header `X-Ca-Proxy-Signature` covers more than 1000 parameters"
    );
}

#[test]
fn a_wrong_signature_shows_the_string_without_what_the_gateway_added() {
    let service = BehindGateway::strict();
    let call = Forwarded::post("/orders?token=constant-secret")
        .signed_header("CaClientIp", "192.0.2.1")
        .signed_header("X-Ca-Timestamp", NOW.to_string())
        .signed_header("Authorization", "Bearer secret")
        .json("{}")
        .key("GatewayKey1", "not-the-secret")
        .sign();
    let digest = md5_base64(b"{}");
    assert_eq!(
        service.refuses(&call, ErrorCode::A403IS).message(),
        format!(
            "Invalid Signature, Server StringToSign:`POST\n{digest}\nauthorization:(13 bytes)\n\
             caclientip:(9 bytes)\nx-ca-timestamp:{NOW}\n/orders?token=(15 bytes)`"
        )
    );
}

#[test]
fn the_window_is_inclusive_on_both_sides() {
    let window = |at: u64| Forwarded::get("/").signed_header("X-Ca-Timestamp", at.to_string());
    for at in [NOW - WINDOW_MILLIS, NOW, NOW + WINDOW_MILLIS] {
        let verified = BehindGateway::strict().accepts(&window(at).sign());
        assert_eq!(verified.timestamp(), Some(UnixMillis::new(at)));
        assert!(!verified.is_claimed(), "there is no nonce");
    }
    for at in [NOW - WINDOW_MILLIS - 1, NOW + WINDOW_MILLIS + 1, 0, u64::MAX] {
        BehindGateway::strict().refuses(&window(at).sign(), ErrorCode::S403TE);
    }
}
