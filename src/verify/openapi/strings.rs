//! The strings to sign of a request, by the documents and by the clients' readings of them.

use std::iter::{once, once_with};

use http::HeaderName;

use super::presented::Facts;
use crate::header;
use crate::protocol::openapi::{
    AcsReadings, AcsSignatureMethod, NameOrder, RoaRequest, RoaVariant, RpcRequest, V3Request,
    V3Variant,
};
use crate::verify::openapi::credentials::BodyRule;
use crate::verify::pipeline::StringBudget;

/// What may have been signed.
pub(super) struct Strings<'a> {
    request: Request<'a>,
    readings: AcsReadings,
}

enum Request<'a> {
    Rpc(RpcRequest<'a>),
    Roa(RoaRequest<'a>),
    V3(V3Request<'a>, AcsSignatureMethod),
}

impl<'a> Strings<'a> {
    pub(super) fn of(facts: &'a Facts<'_>) -> Self {
        let (head, credentials) = (&facts.head, &facts.credentials);
        let request = match (&credentials.headers, credentials.body) {
            (Some(headers), BodyRule::Payload(payload)) => Request::V3(
                V3Request::new(&head.head, headers, &head.params, payload),
                credentials.method,
            ),
            _ if credentials.is_rpc() => {
                Request::Rpc(RpcRequest::new(head.head.method(), &head.params))
            }
            _ => Request::Roa(RoaRequest::new(&head.head, &head.acs, &head.params)),
        };
        Self { request, readings: head.policy.readings }
    }

    /// Whether one of them is it. The documents' is tried first, and the others only where they
    /// differ, while all together stay under 1 MiB.
    pub(super) fn any(&self, is_it: impl Fn(&[u8]) -> bool) -> bool {
        let mut budget = StringBudget::default();
        let mut tries = |string: &dyn Fn() -> Vec<u8>| {
            budget.build(string).is_some_and(|string| match &self.request {
                Request::V3(_, method) => is_it(&V3Request::digested(*method, &string)),
                _ => is_it(&string),
            })
        };
        // What else may be signed is asked only if that of the documents is not.
        match &self.request {
            Request::Rpc(request) => {
                let others = once_with(|| request.alternates(self.readings)).flatten();
                let mut orders = once(NameOrder::Bytes).chain(others);
                orders.any(|order| tries(&|| request.string_to_sign(order)))
            }
            Request::Roa(request) => {
                let others = once_with(|| request.alternates(self.readings)).flatten();
                let mut variants = once(RoaVariant::PRIMARY).chain(others);
                variants.any(|variant| tries(&|| request.string_to_sign(variant)))
            }
            Request::V3(request, _) => {
                let others = once_with(|| request.alternates(self.readings)).flatten();
                let mut variants = once(V3Variant::PRIMARY).chain(others);
                variants.any(|variant| tries(&|| request.canonical_request(variant)))
            }
        }
    }

    /// The documents' string for the caller to compare; of V3 the canonical request, because of the
    /// string to sign nothing can be learned.
    pub(super) fn disclosed(&self, disclosed: &[HeaderName]) -> String {
        match &self.request {
            // All of it is the caller's own: a proxy adds no parameter.
            Request::Rpc(request) => request.disclosed(|_name| true),
            Request::Roa(request) => request.disclosed(|name| is_shown(disclosed, name)),
            Request::V3(request, _) => {
                request.disclosed(|header| is_shown(disclosed, header.name()))
            }
        }
    }
}

/// A header's value is shown if the caller has certainly sent it itself.
fn is_shown(disclosed: &[HeaderName], name: &str) -> bool {
    const NEVER: [HeaderName; 2] = [header::AUTHORIZATION, http::header::COOKIE];
    let own = [header::HOST, header::ACCEPT, header::CONTENT_TYPE];
    let is = |names: &[HeaderName]| names.iter().any(|one| one.as_str() == name);
    !is(&NEVER) && (name.starts_with(header::ACS_PREFIX) || is(&own) || is(disclosed))
}
