//! Lessons of other projects: how credentials are parsed and compared, and what is shown of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use countersign::error::ErrorCode;
use countersign::protocol::{
    CaHeaders, CanonicalRequest, Params, PresentedSignature, SignedHeaders,
};
use countersign::verify::{AppCodeCarriers, Policy, ReplayIdentity, UnknownKey};
use http::HeaderName;
use support::{
    APP_CODE, Call, KEY, SECRET, Server, Wire, answered, assert_accepted, assert_code,
    assert_refused,
};

#[test]
fn lesson_14_a_signature_that_is_not_whole_verifies_nothing() {
    let wire = Call::get("/").sign();
    let signature = wire.signature();
    let mut broken: Vec<Vec<u8>> =
        (0..signature.len()).map(|end| signature.as_bytes()[..end].to_vec()).collect();
    broken.extend(
        [
            format!("{signature}="),
            format!("{signature}{signature}"),
            format!("{signature}AAAA"),
            format!("A{signature}"),
            signature.trim_end_matches('=').to_owned(),
            signature.replace('=', "A"),
            signature.to_ascii_lowercase(),
            signature.chars().rev().collect(),
            "=".repeat(44),
            "A".repeat(44),
            "!".repeat(44),
            "x".repeat(7000),
            "你好".to_owned(),
            "你".repeat(14),
            format!("{}%3D", signature.trim_end_matches('=')),
        ]
        .map(String::into_bytes),
    );
    broken.push(vec![0xff; 44]);
    for server in [Server::strict(), Server::gateway()] {
        for broken in &broken {
            let answer = server.verify(&wire.clone().with("x-ca-signature", broken));
            let code = match broken.as_slice() {
                b"" => ErrorCode::I400MH,
                _ => ErrorCode::A403IS,
            };
            assert_code(answer, code);
        }
        assert_eq!(server.replay.claims(), 0);
        assert_accepted(server.verify(&wire));
    }
}

#[test]
fn lesson_14_a_mac_of_the_other_method_is_too_short_or_too_long() {
    let sha1 = Call::get("/").nonce("n").hmac_sha1().sign().signature();
    let sha256 = Call::get("/").nonce("n").sign();
    for server in [Server::strict(), Server::gateway()] {
        let answer = server.verify(&sha256.clone().with("x-ca-signature", &sha1));
        assert_code(answer, ErrorCode::A403IS);
    }
    // The first 20 bytes of the right MAC under SHA-1's name, which is 20 bytes long.
    let truncated = sha256.with("x-ca-signature-method", "HmacSHA1");
    let answer = Server::gateway().verify(&truncated);
    assert_code(answer, ErrorCode::A403IS);
}

#[test]
fn lesson_15_a_security_header_that_occurs_twice_is_refused_under_both_policies() {
    let wire = Call::post("/")
        .json("{}")
        .hmac_sha1()
        .signed_header("X-Ca-Signed-Content-Type", "application/json")
        .header("authorization", "Basic YTpi")
        .sign();
    let twice = [
        ("x-ca-key", "X-Ca-Key"),
        ("x-ca-signature", "X-Ca-Signature"),
        ("x-ca-signature-headers", "X-Ca-Signature-Headers"),
        ("x-ca-signature-method", "X-Ca-Signature-Method"),
        ("x-ca-signed-content-type", "X-Ca-Signed-Content-Type"),
        ("x-ca-timestamp", "X-Ca-Timestamp"),
        ("x-ca-nonce", "X-Ca-Nonce"),
        ("content-md5", "Content-MD5"),
        ("content-type", "Content-Type"),
        ("authorization", "Authorization"),
    ];
    assert_accepted(Server::gateway().verify(&wire));
    for server in [Server::strict(), Server::gateway()] {
        for (name, documented) in twice {
            let same = wire.header(name).to_vec();
            for second in [&same[..], b"other", b""] {
                assert_refused(
                    server.verify(&wire.clone().and(name, second)),
                    ErrorCode::I400HD,
                    &format!("Invalid Header `{documented}` occurs more than once"),
                );
                let first = wire.clone().with(name, second).and(name, &same);
                assert_code(server.verify(&first), ErrorCode::I400HD);
            }
        }
        assert_eq!(server.credentials.lookups(), 0);
    }
}

