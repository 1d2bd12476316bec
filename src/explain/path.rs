//! Why two paths differ.

use super::compare::Sides;
use super::fixed::value_cause;
use super::text::percent_decoded;
use super::{Cause, lines::ClientLines};
use crate::protocol::{CanonicalPath, PathForm};

/// The usual cause.
pub(super) fn cause(sides: &Sides<'_>, client: &str, server: &str) -> Cause {
    let decoded = CanonicalPath::new(client);
    let is_template = |path: &str| path.contains(['[', '{']);
    if client.is_empty() && server == "/" {
        return Cause::EmptyPath;
    }
    if decoded.form(PathForm::Decoded) == server {
        return Cause::PathNotDecoded;
    }
    if percent_decoded(server) == percent_decoded(client) {
        return escapes(sides, server);
    }
    if client.trim_end_matches('/') == server.trim_end_matches('/') {
        return Cause::TrailingSlash;
    }
    if is_template(client) && !is_template(server) {
        return Cause::PathTemplate;
    }
    if is_behind_prefix(client, server) || is_behind_prefix(server, client) {
        return Cause::PathPrefix;
    }
    if normalised(client) == normalised(server) {
        return Cause::PathNormalised;
    }
    if percent_decoded(&percent_decoded(server)) == percent_decoded(client) {
        return Cause::PathEscapedTwice;
    }
    let bytes = path_bytes(sides.client);
    value_cause(bytes, server).unwrap_or(Cause::PathChanged)
}

/// The server's text has escapes that the client's has not: an encoded slash is kept, and by the
/// strict policy every escape of an ambiguous path.
fn escapes(sides: &Sides<'_>, server: &str) -> Cause {
    let is_as_sent = sides.sent.is_none_or(|sent| sent.head.path() == server);
    let upper = server.to_ascii_uppercase();
    let keeps_slash = ["%2F", "%5C"].iter().any(|kept| upper.contains(kept));
    let keeps_all = CanonicalPath::new(server).is_ambiguous() && is_as_sent;
    if keeps_slash || keeps_all { Cause::PathKeptEscape } else { Cause::PathEscapedTwice }
}

/// Whether `long` is `short` with segments before it.
fn is_behind_prefix(short: &str, long: &str) -> bool {
    let prefix = long.strip_suffix(short);
    short.starts_with('/') && prefix.is_some_and(|prefix| prefix.starts_with('/'))
}

/// Without empty and dot segments.
fn normalised(path: &str) -> Vec<&str> {
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    kept
}

fn path_bytes<'c>(client: &ClientLines<'c>) -> &'c [u8] {
    client.rest.split(|byte| *byte == b'?').next().unwrap_or_default()
}
