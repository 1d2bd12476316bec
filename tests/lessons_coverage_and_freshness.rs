//! Lessons of other projects: what a signature must cover, and how long it is good for.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod support;

use std::time::Duration;

use countersign::clock::UnixMillis;
use countersign::error::ErrorCode;
use countersign::protocol::{Reading, Readings};
use countersign::verify::{Policy, StrictRow, TimestampUnit, Window};
use support::{
    Call, NOW, Server, SignedPath, Style, WINDOW_MILLIS, Wire, assert_accepted, assert_code,
    assert_refused,
};

const RAW: Style = Style { path: SignedPath::Raw, clash: support::ClashWinner::Query };

#[test]
fn lesson_01_a_timestamp_or_nonce_that_could_be_changed_is_refused() {
    let unsigned = [
        ("x-ca-timestamp", "X-Ca-Timestamp", (NOW + 1).to_string()),
        ("x-ca-nonce", "X-Ca-Nonce", "changed".to_owned()),
    ];
    for (name, documented, changed) in unsigned {
        let wire = Call::get("/").undeclare(name).sign();
        let message = format!("Invalid Header `{documented}` is not among X-Ca-Signature-Headers");
        for wire in [wire.clone(), wire.with(name, &changed)] {
            // The gateway accepts both, which is a replay.
            assert_accepted(Server::gateway().verify(&wire));
            assert_refused(Server::strict().verify(&wire), ErrorCode::I400HD, &message);
        }
        // Signed, it cannot be changed under either.
        let wire = Call::get("/").sign().with(name, &changed);
        for server in [Server::strict(), Server::gateway()] {
            assert_code(server.verify(&wire), ErrorCode::A403IS);
        }
    }
}

#[test]
fn lesson_02_a_nonce_that_is_not_signed_is_no_nonce() {
    let wire = Call::get("/").declare_nothing().declare("X-Ca-Key").declare("X-Ca-Timestamp");
    let server = Server::strict();
    assert_refused(
        server.verify(&wire.sign()),
        ErrorCode::I400HD,
        "Invalid Header `X-Ca-Nonce` is not among X-Ca-Signature-Headers",
    );
    // Declared, but empty or absent: covered, and still no nonce.
    assert_code(server.verify(&Call::get("/").nonce("").sign()), ErrorCode::I400NC);
    let declared_only = Call::get("/").without("x-ca-nonce").declare("X-Ca-Nonce");
    assert_code(server.verify(&declared_only.sign()), ErrorCode::I400NC);
    assert_eq!(server.replay.claims(), 0);
}

#[test]
fn lesson_03_the_date_is_text_and_only_the_timestamp_decides_freshness() {
    let stale = "Wed, 09 May 2018 13:30:29 GMT+00:00";
    let fresh = "Tue, 14 Nov 2023 22:13:20 GMT";
    for server in [Server::strict, Server::gateway] {
        for date in [stale, fresh, "yesterday", ""] {
            let call = || Call::get("/").header("date", date);
            assert_accepted(server().verify(&call().sign()));
            let old = call().timestamp(NOW - WINDOW_MILLIS - 1);
            assert_code(server().verify(&old.sign()), ErrorCode::S403TE);
            let malformed = call().timestamp("now");
            assert_code(server().verify(&malformed.sign()), ErrorCode::I400HD);
        }
        // It is a signed line all the same.
        let wire = Call::get("/").header("date", stale).sign();
        assert_code(server().verify(&wire.with("date", fresh)), ErrorCode::A403IS);
    }
    let only_date = Call::get("/").without("x-ca-timestamp").header("date", fresh);
    assert_refused(
        Server::strict().verify(&only_date.sign()),
        ErrorCode::I400MH,
        "Header `X-Ca-Timestamp` is Required",
    );
}

