//! The comparison, part by part in the order of the string to sign.
//!
//! 1. the client's string as a whole: how its lines end, how many there are ([`shape`])
//! 2. the five fixed lines ([`fixed`])
//! 3. the signed headers, paired by name ([`headers`])
//! 4. the path ([`path`](super::path)) and the parameters, paired by name ([`params`](super::params))
//! 5. nothing differs: the secret and the signature ([`secret`](super::secret))

use super::client::Sent;
use super::lines::{ClientLines, ServerLines};
use super::{Cause, ClientSide, Diagnosis, Difference, Part, ServerString};
use super::{fixed, headers, rest, shape};

/// The strings of both sides, taken apart, and what else is known.
pub(super) struct Sides<'a> {
    pub(super) client: &'a ClientLines<'a>,
    pub(super) server: &'a ServerLines<'a>,
    pub(super) sent: Option<&'a Sent<'a>>,
    pub(super) is_cut: bool,
    /// White space at the end of the server's string is not shown.
    pub(super) hides_trailing_blanks: bool,
}

pub(super) fn diagnosis(side: &ClientSide<'_>, server: &ServerString) -> Diagnosis {
    let string = side.string_to_sign();
    if let Some(wrong) = shape::line_ends(string, server) {
        return only(wrong);
    }
    let client = match ClientLines::read(string) {
        Ok(lines) => lines,
        Err(misshapen) => return only(shape::difference(misshapen, string, server)),
    };
    if !server.as_str().contains('#') {
        return without_line_feeds(side, &client, server.as_str());
    }
    let carriage_returns = memchr::memchr_iter(b'\r', string).count();
    let sides = Sides {
        client: &client,
        server: &ServerLines::read(server.as_str(), Some(&client)),
        sent: side.request(),
        is_cut: server.may_be_cut(carriage_returns),
        hides_trailing_blanks: server.hides_trailing_blanks(),
    };
    let mut differences = fixed::differences(&sides);
    let mut hidden = Vec::new();
    if sides.server.is_complete() {
        let (in_headers, unseen) = headers::differences(&sides);
        differences.extend(in_headers);
        differences.extend(rest::differences(&sides));
        hidden = unseen;
    }
    let otherwise = otherwise(side, sides.is_cut || !hidden.is_empty());
    Diagnosis::new(differences, otherwise, hidden)
}

/// The cause where nothing differs.
fn otherwise(side: &ClientSide<'_>, hides: bool) -> Cause {
    match side.judge_signature() {
        Some(Cause::WrongSecret) | None if hides => Cause::NotShown,
        Some(cause) => cause,
        None => Cause::SameString,
    }
}

fn only(difference: Difference) -> Diagnosis {
    Diagnosis::new(vec![difference], Cause::Unrecognised, Vec::new())
}

/// Some servers leave line feeds out: then the client's lines tell where a part ends.
fn without_line_feeds(side: &ClientSide<'_>, client: &ClientLines<'_>, server: &str) -> Diagnosis {
    let mut rest = server;
    for (part, text, disclosed) in client.parts() {
        match rest.strip_prefix(text.as_str()) {
            Some(after) => rest = after,
            None => return only(Difference::new(part, &disclosed, rest, Cause::Unrecognised)),
        }
    }
    if rest.is_empty() {
        return Diagnosis::new(Vec::new(), otherwise(side, false), Vec::new());
    }
    only(Difference::only_server(Part::End, rest, Cause::Unrecognised))
}
