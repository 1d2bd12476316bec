//! A server that somebody has started, and the requests that it understands.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use countersign::clock::{Clock, SystemClock};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;

use crate::harness::rounds::numbers;
use crate::load::status;
use crate::request::{Kind, Signed, secret_text};
use crate::wire::encode;

pub(crate) struct Rival {
    pub(crate) name: String,
    pub(crate) address: SocketAddr,
    pub(crate) scheme: Scheme,
    pid: u32,
}

pub(crate) enum Scheme {
    /// What this crate speaks.
    Ca,
    /// The same to a server that does not look.
    Open,
    /// hmac-auth-express: a header of its own, and nothing against replays.
    Hmac,
}

impl Rival {
    /// `NAME=ADDRESS=PID=SCHEME`
    pub(crate) fn parse(text: &str) -> Self {
        let parts: Vec<_> = text.split('=').collect();
        let scheme = match parts[3] {
            "ca" => Scheme::Ca,
            "open" => Scheme::Open,
            "hmac" => Scheme::Hmac,
            other => panic!("no scheme is called {other}"),
        };
        let (address, pid) = (parts[1].parse().unwrap(), parts[2].parse().unwrap());
        Self { name: parts[0].to_owned(), address, scheme, pid }
    }

    /// A good request passes, a changed one does not, and the first not again, if that is refused.
    pub(crate) fn check(&self) {
        let (refused, again) = match self.scheme {
            Scheme::Ca => (403, 403),
            Scheme::Open => (200, 200),
            Scheme::Hmac => (401, 200),
        };
        for kind in [Kind::Get, Kind::Json(1 << 10)] {
            let [good, mut changed] = [(); 2].map(|()| self.scheme.request(kind, numbers(1).start));
            self.scheme.spoil(&mut changed);
            assert_eq!(status(self.address, &good), 200, "{}: {}", self.name, kind.name());
            assert_eq!(status(self.address, &changed), refused, "{}: changed", self.name);
            assert_eq!(status(self.address, &good), again, "{}: replayed", self.name);
        }
    }

    /// The processor time of the process, in hundredths of a second; nothing where the system does
    /// not tell.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        // After the name, which may hold anything.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u64 =
            fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }
}

impl Scheme {
    pub(crate) fn request(&self, kind: Kind, number: u64) -> Vec<u8> {
        // The servers may have seen the numbers of an earlier process.
        static FIRST: LazyLock<u64> = LazyLock::new(|| SystemClock.wall().get() << 8);
        match self {
            Self::Ca | Self::Open => encode(Signed::new(kind, 1, *FIRST + number)),
            Self::Hmac => encode(hmac(kind)),
        }
    }

    /// Changes the signature of a request.
    fn spoil(&self, request: &mut [u8]) {
        let name: &[u8] = match self {
            Self::Ca | Self::Open => b"\r\nx-ca-signature: ",
            Self::Hmac => b"\r\nauthorization: HMAC 0000000000000:",
        };
        let same = |window: &[u8]| window[..16] == name[..16];
        let at = request.windows(name.len()).position(same).unwrap() + name.len();
        request[at] = if request[at] == b'0' { b'1' } else { b'0' };
    }
}

/// `authorization: HMAC millis:hex(hmac(millis method target hex(md5(body))))`; express reads no body
/// as `{}`.
fn hmac(kind: Kind) -> Signed {
    let mut request = Signed::new(Kind::AppCode, 1, 0);
    if let Kind::Json(_) = kind {
        request = Signed::new(kind, 1, 0);
        for name in ["key", "nonce", "timestamp", "signature", "signature-headers"] {
            request.headers.remove(format!("x-ca-{name}"));
        }
        request.headers.remove("content-md5");
    }
    let body: &[u8] = if request.body.is_empty() { b"{}" } else { &request.body };
    let millis = SystemClock.wall().get().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret_text(0).as_bytes()).unwrap();
    let target = request.target.to_string();
    for part in [&millis, request.method.as_str(), &target, &hex(&Md5::digest(body))] {
        mac.update(part.as_bytes());
    }
    let signature = hex(&mac.finalize().into_bytes());
    request.set("authorization", &format!("HMAC {millis}:{signature}"));
    request
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
