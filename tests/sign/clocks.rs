//! When a request was signed.

use std::sync::Arc;
use std::time::Duration;

use countersign::clock::{Clock, ManualClock, UnixMillis};
use countersign::error::ErrorCode;
use countersign::sign::{ClockLearning, ClockOffset, SignableBody, SignableRequest, Stamp};
use http::HeaderMap;

use super::signing::{accepted, get, signed, signer};
use crate::support::{NOW, Server, WINDOW_MILLIS, assert_accepted, assert_code};

#[test]
fn the_time_is_the_clocks_and_read_for_each_request() {
    let clock = Arc::new(ManualClock::at(UnixMillis::new(NOW)));
    let signer = signer().with_clock(Arc::clone(&clock));
    assert_eq!(accepted(&signer, get("/")).header("x-ca-timestamp"), b"1700000000000");
    clock.advance(Duration::from_millis(7));
    assert_eq!(accepted(&signer, get("/")).header("x-ca-timestamp"), b"1700000000007");
    assert_eq!(signer.now(), clock.wall());
}

#[test]
fn an_offset_leads_to_the_servers_time() {
    let hour = Duration::from_secs(3600);
    for (own, offset) in [
        (NOW - 3_600_000, ClockOffset::ahead(hour)),
        (NOW + 3_600_000, ClockOffset::behind(hour)),
        (NOW, ClockOffset::ZERO),
    ] {
        let clock = ManualClock::at(UnixMillis::new(own));
        let off = signer().with_clock(clock);
        assert_eq!(offset, ClockOffset::between(off.now(), UnixMillis::new(NOW)));
        let wire = accepted(&off.clone().with_clock_offset(offset), get("/"));
        assert_eq!(wire.header("x-ca-timestamp"), NOW.to_string().as_bytes());
        if own != NOW {
            let wire = signed(&off, get("/")).unwrap();
            assert_code(Server::strict().verify(&wire), ErrorCode::S403TE);
        }
    }
}

#[test]
fn offsets_saturate() {
    let at = UnixMillis::new;
    assert_eq!(ClockOffset::ahead(Duration::MAX).applied_to(at(NOW)), at(NOW + i64::MAX as u64));
    assert_eq!(ClockOffset::ahead(Duration::MAX).applied_to(UnixMillis::MAX), UnixMillis::MAX);
    assert_eq!(ClockOffset::behind(Duration::MAX).applied_to(at(NOW)), UnixMillis::ZERO);
    assert_eq!(ClockOffset::from_millis(i64::MIN).applied_to(at(NOW)), UnixMillis::ZERO);
    let apart = ClockOffset::between(UnixMillis::MAX, UnixMillis::ZERO);
    assert_eq!(apart.as_millis(), -i64::MAX);
    assert_eq!(apart.magnitude(), Duration::from_millis(i64::MAX as u64));
    let min = ClockOffset::from_millis(i64::MIN);
    assert_eq!(min.magnitude(), Duration::from_millis(i64::MIN.unsigned_abs()));
}

#[test]
fn a_stamp_is_reproduced() {
    let stamp = Stamp::new(UnixMillis::new(NOW - WINDOW_MILLIS), "once").unwrap();
    let sign = || {
        let mut wire = get("/items?a=1");
        let body = SignableBody::Empty;
        let request = SignableRequest::new(&wire.method, &wire.target, &wire.headers, body);
        let instructions = signer().sign_stamped(&request, &stamp).unwrap();
        instructions.apply_to(&mut wire.headers).unwrap();
        wire
    };
    assert_eq!(sign().signature(), sign().signature());
    assert_eq!(sign().header("x-ca-nonce"), b"once");
    let server = Server::strict();
    assert_accepted(server.verify(&sign()));
    assert_code(server.verify(&sign()), ErrorCode::S403NU);
}

/// An answer that says this code and this date.
fn answer(code: Option<&str>, date: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let both = [("x-ca-error-code", code), ("date", date)];
    for (name, value) in both.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        headers.insert(name, value.parse().unwrap());
    }
    headers
}

/// [`NOW`].
const DATE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";

#[test]
fn only_an_expired_timestamp_with_a_date_teaches_a_clock() {
    let learning = ClockLearning::Within(Duration::from_secs(100));
    let learned = |headers: &HeaderMap| learning.learned(headers, UnixMillis::new(NOW - 50_000));
    let offset = Some(ClockOffset::from_millis(50_000));
    assert_eq!(learned(&answer(Some("S403TE"), Some(DATE))), offset);
    assert_eq!(learned(&answer(Some("S403TE"), Some("Tuesday, 14-Nov-23 22:13:20 GMT"))), offset);
    for nothing in [
        answer(Some("S403TE"), None),
        answer(Some("S403TE"), Some("yesterday")),
        answer(Some("S403TE"), Some("")),
        answer(Some("S403TE"), Some("1700000000000")),
        answer(Some("S403NU"), Some(DATE)),
        answer(Some(""), Some(DATE)),
        answer(None, Some(DATE)),
    ] {
        assert_eq!(learned(&nothing), None, "{nothing:?}");
    }
    let mut classic = answer(None, Some(DATE));
    classic.insert("x-ca-error-message", "Timestamp Expired".parse().unwrap());
    assert_eq!(learned(&classic), offset);
    classic.insert("x-ca-error-code", "B451DO".parse().unwrap());
    assert_eq!(learned(&classic), None, "a code decides");
}

#[test]
fn a_date_means_its_whole_second_and_the_bound_holds_both_ways() {
    let answer = answer(Some("S403TE"), Some(DATE));
    let minute = ClockLearning::Within(Duration::from_secs(60));
    for (own, learned) in [
        (NOW, Some(0)),
        (NOW + 999, Some(0)),
        (NOW + 1000, Some(-1)),
        (NOW - 1, Some(1)),
        (NOW - 60_000, Some(60_000)),
        (NOW - 60_001, None),
        (NOW + 60_999, Some(-60_000)),
        (NOW + 61_000, None),
        (0, None),
        (u64::MAX, None),
    ] {
        let offset = minute.learned(&answer, UnixMillis::new(own));
        assert_eq!(offset.map(ClockOffset::as_millis), learned, "{own}");
        assert_eq!(ClockLearning::Off.learned(&answer, UnixMillis::new(own)), None);
    }
    assert_eq!(ClockLearning::default(), ClockLearning::Off);
}
