//! Strings that are the same, and signatures that are not.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign::explain::Cause;

use crate::broken::Broken;
use crate::support::{Call, SECRET, hmac_sha1, hmac_sha256};

fn get() -> Broken {
    Broken::new(Call::get("/a?b=c"))
}

/// What only the request and the secret tell; the strings alone are the same.
#[track_caller]
fn told(broken: Broken, cause: Cause) {
    let diagnosis = broken.told_by_the_request(cause, "");
    assert!(diagnosis.differences().is_empty());
    assert!(!format!("{diagnosis} {diagnosis:?}").contains(SECRET), "{diagnosis}");
}

fn mac(string: &[u8]) -> Vec<u8> {
    STANDARD.decode(hmac_sha256(SECRET, string)).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn another_secret() {
    told(get().secret("another"), Cause::WrongSecret);
}

#[test]
fn a_secret_with_white_space_around_it() {
    told(get().secret(&format!("{SECRET}\n")), Cause::SecretWhiteSpace);
    told(get().secret(&format!(" {SECRET}")), Cause::SecretWhiteSpace);
    // The developer knows the right one; the client reads it from a file.
    let of_a_file = |string: &[u8]| hmac_sha256(&format!("{SECRET}\n"), string);
    told(get().makes_signature(of_a_file), Cause::SecretWhiteSpace);
}

#[test]
fn a_secret_that_is_decoded_first() {
    let secret = STANDARD.encode("hush");
    let decoded = get().secret(&secret).makes_signature(|string| hmac_sha256("hush", string));
    told(decoded, Cause::SecretEncoding);
    let encoded = |string: &[u8]| hmac_sha256(&STANDARD.encode(SECRET), string);
    told(get().makes_signature(encoded), Cause::SecretEncoding);
}

#[test]
fn the_other_signature_method() {
    told(get().makes_signature(|string| hmac_sha1(SECRET, string)), Cause::SignatureMethodDiffers);
    let sha1 = Broken::new(Call::get("/a").hmac_sha1());
    told(sha1, Cause::SignatureMethodDiffers);
}

#[test]
fn a_signature_that_is_not_standard_base64() {
    let url_safe = |string: &[u8]| URL_SAFE_NO_PAD.encode(mac(string));
    told(get().makes_signature(url_safe), Cause::SignatureEncoding);
    told(get().makes_signature(|string| hex(&mac(string))), Cause::SignatureEncoding);
    told(
        get().makes_signature(|string| STANDARD.encode(hex(&mac(string)))),
        Cause::SignatureEncoding,
    );
    let unpadded = |string: &[u8]| hmac_sha256(SECRET, string).trim_end_matches('=').to_owned();
    told(get().makes_signature(unpadded), Cause::SignatureEncoding);
}

#[test]
fn a_string_that_is_not_the_one_that_was_printed() {
    let feed = |string: &[u8]| hmac_sha256(SECRET, &[string, b"\n"].concat());
    told(get().makes_signature(feed), Cause::TrailingLineFeed);
    let windows = |string: &[u8]| {
        let text = String::from_utf8(string.to_vec()).unwrap();
        hmac_sha256(SECRET, text.replace('\n', "\r\n").as_bytes())
    };
    told(get().makes_signature(windows), Cause::CarriageReturns);
    told(get().makes_signature(|_| hmac_sha256(SECRET, b"else")), Cause::SignedAnotherString);
    told(get().makes_signature(|_| "no signature".to_owned()), Cause::SignedAnotherString);
}

#[test]
fn the_strings_alone_tell_that_they_are_the_same() {
    get().secret("another").told_by_the_request(Cause::WrongSecret, "");
    let bare = countersign::explain::ServerString::from_error_message("GET#####/").unwrap();
    let diagnosis = countersign::explain::ClientSide::new(b"GET\n\n\n\n\n/").compare(&bare);
    assert_eq!(diagnosis.cause(), Cause::SameString);
    assert!(diagnosis.to_string().starts_with("no difference\ncause   same-string: both strings"));
}
