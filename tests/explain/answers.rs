//! Answers other than a wrong signature, and answers that hide the string.

use countersign::error::{Dialect, ErrorCode, RenderRejection};
use countersign::explain::{Answer, ClientSide, Explanation};
use countersign::verify::Policy;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::support::{Call, DISABLED_KEY, NOW, SECRET, Server, Style, Wire, string_to_sign};

/// `NOW` as a date.
const DATE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";

/// What a developer is told of the answer to this request, which must have been refused.
#[track_caller]
fn told(server: &Server, wire: &Wire, dialect: Dialect) -> String {
    let rejection = server.verify(wire).unwrap_err();
    let (mut head, _) = dialect.render(&rejection).into_parts();
    head.headers.insert("date", HeaderValue::from_static(DATE));
    let string = string_to_sign(wire, Style::default());
    let client = ClientSide::new(&string).with_request(wire.head(), &wire.body);
    let explained = client.explain(&Answer::new(head.status, &head.headers));

    let copied: String = head
        .headers
        .iter()
        .map(|(name, value)| format!("< {name}: {}\r\n", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    let of_text = client.explain(&Answer::from_text(&copied));
    assert_eq!(of_text.to_string(), explained.to_string(), "what is copied says the same");
    explained.to_string()
}

#[track_caller]
fn assert_told(wire: &Wire, parts: [&str; 3]) {
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        let text = told(&Server::new(policy), wire, Dialect::Vpc);
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in:\n{text}");
        }
        assert!((3..=4).contains(&text.lines().count()), "{text}");
    }
}

#[test]
fn a_stale_timestamp_is_compared_with_the_servers_date() {
    let old = Call::get("/a").timestamp(NOW - 3_725_000).sign();
    assert_told(&old, ["refused: S403TE", "1 h 2 min behind the answer's Date", "sign anew"]);
    let ahead = Call::get("/a").timestamp(NOW + 86_400_000).sign();
    assert_told(&ahead, ["S403TE", "is 1 d 0 h ahead of", "synchronised clock"]);
    let seconds = Call::get("/a").timestamp(NOW / 1000).sign();
    assert_told(&seconds, ["S403TE", "in seconds: multiply by 1000", "milliseconds"]);
}

#[test]
fn a_timestamp_that_is_right_is_not_blamed_for_a_restart() {
    let answer =
        Answer::from_text(&format!("X-Ca-Error-Code: S403TE\nX-Ca-Error-Message: x\nDate: {DATE}"));
    let told = |timestamp| {
        let wire = Call::get("/a").timestamp(timestamp).sign();
        let client = ClientSide::new(b"").with_request(wire.head(), &wire.body);
        client.explain(&answer).to_string()
    };
    const WINDOW: u64 = 900_000;
    for (timestamp, within) in [
        (NOW, "1 s"),
        (NOW + 700, "1 s"),
        (NOW - 3_000, "4 s"),
        (NOW - (WINDOW - 1), "15 min 0 s"),
        (NOW + (WINDOW - 1), "15 min 0 s"),
    ] {
        let text = told(timestamp);
        let note = format!("\nnote    X-Ca-Timestamp is within {within} of the answer's Date: ");
        assert!(text.contains(&note) && text.contains("sign anew; if that is refused"), "{text}");
        assert!(!text.contains("ahead of") && !text.contains("behind"), "{text}");
    }
    for timestamp in [NOW - WINDOW, NOW + WINDOW] {
        assert!(!told(timestamp).contains("restarted or lost"), "{}", told(timestamp));
    }
}

#[test]
fn a_wrong_digest_is_looked_at() {
    let call = || Call::put("{}");
    let hex = call().header("content-md5", "99914b932bd37a50b983c5e7c90ae93b").sign();
    assert_told(&hex, ["I400I5", "made of hexadecimal digits", "base64"]);
    let no_digest = call().header("content-md5", "nonsense").sign();
    assert_told(&no_digest, ["I400I5", "not 24 characters", "base64"]);
    let other = call().body("{ }").sign();
    assert_told(&other, ["I400I5", "of 3 bytes is ", "digest the bytes"]);
    // The developer's body is right; another one arrived.
    let arrived = call().sign().with_body("[]");
    let rejection = Server::strict().verify(&arrived).unwrap_err();
    let sent = call().sign();
    let client = ClientSide::new(b"").with_request(sent.head(), &sent.body);
    let text = client.explain(&Answer::from_text(&rejection.message())).to_string();
    assert!(text.contains("other bytes arrived"), "{text}");
}

