//! What holds for every pair of strings.

use countersign::error::{Dialect, ErrorCode, Rejection, RenderRejection};
use countersign::explain::{Cause, ClientSide, ServerString};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::{Call, SECRET, Server, assert_code, hmac_sha256, string_to_sign};

/// Text made of what means something in a string to sign.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("#"),
        Just("\n"),
        Just("\r\n"),
        Just(":"),
        Just("/"),
        Just("?"),
        Just("&"),
        Just("="),
        Just("%"),
        Just("%2F"),
        Just("+"),
        Just("`"),
        Just("(3 bytes)"),
        Just("X-Ca-Key:1"),
        Just("x-ca-key"),
        Just("GET"),
        Just("*/*"),
        Just("//"),
        Just("../"),
        Just("a"),
        Just("b"),
        Just(" "),
        Just("你"),
        Just("ä½"),
        Just("\u{fffd}"),
        Just("\0"),
        Just("{id}"),
        Just("StringToSign:"),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_two_texts_are_compared_without_a_panic(
        client in soup(),
        server in soup(),
        bytes in vec(any::<u8>(), 0..40),
        quote in any::<bool>(),
    ) {
        let message = match quote {
            true => format!("Invalid Signature, Server StringToSign:`{server}`"),
            false => format!("Server StringToSign:{server}"),
        };
        let Some(server) = ServerString::from_error_message(&message) else { return Ok(()) };
        prop_assert!(server.lines().len() >= 6);
        let wire = Call::post("/a?b=c").form("b=d&e=f").sign();
        for string in [client.as_bytes(), &bytes, &[client.as_bytes(), &bytes].concat()] {
            let side = ClientSide::new(string);
            let more = side.with_request(wire.head(), &wire.body).with_secret(SECRET);
            for diagnosis in [side.compare(&server), more.compare(&server)] {
                let lines = diagnosis.to_string().lines().count();
                prop_assert!((3..=8).contains(&lines), "{}", diagnosis);
            }
        }
    }

    /// Whatever is in the request: a right string is never blamed.
    #[test]
    fn a_right_string_shows_no_difference(
        path in "(/[a-z你%#?+ ]{0,6}){1,3}",
        params in vec(("[a-z#&= +%你]{1,4}", "[a-z#&= +%你:/\n]{0,6}"), 0..5),
        header in "[!-~]{0,12}",
        own in "[!-~]{0,12}",
    ) {
        let escaped = |text: &str| -> String {
            text.bytes().map(|byte| format!("%{byte:02X}")).collect()
        };
        let segments: Vec<_> = path.split('/').map(|segment| match segment {
            segment if segment.bytes().all(|byte| byte.is_ascii_lowercase()) => segment.to_owned(),
            segment => escaped(segment),
        }).collect();
        // White space at the very end would not be shown by a classic server.
        let query: Vec<_> = params.iter().map(|(name, value)| {
            format!("{}={}", escaped(name), escaped(value.trim_end()))
        }).collect();
        let target = format!("{}?{}", segments.join("/"), query.join("&"));
        let wire = Call::get(&target)
            .signed_header("X-Trace", header.trim())
            .signed_header("X-Ca-Own", own.trim())
            .sign();
        let string = string_to_sign(&wire, Default::default());
        let wire = wire.with("x-ca-signature", hmac_sha256("another", &string));
        let rejection = assert_code(Server::gateway().verify(&wire), ErrorCode::A403IS);
        for dialect in [Dialect::Vpc, Dialect::Classic] {
            let server = ServerString::from_error_message(&rendered(dialect, &rejection)).unwrap();
            let diagnosis = ClientSide::new(&string).compare(&server);
            prop_assert!(diagnosis.differences().is_empty(), "{}\n{:?}", diagnosis, server.as_str());
        }
    }
}

fn rendered(dialect: Dialect, rejection: &Rejection) -> String {
    let response = dialect.render(rejection);
    String::from_utf8(response.headers()["x-ca-error-message"].as_bytes().to_vec()).unwrap()
}

/// Work that grew with the square of the length would not end within a test's patience.
#[test]
fn a_hostile_server_cannot_make_the_comparison_long() {
    const MANY: usize = 200_000;
    let client = format!("GET\n\n\n\n\na:{}\n/?{}", "a:".repeat(100), "a=1&".repeat(100));
    for piece in ["#", "a:#", "a:", "/", "&a", "&a=1", "a:#x", "x#", "(3 bytes)#", "%2525", "你#"]
    {
        let text = format!("StringToSign:`GET#####{}`", piece.repeat(MANY));
        let server = ServerString::from_error_message(&text).unwrap();
        let diagnosis = ClientSide::new(client.as_bytes()).compare(&server);
        assert_ne!(diagnosis.cause(), Cause::SameString, "{piece}");
        assert!(diagnosis.to_string().len() < 4096, "{piece}");
    }
}
