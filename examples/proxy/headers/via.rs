//! `Via` (RFC 9110 §7.6.3): every proxy adds its name, and who finds its own has sent the request to
//! itself.

use countersign::error::{ErrorCode, Rejection};
use http::header::VIA;
use http::{HeaderMap, HeaderName, HeaderValue, Version};

use super::elements;
use crate::common::Problem;

/// The name of this proxy in `Via`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pseudonym(String);

impl Pseudonym {
    /// A name of this start alone: nobody outside knows it, and the service has no use for it.
    pub(crate) fn random() -> Result<Self, Problem> {
        let name = crate::common::demo::random_hex()?;
        Ok(Self(format!("countersign-{name}")))
    }

    /// A name that several proxies share, so that a request that comes back to another of them is
    /// found, too. It is a token, as the name of a header is.
    pub(crate) fn named(name: &str) -> Result<Self, Problem> {
        match HeaderName::from_bytes(name.as_bytes()) {
            Ok(_) => Ok(Self(name.to_owned())),
            Err(_) => {
                Err(Problem(format!("--via is a word of letters, digits and -, not {name:?}")))
            }
        }
    }

    /// `I508LD` if the request has been here.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), Rejection> {
        let by = |element: &str| {
            element.split([' ', '\t']).find_map(|word| (word == self.0).then_some(()))
        };
        match elements(headers, &VIA).find_map(|element| by(&element)) {
            Some(()) => Err(ErrorCode::I508LD.into()),
            None => Ok(()),
        }
    }

    /// Adds the name, behind those of the proxies before.
    pub(crate) fn add(&self, headers: &mut HeaderMap, received: Version) {
        let version = match received {
            Version::HTTP_10 => "1.0",
            Version::HTTP_2 => "2.0",
            _ => "1.1",
        };
        let own = format!("{version} {}", self.0);
        let all: Vec<String> = elements(headers, &VIA).chain([own]).collect();
        if let Ok(value) = HeaderValue::from_str(&all.join(", ")) {
            headers.insert(VIA, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::testing::headers;

    #[test]
    fn a_proxy_finds_its_own_name_among_others() {
        let own = Pseudonym::named("edge-1").unwrap();
        let mut request = headers(&[("via", "1.1 edge-10, 1.0 other (edge-2)")]);
        assert!(own.check(&request).is_ok());
        own.add(&mut request, Version::HTTP_11);
        assert_eq!(request[VIA], "1.1 edge-10, 1.0 other (edge-2), 1.1 edge-1");
        assert_eq!(own.check(&request).unwrap_err().code(), ErrorCode::I508LD);

        assert!(Pseudonym::random().unwrap().check(&request).is_ok());
        assert!(Pseudonym::named("two words").is_err());
    }
}
