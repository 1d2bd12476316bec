//! Requests of apps, by the verifier alone.

use std::sync::Arc;
use std::time::Duration;

use countersign::clock::{Clock, ManualClock};
use countersign::error::ErrorCode;
use countersign::store::{Claim, Claimed, MemoryCredentials, MemoryReplayStore};
use countersign::verify::{Policy, RestartRule, Verifier};

use crate::harness::ready::ready;
use crate::request::{Kind, Signed, app, app_key};
use crate::{Case, NOW, measure};

/// Enough that look-ups look.
pub(crate) const APPS: usize = 100;
/// Claimed over a window before the first request, so that the tables of every live bucket are in use.
const LIVE: u64 = 20_000;

pub(crate) const CASES: [Case; 12] = [
    ("accepted GET", || accepted(Kind::Get)),
    ("accepted GET, 20 escaped parameters", || accepted(Kind::GetEscaped)),
    ("accepted form POST", || accepted(Kind::Form)),
    ("accepted JSON POST, 1 KiB with MD5", || accepted(Kind::Json(1 << 10))),
    ("accepted AppCode", || accepted(Kind::AppCode)),
    ("refused: wrong signature", || refused(ErrorCode::A403IS, wrong)),
    ("refused: unknown key", || refused(ErrorCode::A400IK, |get| get.set("x-ca-key", "nobody"))),
    ("refused: stale", || {
        refused(ErrorCode::S403TE, |get| get.set("x-ca-timestamp", "1500000000000"));
    }),
    ("refused: replay", replayed),
    ("refused: nonce missing", || refused(ErrorCode::I400NC, |get| get.remove("x-ca-nonce"))),
    ("refused: garbage", || {
        refused(ErrorCode::I400HD, |get| get.set("x-ca-signature-headers", "/x, \u{1f4a9},,"));
    }),
    ("refused: too long", || refused(ErrorCode::I413UL, |get| get.lengthen(9_000))),
];

/// A strict verifier with the stores that services use.
pub(crate) struct Subject {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) verifier: Verifier<MemoryCredentials, MemoryReplayStore>,
}

impl Subject {
    pub(crate) fn new() -> Self {
        let (clock, replay) = replay_store(app_key);
        let credentials = MemoryCredentials::new((0..APPS).map(app)).unwrap();
        let policy = Policy::strict().with_restart_rule(RestartRule::Accept);
        let verifier = Verifier::new(credentials, replay).with_policy(policy);
        Self { verifier: verifier.with_clock(Arc::clone(&clock)), clock }
    }

    /// A request as its client sends it now.
    pub(crate) fn signed(&self, kind: Kind, number: u64) -> Signed {
        Signed::stamped(self.clock.wall(), kind, APPS, number)
    }

    /// The code by which it is refused, if it is.
    fn code(&self, request: &Signed) -> Option<ErrorCode> {
        ready(self.verifier.verify(request.head(), &request.body)).err().map(|error| error.code())
    }
}

/// A store in use, by the callers with these keys, and its clock.
pub(crate) fn replay_store(key: fn(usize) -> String) -> (Arc<ManualClock>, MemoryReplayStore) {
    let clock = Arc::new(ManualClock::at(NOW));
    let replay = MemoryReplayStore::builder().with_clock(Arc::clone(&clock)).build();
    for number in 0..LIVE {
        clock.advance(Duration::from_millis(45));
        let (key, until) = (key(number as usize % APPS), Duration::from_secs(900));
        let nonce = format!("c9f15cbf-f4ac-4a6c-ffff-{number:012x}");
        let claim =
            Claim::new("default", &key, nonce.as_bytes(), clock.wall().saturating_add(until));
        assert_eq!(replay.claim_now(claim).unwrap(), Claimed::Fresh);
    }
    (clock, replay)
}

fn accepted(kind: Kind) {
    let subject = Subject::new();
    measure(
        &subject.clock,
        |number| subject.signed(kind, number),
        |request| subject.code(request).is_none(),
    );
}

fn refused(code: ErrorCode, change: fn(&mut Signed)) {
    let subject = Subject::new();
    let make = |number| {
        let mut request = subject.signed(Kind::Get, number);
        change(&mut request);
        request
    };
    measure(&subject.clock, make, |request| subject.code(request) == Some(code));
}

pub(crate) fn wrong(get: &mut Signed) {
    get.set("accept", "text/plain");
}

fn replayed() {
    let subject = Subject::new();
    let make = |number| {
        let request = subject.signed(Kind::Get, number);
        assert_eq!(subject.code(&request), None);
        request
    };
    measure(&subject.clock, make, |request| subject.code(request) == Some(ErrorCode::S403NU));
}
