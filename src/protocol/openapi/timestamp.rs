//! The two forms of time (openapi §5).

use std::time::SystemTime;

use crate::clock::UnixMillis;

const DAY_SECS: u64 = 86_400;
/// The days before the epoch.
const EPOCH: u64 = days_before(1970, 1);

/// Reads the time of RPC and V3: `yyyy-MM-ddTHH:mm:ssZ`, these twenty characters and no others. What
/// was before 1970 is the epoch.
///
/// ```
/// use countersign::{clock::UnixMillis, protocol::openapi::parse_acs_timestamp};
///
/// let time = parse_acs_timestamp(b"2016-02-23T12:46:24Z");
/// assert_eq!(time, Some(UnixMillis::new(1_456_231_584_000)));
/// assert_eq!(parse_acs_timestamp(b"2016-02-23T12:46:24+00:00"), None);
/// ```
#[must_use]
pub fn parse_acs_timestamp(text: &[u8]) -> Option<UnixMillis> {
    let text: &[u8; 20] = text.try_into().ok()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', time @ .., b'Z'] = *text else {
        return None;
    };
    let [h1, h2, b':', min1, min2, b':', s1, s2] = time else { return None };
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[min1, min2])?, number(&[s1, s2])?);
    let is_date = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_before(year, month) + day - 1;
    let secs = ((days * 24 + hour) * 60 + minute) * 60 + second;
    Some(UnixMillis::new(secs.saturating_sub(EPOCH * DAY_SECS) * 1000))
}

/// Writes the time of RPC and V3, in whole seconds. A year that has more than four digits cannot be
/// written.
#[must_use]
pub fn fmt_acs_timestamp(time: UnixMillis) -> Option<String> {
    let secs = time.get() / 1000;
    let days = secs / DAY_SECS + EPOCH;
    // A year has 365.2425 days; the first guess is right or one too small or large.
    let guess = days * 10_000 / 3_652_425;
    let year = (guess.saturating_sub(1)..=guess + 1).rfind(|year| days_before(*year, 1) <= days)?;
    let month = (1..=12).rfind(|month| days_before(year, *month) <= days)?;
    let day = days - days_before(year, month) + 1;
    let (hour, minute, second) = (secs / 3600 % 24, secs / 60 % 60, secs % 60);
    (year <= 9999)
        .then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// Reads the time of ROA, the `Date` header: `Thu, 01 Jan 1970 00:00:00 GMT`, in this form of the three
/// that HTTP knows, with the weekday that the date has.
///
/// ```
/// use countersign::{clock::UnixMillis, protocol::openapi::parse_http_date};
///
/// let time = parse_http_date(b"Tue, 23 Feb 2016 12:46:24 GMT");
/// assert_eq!(time, Some(UnixMillis::new(1_456_231_584_000)));
/// assert_eq!(parse_http_date(b"Mon, 23 Feb 2016 12:46:24 GMT"), None);
/// ```
#[must_use]
pub fn parse_http_date(text: &[u8]) -> Option<UnixMillis> {
    let text = std::str::from_utf8(text).ok()?;
    let time: SystemTime = httpdate::parse_http_date(text).ok()?;
    (httpdate::fmt_http_date(time) == text).then(|| time.into())
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0'))
    })
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days of the Gregorian calendar from its year 0 to the first of this month.
const fn days_before(year: u64, month: u64) -> u64 {
    // How many of the years 0 to year - 1 a number divides.
    let leap_days = year.div_ceil(4) - year.div_ceil(100) + year.div_ceil(400);
    let (mut days, mut before) = (year * 365 + leap_days, 1);
    while before < month {
        days += days_in(year, before);
        before += 1;
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(text: &str) -> Option<u64> {
        parse_acs_timestamp(text.as_bytes()).map(UnixMillis::get)
    }

    #[test]
    fn a_timestamp_is_a_date_of_the_calendar_and_a_time_of_the_day() {
        for (text, secs) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-03-01T00:00:01Z", 5_097_601),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("1969-12-31T23:59:59Z", 0),
            ("0000-01-01T00:00:00Z", 0),
        ] {
            assert_eq!(millis(text), Some(secs * 1000), "{text}");
        }
    }

    #[test]
    fn a_timestamp_has_exactly_one_form() {
        for text in [
            "",
            "2016-02-23T12:46:24",
            "2016-02-23T12:46:24z",
            "2016-02-23 12:46:24Z",
            "2016-02-23t12:46:24Z",
            "2016-02-23T12:46:24.0Z",
            "2016-02-23T12:46:24+00:00",
            "2016-2-23T12:46:24Z",
            "+016-02-23T12:46:24Z",
            "2016-00-23T12:46:24Z",
            "2016-13-23T12:46:24Z",
            "2016-02-30T12:46:24Z",
            "2100-02-29T12:46:24Z",
            "2016-02-00T12:46:24Z",
            "2016-02-23T24:00:00Z",
            "2016-02-23T12:60:24Z",
            "2016-02-23T12:46:60Z",
            " 2016-02-23T12:46:24Z",
            "20160223T124624Z",
            "1456231584000",
        ] {
            assert_eq!(millis(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same_second() {
        let mut secs = 0_u64;
        while secs < 253_402_300_800 {
            let text = fmt_acs_timestamp(UnixMillis::new(secs * 1000 + 999)).unwrap();
            assert_eq!(millis(&text), Some(secs * 1000), "{text}");
            secs += 86_399 * 29;
        }
        assert_eq!(fmt_acs_timestamp(UnixMillis::new(253_402_300_800_000)), None);
        assert_eq!(fmt_acs_timestamp(UnixMillis::MAX), None);
    }

    #[test]
    fn a_date_has_exactly_one_form() {
        assert_eq!(parse_http_date(b"Thu, 01 Jan 1970 00:00:00 GMT"), Some(UnixMillis::ZERO));
        for text in [
            "",
            "Fri, 01 Jan 1970 00:00:00 GMT",
            "Thu, 1 Jan 1970 00:00:00 GMT",
            "Thu 01 Jan 1970 00:00:00 GMT",
            "Thu, 01 Jan 1970 00:00:00 UTC",
            "Thu, 01 Jan 1970 00:00:00 +0000",
            "thu, 01 Jan 1970 00:00:00 GMT",
            "Thursday, 01-Jan-70 00:00:00 GMT",
            "Thu Jan  1 00:00:00 1970",
            "Thu, 30 Feb 1970 00:00:00 GMT",
            "1970-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_http_date(text.as_bytes()), None, "{text}");
        }
    }
}