#[test]
fn lesson_04_a_timestamp_is_decimal_milliseconds_and_nothing_else() {
    let malformed = [
        "",
        "-1",
        "+1700000000000",
        "1700000000000.0",
        "1.7e12",
        "0x18bcfe56800",
        "1700000000000ms",
        "1 700 000 000 000",
        "１７０００００００００００",
        "-9223372036854775808",
        "18446744073709551616",
        "99999999999999999999",
        "99999999999999999999999999999999999999",
        "NaN",
        "2023-11-14T22:13:20Z",
    ];
    let far_away = [
        "0",
        "1",
        "170000000000",        // 12 digits
        "1700000000",          // seconds
        "9999999999999",       // 13 digits, in the year 2286
        "1700000000000000",    // 16 digits: microseconds
        "9223372036854775807", // i64::MAX
        "9223372036854775808",
        "18446744073709551615", // u64::MAX
    ];
    let policies = || {
        let named = TimestampUnit::MillisOrSeconds;
        [
            Policy::strict(),
            Policy::gateway_compatible(),
            Policy::gateway_compatible().with_window(Window::symmetric(Duration::ZERO)),
            Policy::strict().with_timestamp_unit(TimestampUnit::Millis),
            Policy::gateway_compatible()
                .with_timestamp_unit(named)
                .with_window(Window::symmetric(Duration::from_millis(1))),
        ]
    };
    for policy in policies() {
        for text in malformed {
            let answer = Server::new(policy.clone()).verify(&Call::get("/").timestamp(text).sign());
            assert_refused(
                answer,
                ErrorCode::I400HD,
                "Invalid Header `X-Ca-Timestamp` is not a number of milliseconds since 1970",
            );
        }
    }
    for policy in &policies()[..4] {
        for text in far_away {
            let answer = Server::new(policy.clone()).verify(&Call::get("/").timestamp(text).sign());
            assert_code(answer, ErrorCode::S403TE);
        }
    }
    // The white space around a value is not part of it.
    let padded = Call::get("/").timestamp(format!(" {NOW}\t"));
    assert_accepted(Server::strict().verify(&padded.sign()));
}

#[test]
fn lesson_04_the_widest_window_does_not_overflow() {
    for span in [Duration::from_secs(20 * 365 * 86_400), Duration::MAX] {
        let policy = Policy::strict().with_window(Window::symmetric(span));
        let server = Server::new(policy);
        assert_accepted(server.verify(&Call::get("/").sign()));
        assert_code(server.verify(&Call::get("/").timestamp("-1").sign()), ErrorCode::I400HD);
    }
    let server = Server::new(Policy::strict().with_window(Window::symmetric(Duration::MAX)));
    for text in ["0", "18446744073709551615"] {
        let wire = Call::get("/").timestamp(text).sign();
        assert_accepted(server.verify(&wire));
        assert_code(server.verify(&wire), ErrorCode::S403NU);
    }
    let kept_through: Vec<_> =
        server.replay.entries().into_iter().map(|(_, until)| until).collect();
    assert_eq!(kept_through, [UnixMillis::MAX; 2]);
}

#[test]
fn lesson_05_the_future_is_bounded_like_the_past() {
    for server in [Server::strict, Server::gateway] {
        for inside in [NOW - WINDOW_MILLIS, NOW, NOW + WINDOW_MILLIS] {
            assert_accepted(server().verify(&Call::get("/").timestamp(inside).sign()));
        }
        for outside in [NOW - WINDOW_MILLIS - 1, NOW + WINDOW_MILLIS + 1] {
            let answer = server().verify(&Call::get("/").timestamp(outside).sign());
            assert_refused(answer, ErrorCode::S403TE, "X-Ca-Timestamp is expired");
        }
    }
    // The two sides are knobs of their own.
    let window = Window::new(Duration::from_secs(60), Duration::from_secs(1));
    let server = Server::new(Policy::strict().with_window(window));
    for (timestamp, fresh) in
        [(NOW - 60_000, true), (NOW - 60_001, false), (NOW + 1_000, true), (NOW + 1_001, false)]
    {
        let answer = server.verify(&Call::get("/").timestamp(timestamp).sign());
        assert_eq!(answer.is_ok(), fresh, "{timestamp}");
    }
}

