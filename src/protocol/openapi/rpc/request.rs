//! The string to sign of RPC.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use http::Method;

use crate::protocol::openapi::encode::encode_twice;
use crate::protocol::openapi::{AcsReading, AcsReadings};
use crate::protocol::{Param, Params};

/// The order of the parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NameOrder {
    /// By the bytes of their decoded names.
    #[default]
    Bytes,
    /// By the UTF-16 units of their decoded names: another order only where a name goes beyond the
    /// basic plane.
    Utf16,
}

/// Everything that an RPC signature covers: the method and every parameter but `Signature`.
#[derive(Clone)]
pub struct RpcRequest<'p> {
    method: &'p str,
    params: &'p Params<'p>,
}

/// A parameter behind its decoded name.
type Named<'p> = (Cow<'p, [u8]>, Param<'p>);

impl<'p> RpcRequest<'p> {
    /// The canonical form of a request with these parameters, of query and form.
    #[must_use]
    pub fn new(method: &'p Method, params: &'p Params<'_>) -> Self {
        Self { method: method.as_str(), params }
    }

    /// The string to sign.
    #[must_use]
    pub fn string_to_sign(&self, order: NameOrder) -> Vec<u8> {
        self.write(order, |_| true)
    }

    /// The primary string to sign, with the values of some parameters replaced by their length, for
    /// showing to the caller. The name is decoded.
    #[must_use]
    pub fn disclosed(&self, shows: impl Fn(&[u8]) -> bool) -> String {
        String::from_utf8_lossy(&self.write(NameOrder::Bytes, shows)).into_owned()
    }

    fn write(&self, order: NameOrder, shows: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        if order == NameOrder::Utf16 {
            let mut params = self.by_bytes();
            params.sort_by(|(a, _), (b, _)| by_utf16(a, b));
            return self.write_all(params, shows);
        }
        // They stand in the order of their names, unless one is not decoded there.
        let mut are_ordered = true;
        let look = |(name, _): &Named<'p>| are_ordered &= matches!(name, Cow::Borrowed(_));
        let string = self.write_all(self.named().inspect(look), &shows);
        if are_ordered { string } else { self.write_all(self.by_bytes(), shows) }
    }

    fn write_all(
        &self,
        params: impl IntoIterator<Item = Named<'p>>,
        shows: impl Fn(&[u8]) -> bool,
    ) -> Vec<u8> {
        // More than most have.
        let mut out = Vec::with_capacity(1000);
        out.extend_from_slice(self.method.as_bytes());
        out.extend_from_slice(b"&%2F&");
        let mut separator: &[u8] = b"";
        for (name, param) in params {
            out.extend_from_slice(separator);
            encode_twice(&mut out, &name);
            out.extend_from_slice(b"%3D");
            match shows(&name) {
                true => encode_twice(&mut out, param.value()),
                false => {
                    encode_twice(&mut out, format!("({} bytes)", param.value().len()).as_bytes());
                }
            }
            separator = b"%26";
        }
        out
    }

    fn named(&self) -> impl Iterator<Item = Named<'p>> {
        let named = self.params.iter().map(|param| (param.decoded_name(), param));
        named.filter(|(name, _)| **name != *b"Signature")
    }

    fn by_bytes(&self) -> Vec<Named<'p>> {
        let mut params: Vec<_> = self.named().collect();
        params.sort_by(|(a, _), (b, _)| a.cmp(b));
        params
    }

    /// The orders by which this request's string differs from the primary one: none for an ordinary
    /// request.
    #[must_use]
    pub fn alternates(&self, readings: AcsReadings) -> Vec<NameOrder> {
        let is_sorted = || self.by_bytes().is_sorted_by(|(a, _), (b, _)| by_utf16(a, b).is_le());
        match readings.contains(AcsReading::RpcUtf16Order) && !is_sorted() {
            true => vec![NameOrder::Utf16],
            false => Vec::new(),
        }
    }
}

fn by_utf16(a: &[u8], b: &[u8]) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        return a.cmp(b);
    }
    let (a, b) = (String::from_utf8_lossy(a), String::from_utf8_lossy(b));
    a.encode_utf16().cmp(b.encode_utf16())
}

/// Without the values: signed is what is worth protecting.
impl fmt::Debug for RpcRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RpcRequest")
            .field("method", &self.method)
            .field("params", &self.named().count())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Source;

    fn strings(query: &str, form: &str) -> Vec<String> {
        let mut params = Params::default();
        params.read(query.as_bytes(), Source::Query).unwrap();
        let params = params.with_form(form.as_bytes()).unwrap();
        let request = RpcRequest::new(&Method::POST, &params);
        let alternates = request.alternates(AcsReadings::default());
        let orders = [NameOrder::Bytes].into_iter().chain(alternates);
        orders.map(|order| String::from_utf8(request.string_to_sign(order)).unwrap()).collect()
    }

    #[test]
    fn parameters_are_encoded_twice_in_the_order_of_their_decoded_names() {
        assert_eq!(
            strings("A%3Ab=1&A.b=2&e&Signature=x", "f=+%2B*~"),
            ["POST&%2F&A.b%3D2%26A%253Ab%3D1%26e%3D%26f%3D%2520%252B%252A~"]
        );
        assert_eq!(strings("", ""), ["POST&%2F&"]);
    }

    #[test]
    fn a_name_is_decoded_wherever_it_stands() {
        assert_eq!(strings("na+me", ""), strings("", "na%20me"));
        assert_eq!(strings("", "%53ignature&a=1"), ["POST&%2F&a%3D1"]);
    }

    #[test]
    fn utf_16_is_another_order_beyond_the_basic_plane_only() {
        assert_eq!(strings("b=1&%E4%B8%AD=2&%EF%BF%BC=3", "").len(), 1);
        assert_eq!(
            strings("%F0%9F%98%80=1&%EF%BF%BC=2", ""),
            [
                "POST&%2F&%25EF%25BF%25BC%3D2%26%25F0%259F%2598%2580%3D1",
                "POST&%2F&%25F0%259F%2598%2580%3D1%26%25EF%25BF%25BC%3D2",
            ]
        );
        assert!(!strings("%FF=1&%F0%9F%98%80=1&%EE%80%80&%C3=1", "").is_empty());
    }

    #[test]
    fn what_is_not_shown_is_told_by_its_length() {
        let mut params = Params::default();
        params.read(b"SecurityToken=secret&a=1", Source::Query).unwrap();
        let shown =
            RpcRequest::new(&Method::GET, &params).disclosed(|name| name != b"SecurityToken");
        assert_eq!(shown, "GET&%2F&SecurityToken%3D%25286%2520bytes%2529%26a%3D1");
    }
}