#[test]
fn every_refusal_has_a_cause_and_a_remedy() {
    let get = || Call::get("/a?b=c");
    assert_told(&get().key("unknown", SECRET).sign(), ["A400IK", "no such AppKey", "environment"]);
    assert_told(&get().key(DISABLED_KEY, SECRET).sign(), ["A403PR", "disabled", "authorize it"]);
    assert_told(&get().with_app_code("x"), ["A401AC", "no such AppCode", "APPCODE"]);
    let twice = get().sign().and("x-ca-key", "a");
    assert_told(&twice, ["I400HD", "`X-Ca-Key` occurs more than once", "send it once"]);
    let strict = |wire: &Wire| told(&Server::strict(), wire, Dialect::Vpc);
    let no_nonce = strict(&get().without("x-ca-nonce").sign());
    assert!(no_nonce.starts_with("refused: I400NC, X-Ca-Nonce is required\n"), "{no_nonce}");
    let unsigned = strict(&get().undeclare("x-ca-timestamp").sign());
    assert!(unsigned.contains("is not among X-Ca-Signature-Headers"), "{unsigned}");
    let polluted = strict(&Call::get("/?a=1&a=2").sign());
    assert!(polluted.contains("a parameter occurs twice"), "{polluted}");
    let undigested = strict(&Call::post("/").body("x").sign());
    assert!(undigested.contains("Content-MD5 with every body"), "{undigested}");
}

#[test]
fn a_replay_is_told_from_a_wrong_signature() {
    let server = Server::strict();
    let wire = Call::get("/a").sign();
    server.verify(&wire).unwrap();
    let text = told(&server, &wire, Dialect::Vpc);
    assert!(text.contains("the nonce was used") && text.contains("every attempt"), "{text}");
}

#[test]
fn classic_instances_send_no_code_but_a_message_that_tells() {
    let server = Server::gateway();
    for (wire, code) in [
        (Call::get("/a").timestamp(1).sign(), "S403TE"),
        (Call::get("/a").timestamp("x").sign(), "I400HD"),
        (Call::get("/a").key("unknown", SECRET).sign(), "A400IK"),
        (Call::get("/a").sign().without("x-ca-signature"), "I400MH"),
        (Call::put("{}").body("[]").sign(), "I400I5"),
    ] {
        let text = told(&server, &wire, Dialect::Classic);
        assert!(text.starts_with(&format!("refused: {code}, ")), "{code}: {text}");
    }
}

#[test]
fn a_wrong_signature_without_the_servers_string_says_so() {
    let client = ClientSide::new(b"GET\n\n\n\n\n/");
    for hidden in ["X-Ca-Error-Code: A403IS", "Invalid Signature", "HTTP/1.1 403\nA403IS"] {
        let explained = client.explain(&Answer::from_text(hidden));
        assert!(
            matches!(&explained, Explanation::Refused(it) if it.code() == Some(ErrorCode::A403IS))
        );
        let text = explained.to_string();
        assert!(text.contains("does not show the server's string"), "{text}");
    }
}

#[test]
fn what_is_no_gateways_answer_is_not_taken_for_one() {
    let client = ClientSide::new(b"GET\n\n\n\n\n/");
    let answered = |status| client.explain(&Answer::new(status, &HeaderMap::new()));
    assert!(matches!(answered(StatusCode::OK), Explanation::Accepted(StatusCode::OK)));
    assert!(answered(StatusCode::FOUND).to_string().contains("sign that URL anew"));
    let foreign = answered(StatusCode::FORBIDDEN);
    assert!(matches!(foreign, Explanation::Foreign(StatusCode::FORBIDDEN)));
    assert!(foreign.to_string().contains("nothing is said about the signature"));

    let mut headers = HeaderMap::new();
    headers.insert("x-ca-error-message", HeaderValue::from_bytes(b"Nope\xff\x9b[2J").unwrap());
    let unknown = client.explain(&Answer::new(StatusCode::FORBIDDEN, &headers));
    assert!(matches!(&unknown, Explanation::Refused(refusal) if refusal.code().is_none()));
    let text = unknown.to_string();
    assert!(text.starts_with("refused: Nope") && text.contains("another kind of server"), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
}
