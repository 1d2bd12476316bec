//! Lessons of other projects: what ties a body to its signature.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use countersign::error::ErrorCode;
use countersign::verify::{Policy, StrictRow};
use support::{Call, Server, assert_accepted, assert_code, assert_refused, md5_base64};

#[test]
fn lesson_09_a_body_that_was_swapped_under_its_digest_is_refused() {
    for server in [Server::strict(), Server::gateway()] {
        let wire = Call::put("{\"amount\":1}").sign();
        let swapped = wire.clone().with_body("{\"amount\":9}");
        assert_refused(
            server.verify(&swapped),
            ErrorCode::I400I5,
            "Invalid Content-MD5 is not the digest of the body",
        );
        for body in ["", "{\"amount\":1} ", "{\"amount\":1"] {
            let swapped = wire.clone().with_body(body);
            assert_code(server.verify(&swapped), ErrorCode::I400I5);
        }
        // A refused body burns no nonce: the request itself still passes.
        assert_eq!(server.replay.claims(), 0);
        assert_accepted(server.verify(&wire));
    }
}

#[test]
fn lesson_09_a_digest_that_was_dropped_is_missed() {
    let wire = Call::put("{}").sign().without("content-md5");
    assert_refused(
        Server::strict().verify(&wire),
        ErrorCode::I400MH,
        "Header `Content-MD5` is Required",
    );
    assert_code(Server::gateway().verify(&wire), ErrorCode::A403IS);

    // Never sent: nothing ties the body to the signature, and only the gateway accepts that.
    let wire = Call::post("/").header("content-type", "text/plain").body("pay bob").sign();
    let accepted = assert_accepted(Server::gateway().verify(&wire.clone().with_body("pay eve")));
    let findings: Vec<_> = accepted.strict_findings().iter().collect();
    assert_eq!(findings, [StrictRow::ContentMd5]);
    for wire in [wire.clone(), wire.clone().chunked(), wire.with_body("pay eve")] {
        assert_code(Server::strict().verify(&wire), ErrorCode::I400MH);
    }
}

#[test]
fn lesson_09_a_digest_that_was_swapped_with_its_body_is_a_wrong_signature() {
    // The digest is a line of its own, declared or not.
    for server in [Server::strict(), Server::gateway()] {
        let wire = Call::put("{}").sign();
        let swapped = wire.with_body("[]").with("content-md5", md5_base64(b"[]"));
        assert_code(server.verify(&swapped), ErrorCode::A403IS);
    }
}

#[test]
fn lesson_09_a_body_cannot_be_declared_a_form_to_get_rid_of_its_digest() {
    let wire = Call::put("{}").sign();
    let as_form =
        wire.without("content-md5").with("content-type", "application/x-www-form-urlencoded");
    for server in [Server::strict(), Server::gateway()] {
        assert_code(server.verify(&as_form), ErrorCode::A403IS);
    }
}

#[test]
fn lesson_09_a_form_is_signed_by_its_parameters() {
    let wire = Call::post("/").form("to=bob&amount=1").sign();
    assert_accepted(Server::strict().verify(&wire));
    for server in [Server::strict(), Server::gateway()] {
        for body in ["to=eve&amount=1", "to=bob&amount=1&x=2", "to=bob", "", "to=bob%26amount=1"] {
            let forged = wire.clone().with_body(body);
            assert_code(server.verify(&forged), ErrorCode::A403IS);
        }
        // Nor is it read as no form: its parameters would then be unsigned.
        let forged = wire.clone().with("content-type", "text/plain").with_body("to=eve");
        assert!(server.verify(&forged).is_err());
    }
    // Another way to write it is no other form.
    let rewritten = Call::post("/").form("to=bob&amount=1").sign().with_body("amount=%31&to=b%6Fb");
    assert_accepted(Server::strict().verify(&rewritten));
}

#[test]
fn lesson_09_a_digest_beside_a_form_is_checked_too() {
    let wire = Call::post("/").form("a=1&b=2").header("content-md5", md5_base64(b"a=1&b=2"));
    assert_accepted(Server::strict().verify(&wire.clone().sign()));
    let rewritten = wire.sign().with_body("b=2&a=1");
    assert_code(Server::strict().verify(&rewritten), ErrorCode::I400I5);
}

