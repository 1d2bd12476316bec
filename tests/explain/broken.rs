//! A client with one fault, against the real verifier.

use countersign::error::{Dialect, ErrorCode, Rejection, RenderRejection};
use countersign::explain::{Cause, ClientSide, Diagnosis, ServerString};
use countersign::protocol::Readings;
use countersign::verify::Policy;

use crate::support::{Call, SECRET, Server, Style, Wire, assert_code, hmac_sha256, string_to_sign};

type Change<T, U> = Box<dyn Fn(T) -> U>;
type Mac = Box<dyn Fn(&[u8]) -> String>;

/// A client that would be accepted but for what it does to its string, its signature or its request.
pub(crate) struct Broken {
    call: Call,
    policy: Policy,
    sign: Change<String, Vec<u8>>,
    mac: Mac,
    send: Change<Wire, Wire>,
    secret: String,
}

impl Broken {
    pub(crate) fn new(call: Call) -> Self {
        Self {
            call,
            policy: Policy::gateway_compatible(),
            sign: Box::new(String::into_bytes),
            mac: Box::new(|string| hmac_sha256(SECRET, string)),
            send: Box::new(|wire| wire),
            secret: SECRET.to_owned(),
        }
    }

    /// It signs what this makes of the right string.
    pub(crate) fn signs(self, change: impl Fn(String) -> String + 'static) -> Self {
        self.signs_bytes(move |string| change(string).into_bytes())
    }

    pub(crate) fn signs_bytes(self, change: impl Fn(String) -> Vec<u8> + 'static) -> Self {
        Self { sign: Box::new(change), ..self }
    }

    /// It signs the right string with `new` instead of `old`, which must be in it.
    pub(crate) fn signs_instead(self, old: &'static str, new: &'static str) -> Self {
        self.signs(move |string| {
            assert!(string.contains(old), "{old:?} is not in {string:?}");
            string.replacen(old, new, 1)
        })
    }

    /// Its `X-Ca-Signature` is what this makes of its string.
    pub(crate) fn makes_signature(self, mac: impl Fn(&[u8]) -> String + 'static) -> Self {
        Self { mac: Box::new(mac), ..self }
    }

    /// What arrives is what this makes of its request, after signing.
    pub(crate) fn sends(self, change: impl Fn(Wire) -> Wire + 'static) -> Self {
        Self { send: Box::new(change), ..self }
    }

    /// The text that it takes for its secret.
    pub(crate) fn secret(self, secret: &str) -> Self {
        let own = secret.to_owned();
        Self { secret: secret.to_owned(), ..self.makes_signature(move |s| hmac_sha256(&own, s)) }
    }

    /// The server's policy.
    pub(crate) fn under(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Against a server that takes the gateway's reading only.
    pub(crate) fn literally(self) -> Self {
        self.under(Policy::gateway_compatible().with_readings(Readings::NONE))
    }

    /// It is refused, and the diagnosis names the cause and the part, whether or not the developer
    /// has more at hand than the string.
    #[track_caller]
    pub(crate) fn told(self, cause: Cause, part: &str) -> Diagnosis {
        let told = self.refused();
        for bare in &told.bare {
            assert_eq!(named(bare), (cause, part.to_owned()), "without the request: {bare}");
        }
        told.assert(cause, part)
    }

    /// The same, where only the request tells.
    #[track_caller]
    pub(crate) fn told_by_the_request(self, cause: Cause, part: &str) -> Diagnosis {
        self.refused().assert(cause, part)
    }

    #[track_caller]
    fn refused(self) -> Diagnoses {
        let fine = self.call.clone().sign();
        let right = string_to_sign(&fine, Style::default());
        let string = (self.sign)(String::from_utf8(right).unwrap());
        let sent = fine.with("x-ca-signature", (self.mac)(&string));
        let arrived = (self.send)(sent.clone());
        let server = Server::new(self.policy);
        let rejection = assert_code(server.verify(&arrived), ErrorCode::A403IS);

        let mut told = Diagnoses { bare: Vec::new(), whole: Vec::new() };
        for message in messages(&rejection) {
            let shown = ServerString::from_error_message(&message).unwrap();
            let side = ClientSide::new(&string);
            told.bare.push(side.compare(&shown));
            let side = side.with_request(sent.head(), &sent.body).with_secret(&self.secret);
            told.whole.push(side.compare(&shown));
        }
        told
    }
}

/// The diagnoses of every rendering.
struct Diagnoses {
    bare: Vec<Diagnosis>,
    whole: Vec<Diagnosis>,
}

impl Diagnoses {
    #[track_caller]
    fn assert(self, cause: Cause, part: &str) -> Diagnosis {
        for whole in &self.whole {
            assert_eq!(named(whole), (cause, part.to_owned()), "{whole}");
            let lines = whole.to_string().lines().count();
            assert!((3..=8).contains(&lines), "{lines} lines: {whole}");
        }
        self.whole.into_iter().next().unwrap()
    }
}

fn named(diagnosis: &Diagnosis) -> (Cause, String) {
    let part = diagnosis.first().map(|difference| difference.part().to_string());
    (diagnosis.cause(), part.unwrap_or_default())
}

/// How the refusal looks on the wire: of VPC instances, of classic ones, and of Higress.
fn messages(rejection: &Rejection) -> [String; 3] {
    let header = |dialect: Dialect| {
        let response = dialect.render(rejection);
        String::from_utf8(response.headers()["x-ca-error-message"].as_bytes().to_vec()).unwrap()
    };
    let vpc = header(Dialect::Vpc);
    let higress = vpc.replace("Invalid Signature, ", "");
    [vpc, header(Dialect::Classic), higress]
}
