//! Which signature a request presents (openapi §1).

use super::AcsHeaders;
use crate::credential::OpenApiScheme;
use crate::protocol::{BodyLength, Param, Params, RequestHead, Source};

/// A credential that is known by name and never verified here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnsupportedScheme {
    /// `Authorization: ACS4-…`
    V4,
    /// A bearer token in place of a signature.
    Bearer,
    /// An identity token in place of a signature.
    IdToken,
}

/// A request shows the credentials of two schemes: which of them counts would be the caller's choice,
/// or an attacker's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("presents the credentials of two schemes")]
pub struct TwoSchemes;

/// What a request presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recognized {
    /// A signature of this scheme.
    Signed(OpenApiScheme),
    /// Something that is not supported.
    Unsupported(UnsupportedScheme),
    /// Nothing.
    Anonymous,
}

impl Recognized {
    /// Looks at headers and parameters: those of the query and, once it is read, those of a form
    /// ([`awaits_form`](Self::awaits_form)).
    ///
    /// ```
    /// use countersign::credential::OpenApiScheme;
    /// use countersign::protocol::Params;
    /// use countersign::protocol::openapi::{AcsHeaders, Recognized};
    /// use http::{HeaderMap, HeaderValue};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("authorization", HeaderValue::from_static("acs testid:c2lnbmF0dXJl"));
    /// let recognized = Recognized::of(&AcsHeaders::collect(&headers), &Params::default());
    /// assert_eq!(recognized, Ok(Recognized::Signed(OpenApiScheme::Roa)));
    ///
    /// headers.insert("x-acs-bearer-token", HeaderValue::from_static("token"));
    /// assert!(Recognized::of(&AcsHeaders::collect(&headers), &Params::default()).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`TwoSchemes`].
    pub fn of(headers: &AcsHeaders<'_>, params: &Params<'_>) -> Result<Self, TwoSchemes> {
        let by_authorization = headers.authorization.and_then(in_authorization);
        // What is in the form of a request that is signed by its head, is data.
        let counts =
            |param: &Param<'_>| by_authorization.is_none() || param.source() == Source::Query;
        let bearer = Self::Unsupported(UnsupportedScheme::Bearer);
        let id_token = Self::Unsupported(UnsupportedScheme::IdToken);
        let mut is_rpc = false;
        let mut is_bearer =
            headers.bearer_token.is_some() || headers.signature_type == Some(b"BEARERTOKEN");
        for param in params.iter().filter(counts) {
            match &*param.decoded_name() {
                b"Signature" => is_rpc = true,
                b"BearerToken" => is_bearer = true,
                b"SignatureType" => is_bearer |= param.value() == b"BEARERTOKEN",
                _ => {}
            }
        }
        let mut presented = [
            by_authorization,
            is_rpc.then_some(Self::Signed(OpenApiScheme::Rpc)),
            is_bearer.then_some(bearer),
            headers.id_token.is_some().then_some(id_token),
        ]
        .into_iter()
        .flatten();
        match (presented.next(), presented.next()) {
            (_, Some(_)) => Err(TwoSchemes),
            (first, None) => Ok(first.unwrap_or(Self::Anonymous)),
        }
    }

    /// Whether the body has to be read before the request can be judged: a form, of a request that is
    /// signed by its parameters, or that has shown nothing yet.
    #[must_use]
    pub fn awaits_form(self, head: &RequestHead<'_>, headers: &AcsHeaders<'_>) -> bool {
        let may_be_rpc = matches!(self, Self::Signed(OpenApiScheme::Rpc) | Self::Anonymous);
        may_be_rpc && head.body() != BodyLength::Empty && headers.is_form()
    }
}

