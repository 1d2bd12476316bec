//! Faults of the client's string as a whole: then its parts would be found in the wrong places.

use super::lines::{ClientHeader, Misshapen, ServerLines};
use super::text::shown;
use super::{Cause, Difference, Part, ServerString};

/// What is wrong with the ends of the lines.
pub(super) fn line_ends(string: &[u8], server: &ServerString) -> Option<Difference> {
    let first_line = string.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let cause = if first_line.len() == string.len() {
        Cause::LineEnds
    } else if first_line.ends_with(b"\r") {
        Cause::CarriageReturns
    } else {
        return None;
    };
    let (method, _) = server.as_str().split_once('#').unwrap_or((server.as_str(), ""));
    // As text, so that the carriage return is seen; up to the first header, which may be a credential.
    let line = first_line.split(|byte| *byte == b':').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    Some(Difference::new(Part::Method, &line, method, cause))
}

/// A line too few or too many.
pub(super) fn difference(misshapen: Misshapen, string: &[u8], server: &ServerString) -> Difference {
    let (at, cause) = match misshapen {
        Misshapen::TooFewLines { at } => (at, Cause::EmptyLineMissing),
        Misshapen::ExtraLine { at } => (at, Cause::ExtraLine),
    };
    let line = string.split(|byte| *byte == b'\n').nth(at).unwrap_or_default();
    let line = ClientHeader::read(line).map_or_else(|| shown(line), |header| header.disclosed());
    let lines = ServerLines::read(server.as_str(), None);
    let of_header = |(name, value): &(&str, &str)| (Part::header(name), format!("{name}:{value}"));
    let headers = lines.headers.iter().map(of_header);
    let fixed = Part::FIXED.into_iter().zip(lines.fixed.map(str::to_owned));
    let (part, text) =
        fixed.chain(headers).nth(at).unwrap_or_else(|| (Part::Path, lines.rest.to_owned()));
    Difference::new(part, &line, &text, cause)
}
