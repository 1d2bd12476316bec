//! `X-Ca-Timestamp`: milliseconds since the epoch, in decimal digits (protocol §2).

use crate::clock::UnixMillis;

/// Reads a timestamp: digits only, no sign, no fraction, no more than fits 64 bits.
///
/// Whether the instant is acceptable is not decided here.
///
/// ```
/// use countersign::{clock::UnixMillis, protocol::parse_timestamp};
///
/// assert_eq!(parse_timestamp(b"1646365291734"), Some(UnixMillis::new(1_646_365_291_734)));
/// assert_eq!(parse_timestamp(b"-1"), None);
/// ```
#[must_use]
pub fn parse_timestamp(text: &[u8]) -> Option<UnixMillis> {
    const MAX_DIGITS: usize = 20;
    if !(1..=MAX_DIGITS).contains(&text.len()) || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // Without the last, every number fits.
    let (last, rest) = text.split_last()?;
    let digit = |byte: &u8| u64::from(byte - b'0');
    let tens = rest.iter().fold(0_u64, |number, byte| number * 10 + digit(byte));
    tens.checked_mul(10)?.checked_add(digit(last)).map(UnixMillis::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_that_fit_are_a_timestamp() {
        for malformed in [
            "",
            " ",
            "-1",
            "+1",
            "1.5",
            "1e3",
            "0x10",
            "１",
            "18446744073709551616",
            "000000000000000000001",
        ] {
            assert_eq!(parse_timestamp(malformed.as_bytes()), None, "{malformed:?}");
        }
        assert_eq!(parse_timestamp(b"18446744073709551615"), Some(UnixMillis::MAX));
        assert_eq!(parse_timestamp(b"0"), Some(UnixMillis::ZERO));
    }
}