#[test]
fn lesson_06_what_a_query_says_is_signed_and_how_it_is_written_is_not() {
    let same = [
        ("/?a=1&b=2", "/?b=2&a=1"),
        ("/?a=x+y", "/?a=x%20y"),
        ("/?a=%e4%bd%a0", "/?a=%E4%BD%A0"),
        ("/?a=%41", "/?a=A"),
        ("/?%61=1", "/?a=1"),
        ("/?a=", "/?a"),
        ("/?a=1&a=1", "/?a=1"),
        ("/?a=1=2", "/?a=1%3D2"),
        ("/?a=1;b=2", "/?a=1%3Bb=2"),
        ("/?&a=1&&b=2&", "/?a=1&b=2"),
        ("/", "/?"),
    ];
    for (signed, sent) in same {
        for (signed, sent) in [(signed, sent), (sent, signed)] {
            let wire = Call::get(signed).sign().to(sent);
            assert_accepted(Server::strict().verify(&wire));
        }
    }
    let different = [
        ("/?a=1&b=2", "/?a=2&b=1"),
        ("/?a=1", "/?A=1"),
        ("/?a=x%2By", "/?a=x+y"),
        ("/?a=1", "/?a=1&b"),
        ("/?a=1", "/"),
        ("/?a=1;b=2", "/?a=1&b=2"),
        ("/?a=%25zz", "/?a=%2525zz"),
        ("/?a=1", "/?a=1%00"),
        ("/?a=1&b=2", "/?a=1"),
        ("/?a=1=2", "/?a=1"),
        ("/?a=1", "/?=evil&a=1"),
    ];
    for (signed, sent) in different {
        for (signed, sent) in [(signed, sent), (sent, signed)] {
            let wire = Call::get(signed).sign().to(sent);
            assert_code(Server::strict().verify(&wire), ErrorCode::A403IS);
            assert_code(Server::gateway().verify(&wire), ErrorCode::A403IS);
        }
    }
}

#[test]
fn lesson_07_without_a_list_there_is_no_header_line_and_an_absent_header_has_one() {
    let shown = |call: Call| {
        let policy = Policy::gateway_compatible()
            .with_disclosed_header(http::HeaderName::from_static("x-absent"));
        let wire = call.nonce("n").sign().with("x-ca-signature", "AAAA");
        assert_code(Server::new(policy).verify(&wire), ErrorCode::A403IS).message()
    };
    let sts = "Invalid Signature, Server StringToSign:`GET\napplication/json\n\n\n\n";
    let no_list = Call::get("/a").declare_nothing();
    assert_eq!(shown(no_list.clone()), format!("{sts}/a`"));
    assert_eq!(
        shown(no_list.change(|w| w.with("x-ca-signature-headers", ""))),
        format!("{sts}/a`")
    );
    let empty_items = Call::get("/a").declare_nothing().declare(" , ,,\t");
    assert_eq!(shown(empty_items), format!("{sts}/a`"));
    let absent = Call::get("/a").declare_nothing().declare("X-Absent");
    assert_eq!(shown(absent), format!("{sts}X-Absent:\n/a`"));
    // And that is what a client signs.
    assert_accepted(Server::gateway().verify(&Call::get("/a").declare_nothing().sign()));
    assert_accepted(Server::strict().verify(&Call::get("/a").declare("X-Absent").sign()));
}

#[test]
fn lesson_07_a_listed_header_that_was_absent_cannot_be_added() {
    let wire = Call::get("/").declare("X-Role").sign();
    assert_accepted(Server::strict().verify(&wire));
    for server in [Server::strict(), Server::gateway()] {
        let added = wire.clone().with("x-role", "admin");
        assert_code(server.verify(&added), ErrorCode::A403IS);
    }
}