#[test]
fn lesson_15_two_different_app_codes_in_two_places_are_refused() {
    let everywhere = |policy: Policy| policy.with_app_code(AppCodeCarriers::HeaderAndQuery);
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        let server = Server::new(everywhere(policy));
        for target in [
            "/?AppCode=other",
            "/?appcode=other",
            "/?appCode=other",
            "/?APPCODE=other",
            "/?APPCode=other",
            "/?%41ppCode=other",
        ] {
            let wire = Call::get(target).with_app_code(APP_CODE);
            assert_code(server.verify(&wire), ErrorCode::I400HD);
        }
        let in_the_query = format!("/?AppCode={APP_CODE}&appcode=other");
        let wire = Call::get(&in_the_query).with_app_code(APP_CODE).without("authorization");
        assert_code(server.verify(&wire), ErrorCode::I400HD);
        // The same one in two places is one.
        let twice = format!("/?AppCode={APP_CODE}");
        assert_accepted(server.verify(&Call::get(&twice).with_app_code(APP_CODE)));
    }
}

#[test]
fn lesson_16_the_decoded_bytes_are_compared_at_their_full_length() {
    // The last character of a SHA-256 signature has two bits that no byte uses.
    let wire = Call::get("/").sign();
    let signature = wire.signature();
    let mut other_bits = signature.clone().into_bytes();
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let at = alphabet.iter().position(|c| *c == other_bits[42]).unwrap();
    other_bits[42] = alphabet[at ^ 1];
    // Of two spellings of the same bytes one is base64: a proxy cannot change what was signed.
    assert_code(
        Server::strict().verify(&wire.clone().with("x-ca-signature", &other_bits)),
        ErrorCode::A403IS,
    );
    // One wrong bit anywhere is a wrong signature.
    for at in 0..43 {
        let mut wrong = signature.clone().into_bytes();
        wrong[at] = if wrong[at] == b'A' { b'B' } else { b'A' };
        let answer = Server::strict().verify(&wire.clone().with("x-ca-signature", &wrong));
        assert_code(answer, ErrorCode::A403IS);
    }
}

#[test]
fn lesson_16_an_unknown_key_can_look_like_a_wrong_signature_in_every_respect() {
    let policy = Policy::strict().with_unknown_key(UnknownKey::AsWrongSignature);
    let asked = |key: &str, target: &str| {
        let server = Server::new(policy.clone());
        let wire = Call::get(target).nonce("n").key(key, "a guess").sign();
        let rejection = assert_code(server.verify(&wire), ErrorCode::A403IS);
        let message = rejection.message().replace(key, "KEY");
        (message, server.credentials.lookups(), server.replay.claims())
    };
    for target in ["/", "/%E4%BD%A0?a=1", "/a%3Fb"] {
        assert_eq!(asked("203719999", target), asked(KEY, target));
    }
    // A form is read for both, so its size does not tell either.
    let server = Server::new(policy.clone());
    let wire = Call::post("/").form("a=1").key("203719999", SECRET).sign();
    let presented = server.verifier.present(wire.head()).unwrap();
    let known = answered(server.verifier.identify(presented)).unwrap();
    assert!(server.verifier.check_freshness(known).unwrap().needs_form());
    // Even the secret that nobody has does not sign for an app that does not exist.
    let answer = Server::new(policy).verify(&Call::get("/").key("203719999", SECRET).sign());
    assert_code(answer, ErrorCode::A403IS);
}

#[test]
fn lesson_17_long_or_odd_values_are_bounded_or_not_looked_at() {
    for server in [Server::strict(), Server::gateway()] {
        // Host is not signed and not parsed.
        for host in [
            "a".repeat(60_000),
            "[::::::::".repeat(1000),
            format!("{}com", "a.".repeat(10_000)),
            "你好 , ; %00".to_owned(),
        ] {
            assert_accepted(server.verify(&Call::get("/").header("host", host).sign()));
        }
        let longest: String = std::iter::repeat_n('n', 256).collect();
        assert_accepted(server.verify(&Call::get("/").nonce(&longest).sign()));
        assert_refused(
            server.verify(&Call::get("/").nonce(longest + "n").sign()),
            ErrorCode::I400HD,
            "Invalid Header `X-Ca-Nonce` is longer than 256 bytes",
        );
        // A nonce is bytes: real clients send raw UTF-8.
        assert_accepted(server.verify(&Call::get("/").nonce("随机-\u{1f600}").sign()));
        assert_accepted(server.verify(&Call::get("/").nonce([0xff, 0xfe, 0x80]).sign()));
        assert_code(
            server.verify(&Call::get("/").key(&"k".repeat(129), SECRET).sign()),
            ErrorCode::I400HD,
        );
        assert_code(
            server.verify(&Call::get("/").header("x-ca-key", [0xff]).sign()),
            ErrorCode::I400HD,
        );
        // No header is signed that makes the string longer than 64 KiB.
        for name in ["accept", "date", "content-type", "x-long"] {
            let wire = Call::get("/").declare("X-Long").header(name, "x".repeat(65_536));
            assert_code(server.verify(&wire.sign()), ErrorCode::I400HD);
        }
        assert_accepted(
            server.verify(&Call::get("/").header("x-unsigned", "x".repeat(65_536)).sign()),
        );
    }
}

