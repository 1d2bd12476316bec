//! The app that a server without an apps file makes up, and what it says about it.

mod curl;
pub(crate) mod sign;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use countersign::clock::{Clock, SystemClock};
use countersign::credential::{App, AppCode, AppKey, AppSecret};
use countersign::error::ConfigError;

use self::curl::curl;
use self::sign::{Call, signed};
use super::Problem;

/// An app with credentials of this start of the server.
pub(crate) struct Demo {
    secret: String,
    app_code: String,
}

impl Demo {
    const KEY: &str = "203710001";

    pub(crate) fn random() -> Result<Self, Problem> {
        Ok(Self { secret: random_hex()?, app_code: random_hex()? })
    }

    /// The app for the credential store.
    pub(crate) fn app(&self) -> Result<App, Problem> {
        Ok(App::new("demo", AppKey::new(Self::KEY)?)
            .with_secret(AppSecret::new(&self.secret)?)
            .with_app_code(AppCode::new(&self.app_code)?))
    }

    /// The app's credentials and two ready calls. Sign only what the replay store's memory covers:
    /// call this after the store is made.
    pub(crate) fn announcement(&self, address: SocketAddr) -> Result<String, Problem> {
        const TARGET: &str = "/hello?from=curl";
        let url = format!("http://{}{TARGET}", reachable(address));
        let nonce = random_hex()?;
        let at = SystemClock.wall();
        let call = Call { method: "GET", target: TARGET, key: Self::KEY, at, nonce: &nonce };
        let signed = curl(&url, &signed(&call, &AppSecret::new(&self.secret)?)?);
        let authorization = ("Authorization", format!("APPCODE {}", self.app_code));
        let with_app_code = curl(&url, &[authorization]);
        Ok(format!(
            "
demo app, new at every start:
  AppKey     {key}
  AppSecret  {secret}

A signed call. It works once, while its timestamp is fresh; again it is a replay (S403NU):

{signed}

A call with the app's AppCode. It works until the server stops, for whoever reads it:

{with_app_code}

",
            key = Self::KEY,
            secret = self.secret,
        ))
    }
}

/// Where a client on this machine finds a server that listens on every address.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, address.port()).into(),
        IpAddr::V6(ip) if ip.is_unspecified() => (Ipv6Addr::LOCALHOST, address.port()).into(),
        _ => address,
    }
}

/// 128 bits from the operating system.
pub(crate) fn random_hex() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Problem(format!("the system has no random bytes: {error}")))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

impl From<ConfigError> for Problem {
    fn from(error: ConfigError) -> Self {
        Self(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_start_has_credentials_of_its_own_and_prints_each_once() {
        let (one, other) = (Demo::random().unwrap(), Demo::random().unwrap());
        assert_ne!(one.secret, other.secret);
        assert_ne!(one.secret, one.app_code);
        let text = one.announcement(([127, 0, 0, 1], 8080).into()).unwrap();
        assert_eq!(text.matches(&one.secret).count(), 1);
        assert_eq!(text.matches(&one.app_code).count(), 1);
        assert_eq!(text.lines().filter(|line| line.starts_with("curl ")).count(), 2);
    }
}
