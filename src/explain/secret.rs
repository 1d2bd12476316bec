//! What is wrong with a signature whose string is right: found by making it in the usual wrong ways.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::Cause;
use crate::credential::AppSecret;
use crate::protocol::{PresentedSignature, SignatureMethod};

const METHODS: [SignatureMethod; 2] = [SignatureMethod::HmacSha256, SignatureMethod::HmacSha1];

/// The cause, given the text of `X-Ca-Signature` and of `X-Ca-Signature-Method`.
///
/// Each way differs from the right one in as little as possible; the first that gives this
/// signature is the cause.
pub(super) fn judge(string: &[u8], secret: &str, signature: &[u8], method: &[u8]) -> Cause {
    let declared = SignatureMethod::parse(method).ok();
    let is_declared = |method: SignatureMethod| declared == Some(method);
    let strings = strings(string);
    for (encoding, mac) in macs(signature) {
        for (key, cause_of_key) in keys(secret) {
            let Ok(key) = AppSecret::new(key.as_slice()) else {
                continue;
            };
            for (string, cause_of_string) in &strings {
                for method in METHODS {
                    if method.verify(&key, string, &mac) {
                        let method =
                            (!is_declared(method)).then_some(Cause::SignatureMethodDiffers);
                        let causes = [encoding, method, cause_of_key, *cause_of_string];
                        return causes.into_iter().flatten().next().unwrap_or(Cause::WrongSecret);
                    }
                }
            }
        }
    }
    // The presented text is no MAC's: anything but a right signature.
    Cause::SignedAnotherString
}

/// The MAC that the text may be, each with what is wrong with the text.
fn macs(signature: &[u8]) -> Vec<(Option<Cause>, PresentedSignature)> {
    let wrong = Some(Cause::SignatureEncoding);
    let hex_in_base64 = STANDARD.decode(signature).ok();
    let hex_in_base64 = hex_in_base64.as_deref().and_then(from_hex);
    let others = [
        STANDARD_NO_PAD.decode(signature).ok(),
        URL_SAFE.decode(signature).ok(),
        URL_SAFE_NO_PAD.decode(signature).ok(),
        from_hex(signature),
        hex_in_base64,
    ];
    let others = others
        .into_iter()
        .flatten()
        .map(|mac| (wrong, PresentedSignature::decode(STANDARD.encode(mac).as_bytes())));
    std::iter::once((None, PresentedSignature::decode(signature))).chain(others).collect()
}

/// What may have been the HMAC's key, each with what is wrong with it.
fn keys(secret: &str) -> Vec<(Zeroizing<Vec<u8>>, Option<Cause>)> {
    let blank = Some(Cause::SecretWhiteSpace);
    let decoded = Some(Cause::SecretEncoding);
    let trimmed = secret.trim();
    let has_blanks = trimmed.len() < secret.len();
    let as_given = if has_blanks { blank } else { None };
    let mut keys = vec![(secret.as_bytes().to_vec(), as_given)];
    let others = [
        (has_blanks.then(|| trimmed.as_bytes().to_vec()), blank),
        (Some(format!("{trimmed}\n").into_bytes()), blank),
        (Some(format!("{trimmed}\r\n").into_bytes()), blank),
        (Some(format!("{trimmed} ").into_bytes()), blank),
        (STANDARD.decode(trimmed).ok(), decoded),
        (from_hex(trimmed.as_bytes()), decoded),
        (Some(STANDARD.encode(trimmed).into_bytes()), decoded),
    ];
    keys.extend(others.into_iter().filter_map(|(key, cause)| Some((key?, cause))));
    keys.into_iter().map(|(key, cause)| (Zeroizing::new(key), cause)).collect()
}

/// What may have been signed instead of the string, each with what is wrong with it.
fn strings(string: &[u8]) -> Vec<(Vec<u8>, Option<Cause>)> {
    let with_end = [string, b"\n"].concat();
    let text = String::from_utf8_lossy(string);
    vec![
        (string.to_vec(), None),
        (with_end, Some(Cause::TrailingLineFeed)),
        (text.replace('\n', "\r\n").into_bytes(), Some(Cause::CarriageReturns)),
        (text.replace('\n', "\\n").into_bytes(), Some(Cause::LineEnds)),
        (text.replace('\n', "#").into_bytes(), Some(Cause::LineEnds)),
        (text.replace('\n', "").into_bytes(), Some(Cause::LineEnds)),
    ]
}

fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_chunks::<2>() else {
        return None;
    };
    let digit =
        |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}
