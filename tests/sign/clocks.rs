//! When a request was signed.

use std::sync::Arc;
use std::time::Duration;

use countersign::clock::{Clock, ManualClock, UnixMillis};
use countersign::error::ErrorCode;
use countersign::sign::{ClockOffset, SignableBody, SignableRequest, Stamp};

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
