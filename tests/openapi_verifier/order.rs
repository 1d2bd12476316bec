use countersign::clock::UnixMillis;

use super::bench::*;

#[test]
fn one_scheme_is_presented() {
    let rpc = rpc("GET", RPC);
    let both = rpc.clone().header("authorization", "acs k:s");
    assert_eq!(Bench::strict().code(&both), "InvalidAuthorization");
    assert_eq!(Bench::strict().code(&Sent::new("GET", "/")), "MissingAccessKeyId");
    for (name, value) in [
        ("authorization", "ACS4-HMAC-SHA256 Credential=a"),
        ("x-acs-bearer-token", "token"),
        ("x-acs-zero-trust-idtoken", "token"),
    ] {
        let request = Sent::new("GET", "/").header(name, value);
        assert_eq!(Bench::compatible().code(&request), "InvalidSignatureMethod", "{name}");
    }
}

/// Each flaw on a request that also has all later ones.
#[test]
fn of_several_flaws_the_earlier_step_answers() {
    type Flaw = (&'static str, fn(Sent) -> Sent);
    let flaws: [Flaw; 7] = [
        ("InvalidUrl.LengthLimit", |r| r.target(&format!("/?{}", "x".repeat(9000)))),
        ("InvalidAuthorization", |r| r.target("/?Signature=x")),
        ("Invalidx-acs-action", |r| r.also("x-acs-action", "other")),
        ("InvalidTimeStamp.Format", |r| r.header("x-acs-date", "now")),
        ("InvalidAccessKeyId.NotFound", |r| {
            let value = r.headers["authorization"].to_str().unwrap().replace(KEY, "LTAI5tOther");
            r.header("authorization", &value)
        }),
        ("InvalidTimeStamp.Expired", |r| r.header("x-acs-date", "2023-10-26T09:22:32Z")),
        ("SignatureDoesNotMatch", |r| r.target("/?changed")),
    ];
    for (first, (code, _)) in flaws.iter().enumerate() {
        // The last one first, so that an earlier flaw has the last word on a header.
        let request =
            flaws[first..].iter().rev().fold(v3("GET", "/", b"").v3(), |r, (_, flaw)| flaw(r));
        assert_eq!(Bench::strict().code(&request), *code);
    }
}

#[test]
fn the_nonce_is_judged_last() {
    let bench = Bench::strict();
    let request = v3("POST", "/", b"{}").v3();
    assert_eq!(bench.code(&request), "");
    assert_eq!(bench.code(&request.clone().body("[]")), "SignatureDoesNotMatch");
    bench.clock.step_wall_to(UnixMillis::new(NOW + 16 * 60 * 1000));
    assert_eq!(bench.code(&request), "InvalidTimeStamp.Expired");
}