#[test]
fn lesson_09_the_digest_of_an_empty_body_is_a_digest() {
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        let server = Server::new(policy);
        let wire = Call::get("/").digested("").sign();
        assert_accepted(server.verify(&wire));
        let wire = Call::get("/").header("content-md5", md5_base64(b"x")).sign();
        assert_code(server.verify(&wire), ErrorCode::I400I5);
    }
}

#[test]
fn lesson_09_a_digest_is_the_base64_of_16_bytes() {
    let md5 = md5_base64(b"{}");
    let hex = "99914b932bd37a50b983c5e7c90ae93b";
    let malformed = [
        String::new(),
        hex.to_owned(),
        md5.trim_end_matches('=').to_owned(),
        format!("{md5}="),
        format!("{md5}{md5}"),
        md5[..20].to_owned(),
        "你好你好你好你好".to_owned(),
        "AAAAAAAAAAAAAAAAAAAAAAAA".to_owned(), // 18 bytes
        "AAAAAAAAAAAAAAAAAAAAAA=A".to_owned(),
    ];
    for server in [Server::strict(), Server::gateway()] {
        for text in &malformed {
            let wire = Call::put("{}").header("content-md5", text).sign();
            assert_refused(
                server.verify(&wire),
                ErrorCode::I400I5,
                "Invalid Content-MD5 is not the base64 of 16 bytes",
            );
        }
    }
}

#[test]
fn a_content_length_with_more_than_a_number_tells_nothing_and_of_several_the_first_counts() {
    let limits = Policy::strict().limits().with_max_body(8);
    let told = |lengths: &[&str]| {
        let server = Server::new(Policy::strict().with_limits(limits));
        let wire = Call::put("12345678").sign();
        server.verify(&lengths.iter().fold(wire, |wire, length| wire.and("content-length", length)))
    };
    for length in [" 9", "9 ", "9\t", "9,9", "-9", "0x9", "18446744073709551616", "\u{a0}9"] {
        assert_accepted(told(&[length]));
        assert_accepted(told(&[length, "9"]));
    }
    for lengths in [&["9"][..], &["+9"], &["9", "1"], &["18446744073709551615", "x"]] {
        assert_code(told(lengths), ErrorCode::I413RL);
    }
    assert_accepted(told(&["1", "9"]));
}

#[test]
fn a_body_over_its_limit_is_refused_however_its_length_is_told() {
    let limits = *Policy::strict().limits();
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        let server = Server::new(policy.with_limits(limits.with_max_body(8).with_max_form(4)));
        let fits = [Call::put("12345678"), Call::post("/").form("a=12")];
        let exceeds = [Call::put("123456789"), Call::post("/").form("a=123")];
        for call in fits {
            assert_accepted(server.verify(&call.clone().nonce("a").sign()));
            assert_accepted(server.verify(&call.nonce("b").sign().chunked()));
            server.replay.restart(countersign::clock::UnixMillis::ZERO);
        }
        let lookups = server.credentials.lookups();
        for call in exceeds {
            let wire = call.sign();
            assert_code(server.verify(&wire), ErrorCode::I413RL);
            let declared = wire.clone().chunked().with("content-length", "9");
            assert_code(server.verify(&declared), ErrorCode::I413RL);
        }
        assert_eq!(server.credentials.lookups(), lookups, "the head alone tells");
    }
    for policy in [Policy::strict(), Policy::gateway_compatible()] {
        let server = Server::new(policy.with_limits(limits.with_max_body(8).with_max_form(4)));
        for call in [Call::put("123456789"), Call::post("/").form("a=123")] {
            let untold = call.sign().chunked();
            assert_code(server.verify(&untold), ErrorCode::I413RL);
            let lying = untold.with("content-length", "1");
            assert_code(server.verify(&lying), ErrorCode::I413RL);
        }
    }
    // Without a digest a body is not read for verification, and bounded all the same.
    let policy = Policy::gateway_compatible().with_limits(limits.with_max_body(8));
    let server = Server::new(policy);
    let wire = Call::post("/").body("123456789").sign();
    assert_code(server.verify(&wire.chunked()), ErrorCode::I413RL);
}