/// What an `Authorization` presents; `None` is someone else's.
fn in_authorization(value: &[u8]) -> Option<Recognized> {
    let begins = |with: &[u8]| {
        value
            .split_at_checked(with.len())
            .is_some_and(|(start, _)| start.eq_ignore_ascii_case(with))
    };
    if begins(b"ACS3-") {
        Some(Recognized::Signed(OpenApiScheme::V3))
    } else if begins(b"ACS4-") {
        Some(Recognized::Unsupported(UnsupportedScheme::V4))
    } else if begins(b"acs ") || begins(b"acs:") || value.eq_ignore_ascii_case(b"acs") {
        Some(Recognized::Signed(OpenApiScheme::Roa))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

    use super::*;

    fn recognized(
        headers: &[(&'static str, &'static str)],
        query: &str,
        form: &str,
    ) -> Result<Recognized, TwoSchemes> {
        let map: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let mut params = Params::default();
        params.read(query.as_bytes(), Source::Query).unwrap();
        let params = params.with_form(form.as_bytes()).unwrap();
        Recognized::of(&AcsHeaders::collect(&map), &params)
    }

    #[test]
    fn every_scheme_is_known_by_its_sign() {
        use Recognized::{Anonymous, Signed, Unsupported};
        for (headers, query, form, expected) in [
            (&[("authorization", "ACS3-HMAC-SHA256 x")][..], "", "", Signed(OpenApiScheme::V3)),
            (&[("authorization", "acs3-none")], "", "", Signed(OpenApiScheme::V3)),
            (&[("authorization", "acs k:s")], "", "", Signed(OpenApiScheme::Roa)),
            (&[("authorization", "acs:k:s")], "", "", Signed(OpenApiScheme::Roa)),
            (&[], "Signature=x", "", Signed(OpenApiScheme::Rpc)),
            (&[], "", "%53ignature=x", Signed(OpenApiScheme::Rpc)),
            (&[], "", "%53ignature", Signed(OpenApiScheme::Rpc)),
            (
                &[("authorization", "ACS4-HMAC-SHA256 x")],
                "",
                "",
                Unsupported(UnsupportedScheme::V4),
            ),
            (&[("x-acs-bearer-token", "t")], "", "", Unsupported(UnsupportedScheme::Bearer)),
            (&[], "BearerToken=t", "", Unsupported(UnsupportedScheme::Bearer)),
            (&[], "SignatureType=BEARERTOKEN", "", Unsupported(UnsupportedScheme::Bearer)),
            (
                &[("x-acs-signature-type", "BEARERTOKEN")],
                "",
                "",
                Unsupported(UnsupportedScheme::Bearer),
            ),
            (&[("x-acs-zero-trust-idtoken", "t")], "", "", Unsupported(UnsupportedScheme::IdToken)),
            (&[("x-acs-date", "now")], "SignatureType=", "", Anonymous),
            (&[("authorization", "Bearer acs k:s")], "signature=x", "", Anonymous),
            (&[("authorization", "acsend k:s")], "", "", Anonymous),
        ] {
            assert_eq!(recognized(headers, query, form), Ok(expected), "{headers:?} {query}");
        }
    }

    #[test]
    fn two_schemes_at_once_are_refused() {
        let v3 = ("authorization", "ACS3-HMAC-SHA256 x");
        let roa = ("authorization", "acs k:s");
        for (headers, query) in [
            (&[v3][..], "Signature=x"),
            (&[roa], "Signature=x"),
            (&[roa, ("x-acs-bearer-token", "t")], ""),
            (&[v3, ("x-acs-zero-trust-idtoken", "t")], ""),
            (&[], "Signature=x&BearerToken=t"),
            (&[], "Signature=x&SignatureType=BEARERTOKEN"),
            (&[("authorization", "ACS4-HMAC-SHA256 x")], "Signature=x"),
        ] {
            assert_eq!(recognized(headers, query, ""), Err(TwoSchemes), "{headers:?} {query}");
        }
    }

    #[test]
    fn a_form_of_a_request_that_its_head_signs_is_data() {
        let v3 = &[("authorization", "ACS3-HMAC-SHA256 x")];
        assert_eq!(recognized(v3, "", "Signature=x"), Ok(Recognized::Signed(OpenApiScheme::V3)));
    }

    #[test]
    fn only_a_form_that_may_be_signed_is_waited_for() {
        let form = HeaderMap::from_iter([(
            HeaderName::from_static("content-type"),
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        )]);
        let target = Uri::from_static("/");
        let awaits = |recognized: Recognized, headers: &HeaderMap, body| {
            let head = RequestHead::new(&Method::POST, &target, headers, body);
            recognized.awaits_form(&head, &AcsHeaders::collect(headers))
        };
        let rpc = Recognized::Signed(OpenApiScheme::Rpc);
        assert!(awaits(Recognized::Anonymous, &form, BodyLength::Unknown));
        assert!(awaits(rpc, &form, BodyLength::Known(1)));
        assert!(!awaits(rpc, &form, BodyLength::Known(0)));
        assert!(!awaits(rpc, &HeaderMap::new(), BodyLength::Known(1)));
        assert!(!awaits(Recognized::Signed(OpenApiScheme::V3), &form, BodyLength::Known(1)));
    }
}
