//! Splitting and decoding.

use std::borrow::Cow;

use super::param::RawParam;
use crate::protocol::canonical::Plus;
use crate::protocol::canonical::path::hex;

/// The names and values that have an escape, decoded one after the other into one text.
#[derive(Clone, Default)]
pub(super) struct Decoded {
    text: Vec<u8>,
    /// Where each name ends, and its value.
    ends: Vec<(usize, usize)>,
}

impl Decoded {
    /// Makes room for what is decoded of so many bytes.
    pub(super) fn reserve(&mut self, len: usize) {
        self.text.reserve(len);
    }

    /// Decodes a parameter, unless it is on the wire as it is signed.
    pub(super) fn add(&mut self, raw: &RawParam<'_>, plus: Plus) -> Option<u16> {
        if !raw.has_any_of(b'%', b'+') {
            return None;
        }
        let index = u16::try_from(self.ends.len()).ok()?;
        match raw.name_is_kept() {
            true => self.text.extend_from_slice(raw.name),
            false => decode_into(&mut self.text, raw.name, plus),
        }
        let name_end = self.text.len();
        decode_into(&mut self.text, raw.value(), plus);
        self.ends.push((name_end, self.text.len()));
        Some(index)
    }

    /// The name and the value of this number.
    pub(super) fn pair(&self, index: u16) -> (&[u8], &[u8]) {
        let index = usize::from(index);
        let before = index.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = before.map_or(0, |(_, end)| *end);
        let (name_end, end) = self.ends.get(index).copied().unwrap_or_default();
        let text = |from, to| self.text.get(from..to).unwrap_or_default();
        (text(start, name_end), text(name_end, end))
    }
}

/// The names and values of a query or a form, in the order in which they were sent.
///
/// Empty segments are skipped: no client produces them, and no handler sees them. A segment of `=` or
/// `=v` is a parameter with an empty name, which handlers do see.
pub(super) fn pairs(raw: &[u8]) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    let mut rest = Some(raw);
    let next = move || {
        let text = rest?;
        let end = memchr::memchr(b'&', text);
        let segment = end.map_or(text, |end| text.get(..end).unwrap_or_default());
        rest = end.and_then(|end| text.get(end + 1..));
        Some(segment)
    };
    std::iter::from_fn(next).filter(|segment| !segment.is_empty()).map(|segment| {
        match segment.iter().position(|byte| *byte == b'=') {
            Some(at) => (segment.get(..at).unwrap_or_default(), segment.get(at + 1..)),
            None => (segment, None),
        }
    })
}

/// The same, decoded as handlers do.
pub(in crate::protocol) fn decoded_pairs(
    raw: &[u8],
) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> {
    pairs(raw).map(|(name, value)| (decode(name), decode(value.unwrap_or_default())))
}

/// `+` to space, then percent-decoding; a malformed escape stays as it is.
pub(super) fn decode(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'%', b'+', raw).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut text = Vec::with_capacity(raw.len());
    decode_into(&mut text, raw, Plus::Space);
    Cow::Owned(text)
}

fn decode_into(out: &mut Vec<u8>, raw: &[u8], plus: Plus) {
    let mut rest = raw;
    while let [byte, after @ ..] = rest {
        let escaped = match (byte, after) {
            (b'%', [high, low, after @ ..]) => hex([*high, *low]).map(|byte| (byte, after)),
            (b'+', after) if plus == Plus::Space => Some((b' ', after)),
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*byte, after));
        out.push(byte);
        rest = after;
    }
}