#[test]
fn lesson_17_a_target_is_bounded_before_anything_is_parsed() {
    for server in [Server::strict(), Server::gateway()] {
        let fits = format!("/{}", "a".repeat(8 * 1024 - 1));
        assert_accepted(server.verify(&Call::get(&fits).sign()));
        for exceeds in [format!("{fits}a"), format!("/?{}", "a".repeat(8 * 1024))] {
            let answer = server.verify(&Call::get(&exceeds).sign());
            assert_refused(answer, ErrorCode::I413UL, "Request URL too Large");
        }
    }
}

#[test]
fn lesson_17a_a_short_list_does_not_become_a_long_string() {
    let long = "x".repeat(16 * 1024);
    let repeated = |names: usize| {
        let call = Call::get("/").declare_nothing().header("a", &long);
        let list = vec!["a"; names].join(",");
        match names {
            ..4 => call.declare(&list).sign(),
            // Refused before the signature matters; signing it would be the amplification.
            _ => call.sign().with("x-ca-signature-headers", list),
        }
    };
    for server in [Server::strict(), Server::gateway()] {
        for names in [4, 60, 64, 65, 30_000] {
            let answer = server.verify(&repeated(names));
            assert_code(answer, ErrorCode::I400HD);
        }
        assert_eq!(server.credentials.lookups(), 0, "nothing was built or looked up");
    }
    // The work is bounded in what is written: lines of at most 64 names and 64 KiB.
    let wire = repeated(3);
    let signed = SignedHeaders::parse(b"a,a,a", &wire.headers).unwrap();
    assert!(signed.signed_len() <= SignedHeaders::MAX_LEN);
    assert!(SignedHeaders::parse(b"a,a,a,a", &wire.headers).is_err());
    let names = |n: usize| vec!["b"; n].join(",").into_bytes();
    assert!(SignedHeaders::parse(&names(SignedHeaders::MAX_NAMES), &wire.headers).is_ok());
    assert!(SignedHeaders::parse(&names(SignedHeaders::MAX_NAMES + 1), &wire.headers).is_err());
    assert_accepted(Server::gateway().verify(&wire));
}

#[test]
fn lesson_17a_the_readings_of_a_request_are_few() {
    // Every reading that is on by default matters for this request: 2 × 2 × 2 strings.
    let wire = Call::post("/%E4%BD%A0?k=1").form("k=2").declare("Accept").sign();
    let head = wire.head();
    let ca = CaHeaders::collect(&wire.headers);
    let signed =
        SignedHeaders::parse(wire.header("x-ca-signature-headers"), &wire.headers).unwrap();
    let params = Params::query(&head).unwrap().with_form(&wire.body).unwrap();
    let request = CanonicalRequest::new(&head, &ca, &signed, &params);
    assert_eq!(request.alternates(Default::default()).len(), 7);

    let ordinary = Call::get("/orders?a=1").sign();
    let signed = SignedHeaders::parse(b"X-Ca-Key", &ordinary.headers).unwrap();
    let head = ordinary.head();
    let ca = CaHeaders::collect(&ordinary.headers);
    let query = Params::query(&head).unwrap();
    let request = CanonicalRequest::new(&head, &ca, &signed, &query);
    assert!(request.alternates(Default::default()).is_empty());
}

#[test]
fn lesson_17b_a_wrong_signature_shows_no_value_that_a_proxy_may_have_added() {
    let hidden = [
        "Authorization",
        "Cookie",
        "Set-Cookie",
        "Proxy-Authorization",
        "Proxy-Anything",
        "X-Internal-Token",
        "X-Forwarded-User",
    ];
    let shown = ["X-Ca-Stage", "X-Ca-Nonce", "Accept", "X-Partner"];
    let mut call = Call::get("/a");
    for name in hidden {
        call = call.signed_header(name, format!("hidden-{name}"));
    }
    for name in shown {
        call = call.signed_header(name, format!("shown-{name}"));
    }
    let wire = call.sign().with("x-ca-signature", "AAAA");
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        // Not even by name: these are credentials.
        let policy = policy
            .with_repeated_headers(countersign::verify::Ambiguity::AsGateway)
            .with_disclosed_header(HeaderName::from_static("x-partner"))
            .with_disclosed_header(HeaderName::from_static("authorization"))
            .with_disclosed_header(HeaderName::from_static("cookie"))
            .with_disclosed_header(HeaderName::from_static("proxy-authorization"))
            .with_disclosed_header(HeaderName::from_static("proxy-anything"));
        let message = assert_code(Server::new(policy).verify(&wire), ErrorCode::A403IS).message();
        for name in hidden {
            assert!(!message.contains(&format!("hidden-{name}")), "{message}");
            let length = format!("{name}:({} bytes)\n", name.len() + "hidden-".len());
            assert!(message.contains(&length), "{length} in {message}");
        }
        for name in shown {
            assert!(message.contains(&format!("{name}:shown-{name}\n")), "{name} in {message}");
        }
    }
}