#[test]
fn lesson_07a_a_parameter_that_is_said_twice_differently_is_refused() {
    let in_the_query = [
        ("/?a=1", "/?a=1&a=evil"),
        ("/?a=1", "/?a=1&%61=evil"),
        ("/?a=1", "/?a=1&a="),
        ("/?a=1", "/?a=1&a"),
        ("/?a+b=1", "/?a+b=1&a%20b=evil"),
        ("/?a=1&b=2", "/?a=1&b=2&a=evil"),
    ];
    for (signed, sent) in in_the_query {
        let wire = Call::get(signed).sign().to(sent);
        let gateway = assert_accepted(Server::gateway().verify(&wire));
        assert!(gateway.strict_findings().iter().any(|row| row == StrictRow::RepeatedParameter));
        assert_code(Server::strict().verify(&wire), ErrorCode::I400IP);
    }
    // The same value again changes nothing.
    let repeated = Call::get("/?a=1").sign().to("/?a=1&a=1&a=1");
    assert_accepted(Server::strict().verify(&repeated));

    // The losing side of a clash between query and form; each side loses by one reading.
    let query_wins = Call::post("/?a=1").form("b=2").sign();
    let form_wins = Call::post("/").form("a=1&b=2").sign();
    for wire in [query_wins.with_body("a=evil&b=2"), form_wins.to("/?a=evil")] {
        assert_accepted(Server::gateway().verify(&wire));
        assert_refused(
            Server::strict().verify(&wire),
            ErrorCode::I400IP,
            "Invalid parameter `a` occurs twice with different values",
        );
    }
    // Within the form.
    let wire = Call::post("/").form("a=1").sign().with_body("a=1&a=evil");
    assert_code(Server::strict().verify(&wire), ErrorCode::I400IP);
    let wire = Call::post("/").form("x%20y=1").sign().with_body("x%20y=1&x+y");
    assert_refused(
        Server::strict().verify(&wire),
        ErrorCode::I400IP,
        "Invalid parameter `x y` occurs twice with different values",
    );
    // Names are compared as a handler decodes them: bytes that are no UTF-8 look alike there.
    let wire = Call::get("/?%FF=1&%FE=2").sign();
    assert_accepted(Server::gateway().verify(&wire));
    assert_refused(
        Server::strict().verify(&wire),
        ErrorCode::I400IP,
        "Invalid parameter `\u{fffd}` occurs twice with different values",
    );
}

#[test]
fn lesson_07b_a_signature_opens_one_resource_whether_it_signs_the_path_decoded_or_raw() {
    // Signed as it is on the wire; decoded, the other wire form is the same text.
    let wire = Call::get("/files/100%25").style(RAW).sign();
    assert_accepted(Server::strict().verify(&wire));
    let other = wire.to("/files/100%2525");
    assert_accepted(Server::gateway().verify(&other));
    assert_code(Server::strict().verify(&other), ErrorCode::A403IS);

    // Of one signature's two wire forms strict accepts one, whichever the client meant.
    for (signed, style, others) in [
        ("/files/100%25", RAW, ["/files/100%25", "/files/100%2525"]),
        ("/files/100%2541", RAW, ["/files/100%2541", "/files/100%252541"]),
        ("/files/100%2541", Style::default(), ["/files/100%2541", "/files/100%41"]),
        ("/files/100%252F", Style::default(), ["/files/100%252F", "/files/100%2F"]),
    ] {
        let accepts = |server: fn() -> Server| {
            let wire = Call::get(signed).style(style).sign();
            let accepted = others.map(|sent| server().verify(&wire.clone().to(sent)).is_ok());
            accepted.into_iter().filter(|accepted| *accepted).count()
        };
        assert_eq!(accepts(Server::gateway), 2, "{signed}");
        assert_eq!(accepts(Server::strict), 1, "{signed}");
    }
}

