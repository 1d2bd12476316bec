//! The flags that only the proxy has.

use std::time::Duration;

use countersign::credential::BackendKey;
use lexopt::{Parser, ValueExt};

use super::backend::SecretSource;
use super::forward::Patience;
use super::headers::credentials::Credentials;
use super::headers::forwarded::HostRule;
use super::headers::reserved::Origin;
use super::headers::via::Pseudonym;
use super::target::Upstream;
use super::upstream::Protocol;
use crate::common::Problem;
use crate::common::args::{Family, OwnFlags, number};

/// How to stand before a service.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Flags {
    /// Always there once they are checked.
    pub(crate) upstream: Option<Upstream>,
    pub(crate) protocol: Protocol,
    pub(crate) host: HostRule,
    pub(crate) origin: Origin,
    pub(crate) credentials: Credentials,
    /// With the secret, or neither. `None`: requests to the service are not signed.
    pub(crate) backend_key: Option<BackendKey>,
    pub(crate) backend_secret: Option<SecretSource>,
    /// `None`: a name of this start.
    pub(crate) via: Option<Pseudonym>,
    pub(crate) connect: Duration,
    pub(crate) patience: Patience,
    pub(crate) keep: Duration,
    pub(crate) head: Duration,
    pub(crate) max_head: u32,
    pub(crate) drain: Duration,
    pub(crate) drain_delay: Duration,
    /// `None`: there is no such address.
    pub(crate) admin: Option<String>,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            upstream: None,
            protocol: Protocol::default(),
            host: HostRule::default(),
            origin: Origin::default(),
            credentials: Credentials::default(),
            backend_key: None,
            backend_secret: None,
            via: None,
            connect: Duration::from_secs(5),
            patience: Patience { answer: Duration::from_secs(30), pause: Duration::from_secs(60) },
            keep: Duration::from_secs(4),
            head: Duration::from_secs(30),
            max_head: 64 << 10,
            drain: Duration::from_secs(30),
            drain_delay: Duration::ZERO,
            admin: None,
        }
    }
}

impl OwnFlags for Flags {
    const ABOUT: &'static str = "Sends every authentic request to a service.";
    const FAMILIES: &'static [Family] = &[Family::Gateway];
    const USAGE: &'static str = "
  --upstream URL          the service: http://HOST[:PORT][/BASE]; it must be given
  --upstream-http2        speak HTTP/2 to it, by prior knowledge [HTTP/1.1]
  --preserve-host         send it the caller's Host; otherwise its own, and the caller's in
                          X-Forwarded-Host
  --trust-forwarded       believe the X-Forwarded-... of a proxy in front, and add to them;
                          otherwise they are replaced
  --forward-credentials   let the service see signatures, AppCodes and tokens
  --backend-key KEY       sign what it is sent with this pair, as the managed gateway does; the
                          key has 6 to 20 characters, the secret 6 to 30
  --backend-secret TEXT, --backend-secret-file FILE, --backend-secret-env NAME
                          where the secret is: one of them. Others on this machine may read
                          the first
  --via NAME              this proxy's name in Via, by which a loop is found; the same for
                          all that stand for each other [random]
  --connect-secs SECONDS  how long a connection to the service may take [5]
  --answer-secs SECONDS   how long its answer may take, once it has the request [30]
  --pause-secs SECONDS    how long a body may pause, in either direction [60]
  --keep-secs SECONDS     how long an idle connection to the service is kept; less than the
                          service keeps it [4]
  --head-secs SECONDS     how long a caller may take to send a head [30]
  --max-head BYTES        the longest head of a request [65536]
  --drain-secs SECONDS    how long running requests may take once it is to stop [30]
  --drain-delay-secs SECONDS
                          how long it goes on to accept before that, already unhealthy [0]
  --admin ADDRESS         where to answer /healthz and /metrics; otherwise nowhere

";