/// Everything that a request's way through the verifier could print.
fn printed(server: &Server, wire: &Wire) -> String {
    let mut out = format!("{server:?} {:?}", server.verifier);
    let head = wire.head();
    let ca = CaHeaders::collect(&wire.headers);
    let signed =
        SignedHeaders::parse(wire.header("x-ca-signature-headers"), &wire.headers).unwrap();
    let params = Params::query(&head).unwrap().with_form(&wire.body).unwrap();
    let canonical = CanonicalRequest::new(&head, &ca, &signed, &params);
    let presented_signature = PresentedSignature::decode(wire.header("x-ca-signature"));
    out += &format!("{head:?} {ca:?} {signed:?} {canonical:?} {presented_signature:?}");

    let presented = server.verifier.present(head).unwrap();
    out += &format!("{presented:?} {:?}", presented.lookup());
    let known = answered(server.verifier.identify(presented)).unwrap();
    out += &format!("{known:?}");
    let timely = server.verifier.check_freshness(known).unwrap();
    out += &format!("{timely:?}");
    let form: &[u8] = if timely.needs_form() { &wire.body } else { b"" };
    let authentic = match server.verifier.authenticate(timely, form) {
        Ok(authentic) => authentic,
        Err(rejection) => return out + &format!("{rejection:?} {rejection}"),
    };
    out += &format!("{authentic:?}");
    let authorized = answered(server.verifier.authorize(authentic)).unwrap();
    out += &format!("{authorized:?}");
    let body = authorized.body();
    out += &format!("{body:?}");
    let intact = match body {
        countersign::verify::BodyStage::Digest(mut check) => {
            check.update(&wire.body).unwrap();
            out += &format!("{check:?}");
            check.finish().unwrap()
        }
        countersign::verify::BodyStage::Uncovered(intact) => intact,
    };
    out += &format!("{intact:?}");
    let replay = intact
        .replay(countersign::clock::UnixMillis::new(support::NOW), std::time::Duration::ZERO)
        .unwrap();
    out += &format!("{replay:?}");
    if let countersign::verify::ReplayStage::Claim(pending) = replay {
        out += &format!("{:?}", pending.claim("default"));
    }
    match server.verify(wire) {
        Ok(verified) => {
            out += &format!("{verified:?} {:?}", verified.app());
            let again = server.verify(wire);
            out + &format!("{again:?}")
        }
        Err(rejection) => out + &format!("{rejection:?} {rejection}"),
    }
}

/// A text, and what a derived `Debug` makes of its bytes.
fn spellings(text: &str) -> [String; 2] {
    let bytes = format!("{:?}", text.as_bytes());
    [text.to_owned(), bytes.trim_matches(['[', ']']).to_owned()]
}

#[test]
fn lesson_37_no_secret_signature_token_nonce_or_body_is_printed() {
    let secrets = [SECRET, APP_CODE, "hush-nonce", "hush-body", "hush-query", "hush-header"];
    let calls = [
        Call::post("/p?a=hush-query").json("{\"a\":\"hush-body\"}"),
        Call::post("/p?a=hush-query").form("b=hush-body"),
    ];
    for call in calls {
        let call = call
            .nonce("hush-nonce")
            .signed_header("X-Hush", "hush-header")
            .header("authorization", format!("Bearer {APP_CODE}"))
            .header("cookie", "hush-header");
        let right = call.sign();
        let signature = right.signature();
        let wrong = right.clone().with("x-hush", "hush-header!");
        let policy = || Policy::strict().with_replay_identity(ReplayIdentity::NonceOrSignature);
        for wire in [right, wrong] {
            let server = Server::new(policy());
            let printed = printed(&server, &wire);
            // The store of these tests is a plain map and prints what it holds.
            let (_, printed) = printed.split_once("Verifier").unwrap();
            for secret in secrets.iter().copied().chain([&signature[..]]) {
                for spelling in spellings(secret) {
                    assert!(!printed.contains(&spelling), "{secret} in {printed}");
                }
            }
        }
    }
    let server = Server::strict();
    let wire = Call::get("/").with_app_code(APP_CODE);
    let presented = server.verifier.present(wire.head()).unwrap();
    let printed = format!("{presented:?} {:?} {:?}", presented.lookup(), server.verify(&wire));
    for spelling in spellings(APP_CODE) {
        assert!(!printed.contains(&spelling), "{printed}");
    }
}
