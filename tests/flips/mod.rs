//! One bit of a request, flipped.

#![allow(clippy::indexing_slicing, reason = "what fails here fails a test")]

use http::{HeaderName, HeaderValue, Method, Uri};
use proptest::sample::Index;

use crate::support::Wire;

/// A part of a request, as the bytes of which one bit will flip.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Method,
    Target,
    Header(HeaderName),
    Body,
}

/// The request with one bit of a part flipped, if that is HTTP at all.
pub(crate) fn flipped(wire: &Wire, part: &Part, at: Index, bit: u32) -> Option<Wire> {
    let mut wire = wire.clone();
    let flip = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        bytes
    };
    match part {
        Part::Method => {
            wire.method = Method::from_bytes(&flip(wire.method.as_str().as_bytes())).ok()?
        }
        Part::Target => {
            let target = flip(wire.target.to_string().as_bytes());
            wire.target = Uri::try_from(target).ok()?;
        }
        Part::Header(name) => {
            let value = wire.headers.get_mut(name)?;
            *value = HeaderValue::from_bytes(&flip(value.as_bytes())).ok()?;
        }
        Part::Body => wire.body = flip(&wire.body),
    }
    Some(wire)
}