    fn take(&mut self, flag: &str, parser: &mut Parser) -> Result<bool, Problem> {
        let seconds = |parser: &mut Parser| number(parser, flag).map(Duration::from_secs);
        match flag {
            "upstream" => self.upstream = Some(Upstream::parse(&parser.value()?.string()?)?),
            "upstream-http2" => self.protocol = Protocol::Http2,
            "preserve-host" => self.host = HostRule::Caller,
            "trust-forwarded" => self.origin = Origin::Headers,
            "forward-credentials" => self.credentials = Credentials::Forwarded,
            "backend-key" => self.backend_key = Some(BackendKey::new(parser.value()?.string()?)?),
            "backend-secret" => self.secret(SecretSource::Text(parser.value()?.string()?))?,
            "backend-secret-file" => self.secret(SecretSource::File(parser.value()?.into()))?,
            "backend-secret-env" => {
                self.secret(SecretSource::Variable(parser.value()?.string()?))?;
            }
            "via" => self.via = Some(Pseudonym::named(&parser.value()?.string()?)?),
            "connect-secs" => self.connect = seconds(parser)?,
            "answer-secs" => self.patience.answer = seconds(parser)?,
            "pause-secs" => self.patience.pause = seconds(parser)?,
            "keep-secs" => self.keep = seconds(parser)?,
            "head-secs" => self.head = seconds(parser)?,
            "max-head" => self.max_head = max_head(number(parser, flag)?)?,
            "drain-secs" => self.drain = seconds(parser)?,
            "drain-delay-secs" => self.drain_delay = seconds(parser)?,
            "admin" => self.admin = Some(parser.value()?.string()?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn check(&self) -> Result<(), Problem> {
        if self.upstream.is_none() {
            return Err(Problem("--upstream is missing: which service is protected?".into()));
        }
        if (self.protocol, self.host) == (Protocol::Http2, HostRule::Caller) {
            return Err(Problem("--preserve-host: HTTP/2 names the host that is asked".into()));
        }
        match (&self.backend_key, &self.backend_secret) {
            (Some(_), None) => Err(Problem("--backend-key is without a secret".into())),
            (None, Some(_)) => Err(Problem("--backend-secret is without a --backend-key".into())),
            _ => Ok(()),
        }
    }
}

impl Flags {
    fn secret(&mut self, source: SecretSource) -> Result<(), Problem> {
        match self.backend_secret.replace(source) {
            None => Ok(()),
            Some(_) => Err(Problem("--backend-secret: there is one secret".into())),
        }
    }
}

/// The server reads heads into a buffer that is not smaller.
fn max_head(bytes: u64) -> Result<u32, Problem> {
    const LEAST: u32 = 8 << 10;
    u32::try_from(bytes)
        .ok()
        .filter(|bytes| *bytes >= LEAST)
        .ok_or_else(|| Problem(format!("--max-head is from {LEAST} to {}, not {bytes}", u32::MAX)))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::common::args::{Args, Command};

    fn parse(line: &str) -> Result<Flags, Problem> {
        let mut flags = Flags::default();
        let words = std::iter::once("proxy").chain(line.split_whitespace());
        match Args::parse(words.map(OsString::from), &mut flags)? {
            Command::Serve(_) => Ok(flags),
            Command::Help => panic!("no help was asked for"),
        }
    }

    #[test]
    fn every_flag_is_understood() {
        let all = "--upstream http://h:1/b --policy gateway --trust-forwarded --via edge \
                   --forward-credentials --connect-secs 1 --answer-secs 2 --pause-secs 3 \
                   --backend-key SampleKey --backend-secret-file secret \
                   --keep-secs 4 --head-secs 7 --max-head 8192 --drain-secs 5 --drain-delay-secs 6 --admin a:1";
        let seconds = Duration::from_secs;
        let expected = Flags {
            upstream: Some(Upstream::parse("http://h:1/b").unwrap()),
            origin: Origin::Headers,
            credentials: Credentials::Forwarded,
            backend_key: Some(BackendKey::new("SampleKey").unwrap()),
            backend_secret: Some(SecretSource::File("secret".into())),
            via: Some(Pseudonym::named("edge").unwrap()),
            connect: seconds(1),
            patience: Patience { answer: seconds(2), pause: seconds(3) },
            keep: seconds(4),
            head: seconds(7),
            max_head: 8192,
            drain: seconds(5),
            drain_delay: seconds(6),
            admin: Some("a:1".to_owned()),
            ..Flags::default()
        };
        assert_eq!(parse(all), Ok(expected));
        assert_eq!(parse("--upstream http://h --preserve-host").unwrap().host, HostRule::Caller);
        assert_eq!(
            parse("--upstream http://h --upstream-http2").unwrap().protocol,
            Protocol::Http2
        );
        for flag in all.split_whitespace().filter(|word| word.starts_with("--")) {
            let is_listed = Flags::USAGE.contains(flag) || flag == "--policy";
            assert!(is_listed, "{flag} is not in the usage");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_with_one_line_that_names_it() {
        for (line, named) in [
            ("", "--upstream is missing"),
            ("--upstream https://h", "https is not spoken"),
            ("--upstream h:80", "--upstream is http://HOST"),
            ("--upstream http://h --via a/b", "--via"),
            ("--upstream http://h --max-head 8191", "--max-head is from 8192"),
            ("--upstream http://h --max-head 4294967296", "--max-head"),
            ("--upstream http://h --answer-secs soon", "--answer-secs"),
            ("--upstream http://h --preserve-host --upstream-http2", "--preserve-host"),
            ("--upstream http://h --upstream http://h", "--upstream is given twice"),
            ("--upstream http://h --backend-key short", "key"),
            ("--upstream http://h --backend-key SampleKey", "--backend-key is without a secret"),
            ("--upstream http://h --backend-secret hushhush", "--backend-secret is without"),
            ("--upstream http://h --backend-secret hush --backend-secret-env A", "one secret"),
            ("--upstream http://h --frobnicate", "--frobnicate"),
        ] {
            let Err(Problem(problem)) = parse(line) else { panic!("{line} is accepted") };
            assert!(problem.contains(named), "{line}: {problem}");
            assert_eq!(problem.lines().count(), 1, "{line}: {problem}");
            assert!(!problem.contains("hush"), "{line}: {problem}");
        }
    }
}