#[test]
fn lesson_07b_a_decoded_question_mark_does_not_open_another_resource() {
    let wire = Call::get("/pay?to=bob").sign();
    let other = wire.clone().to("/pay%3Fto=bob");
    assert_accepted(Server::gateway().verify(&other));
    assert_code(Server::strict().verify(&other), ErrorCode::A403IS);
    assert_accepted(Server::strict().verify(&wire));

    // A client that signs such a path decoded has signed the other request, and only that one.
    let wire = Call::get("/pay%3Fto=bob").sign();
    assert_code(Server::strict().verify(&wire), ErrorCode::A403IS);
    // One that signs what it sends has signed this one, and only this one.
    let wire = Call::get("/pay%3Fto=bob").style(RAW).sign();
    assert_accepted(Server::strict().verify(&wire));
    assert_code(Server::strict().verify(&wire.to("/pay?to=bob")), ErrorCode::A403IS);
}

#[test]
fn lesson_07b_a_line_break_in_a_path_does_not_imitate_a_header_line() {
    // Decoded, this path is a signed header `/x` with a value, and then another path.
    let wire = Call::get("/x:1%0A/admin").sign();
    assert_accepted(Server::gateway().verify(&wire));
    assert_code(Server::strict().verify(&wire), ErrorCode::A403IS);
    // Such a header cannot be declared, under either policy.
    let list = "X-Ca-Key,X-Ca-Timestamp,X-Ca-Nonce,/x";
    let imitation = wire.to("/admin").with("x-ca-signature-headers", list);
    for server in [Server::strict(), Server::gateway()] {
        assert_refused(
            server.verify(&imitation),
            ErrorCode::I400HD,
            "Invalid Header `X-Ca-Signature-Headers` declares a name that is no header name",
        );
    }
    for control in ["%00", "%0D", "%1F", "%7F", "%C2%85"] {
        let wire = Call::get(&format!("/a{control}b")).sign();
        assert_code(Server::strict().verify(&wire), ErrorCode::A403IS);
    }
}

#[test]
fn lesson_07b_a_name_with_a_separator_does_not_imitate_other_parameters() {
    let pairs = [("/?a=1&b=2", "/?a%3D1%26b=2"), ("/?a=1", "/?a%3D1"), ("/?a&b", "/?a%26b")];
    for (signed, sent) in pairs {
        let wire = Call::get(signed).sign().to(sent);
        assert_accepted(Server::gateway().verify(&wire));
        assert_code(Server::strict().verify(&wire), ErrorCode::I400IP);
        // A signer that means it is refused as well: nobody could tell the two apart.
        assert_code(Server::strict().verify(&Call::get(sent).sign()), ErrorCode::I400IP);
    }
    // A bare name in a form is signed raw, so a handler would see another name.
    for (signed, sent) in [("a%26b", "a%26b"), ("x+y", "x+y"), ("%61", "%61")] {
        let wire = Call::post("/").form(signed).sign().with_body(sent);
        assert_accepted(Server::gateway().verify(&wire));
        assert_code(Server::strict().verify(&wire), ErrorCode::I400IP);
    }
}

#[test]
fn lesson_07c_a_signed_content_type_cannot_be_put_before_another_content_type() {
    let forged = |wire: Wire, real: &str| {
        wire.with("x-ca-signed-content-type", "application/json").with("content-type", real)
    };
    let signed = || Call::post("/").json("{}").sign();
    for real in ["text/html", "application/xml", "application/x-www-form-urlencoded", ""] {
        // With its Content-MD5 and without form parameters the string stays the same.
        let wire = forged(signed(), real);
        if real != "application/x-www-form-urlencoded" {
            assert_accepted(Server::gateway().verify(&wire));
        }
        assert_refused(
            Server::strict().verify(&wire),
            ErrorCode::I400HD,
            "Invalid Header `X-Ca-Signed-Content-Type` is not among X-Ca-Signature-Headers",
        );
    }
    // Signed, it may differ in parameters, as a browser's multipart boundary does, and no more.
    let call = |real: &str| {
        Call::post("/")
            .digested("body")
            .header("content-type", real)
            .signed_header("X-Ca-Signed-Content-Type", "multipart/form-data")
    };
    for real in ["multipart/form-data; boundary=x", "Multipart/Form-Data"] {
        assert_accepted(Server::strict().verify(&call(real).sign()));
    }
    for real in ["multipart/mixed", "application/x-www-form-urlencoded", ""] {
        assert_refused(
            Server::strict().verify(&call(real).sign()),
            ErrorCode::I400HD,
            "Invalid Header `X-Ca-Signed-Content-Type` is of another media type than Content-Type",
        );
    }
}

#[test]
fn lesson_07d_a_second_value_of_a_signed_header_is_refused() {
    let signed = Call::get("/").signed_header("X-User", "a").sign();
    let smuggled = signed.clone().and("x-user", "root");
    let gateway = assert_accepted(Server::gateway().verify(&smuggled));
    assert!(gateway.strict_findings().iter().any(|row| row == StrictRow::RepeatedHeader));
    assert_refused(
        Server::strict().verify(&smuggled),
        ErrorCode::I400HD,
        "Invalid Header `X-User` is signed and has more than one value",
    );
    // The same value again says nothing new, and an unsigned header is nobody's promise.
    assert_accepted(Server::strict().verify(&signed.clone().and("x-user", "a")));
    let unsigned = signed.with("x-user", "a").and("x-other", "1").and("x-other", "2");
    assert_accepted(Server::strict().verify(&unsigned));

    // Declared twice.
    let wire = Call::get("/").signed_header("X-User", "a").declare("x-user").sign();
    assert_accepted(Server::gateway().verify(&wire));
    assert_code(Server::strict().verify(&wire), ErrorCode::I400HD);

    // The headers that have a line of their own.
    for name in ["accept", "date"] {
        let wire = Call::get("/").header(name, "a").sign().and(name, "b");
        assert_accepted(Server::gateway().verify(&wire));
        assert_code(Server::strict().verify(&wire), ErrorCode::I400HD);
    }
}

#[test]
fn lesson_08_an_unknown_signature_method_is_an_error() {
    let unknown = [
        "HmacSHA512",
        "HMACSHA256",
        "hmacsha1",
        "HmacMD5",
        "SHA256",
        "none",
        "HmacSHA256,HmacSHA1",
        "0",
        "你",
    ];
    for server in [Server::strict(), Server::gateway()] {
        for method in unknown {
            let wire = Call::get("/").header("x-ca-signature-method", method).sign();
            assert_refused(
                server.verify(&wire),
                ErrorCode::I400HD,
                "Invalid Header `X-Ca-Signature-Method` is neither HmacSHA256 nor HmacSHA1",
            );
        }
        for method in ["", "HmacSHA256"] {
            let wire = Call::get("/").header("x-ca-signature-method", method).sign();
            assert_accepted(server.verify(&wire));
        }
        // A method may not be swapped: SHA-1's name over a SHA-256 signature and back.
        let wire = Call::get("/").sign().with("x-ca-signature-method", "HmacSHA1");
        assert!(server.verify(&wire).is_err());
        let wire = Call::get("/").hmac_sha1().sign().without("x-ca-signature-method");
        assert_code(server.verify(&wire), ErrorCode::A403IS);
    }
    assert_accepted(Server::gateway().verify(&Call::get("/").hmac_sha1().sign()));
    assert_code(Server::strict().verify(&Call::get("/").hmac_sha1().sign()), ErrorCode::I400HD);
}

#[test]
fn lesson_07b_a_reading_that_lets_a_signed_plus_change_is_off_unless_named() {
    // Read literally, the `+` that was signed for a space is the `%2B` that was not.
    let wire = Call::get("/?a=x%2By").sign().to("/?a=x+y");
    let named = Policy::strict().with_readings(Readings::NONE.with(Reading::DangerousLiteralPlus));
    assert_accepted(Server::new(named).verify(&wire));
    for server in [Server::strict(), Server::gateway()] {
        assert_code(server.verify(&wire), ErrorCode::A403IS);
    }
}
