//! What stands after the header lines: the path, the parameters, and what does not belong there.

use super::compare::Sides;
use super::text::shown;
use super::{Cause, Difference, Part, params, path};

/// What differs, in the order of the string.
pub(super) fn differences(sides: &Sides<'_>) -> Vec<Difference> {
    let server = sides.server.rest;
    let client = shown(sides.client.rest);
    let is_same = |client: &str| {
        client == server
            || sides.is_cut && client.starts_with(server)
            || sides.hides_trailing_blanks && client.trim_end() == server
    };
    if is_same(&client) {
        return Vec::new();
    }
    let (client, trailing) = without_trailing_line_feeds(sides.client.rest);
    let mut found = Vec::new();
    if !is_same(&client) {
        found = match foreign_part(&client, server) {
            Some(difference) => vec![difference],
            None => path_and_parameters(sides, &client),
        };
    }
    found.extend(trailing);
    found
}

fn without_trailing_line_feeds(rest: &[u8]) -> (String, Option<Difference>) {
    let end = rest.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
    let (text, trailing) = rest.split_at_checked(end).unwrap_or((rest, b""));
    let trailing = (!trailing.is_empty()).then(|| {
        let trailing = String::from_utf8_lossy(trailing);
        Difference::only_client(Part::End, &trailing, Cause::TrailingLineFeed)
    });
    (shown(text), trailing)
}

/// A scheme or host before the path, or a fragment after it.
fn foreign_part(client: &str, server: &str) -> Option<Difference> {
    let differs = |cause| Some(Difference::new(Part::Path, client, server, cause));
    let has_scheme = ["http://", "https://", "//"].iter().any(|start| client.starts_with(start));
    let (_, after_scheme) = client.split_once("//").filter(|_| has_scheme).unwrap_or(("", client));
    let host = after_scheme.split(['/', '?']).next().unwrap_or_default();
    let without_host = after_scheme.strip_prefix(host).unwrap_or_default();
    if !host.is_empty() && (has_scheme && !server.starts_with("//") || without_host == server) {
        return differs(Cause::HostSigned);
    }
    let fragment = client.strip_prefix(server).is_some_and(|after| after.starts_with('#'));
    if fragment && !server.is_empty() {
        return differs(Cause::FragmentSigned);
    }
    None
}

fn path_and_parameters(sides: &Sides<'_>, client: &str) -> Vec<Difference> {
    let (client_path, client_query) = client.split_once('?').unwrap_or((client, ""));
    let (server_path, server_query) =
        sides.server.rest.split_once('?').unwrap_or((sides.server.rest, ""));
    let is_cut_in_path = sides.is_cut && server_query.is_empty();
    let path_is_same =
        client_path == server_path || is_cut_in_path && client_path.starts_with(server_path);
    let mut found = Vec::new();
    if !path_is_same {
        let cause = path::cause(sides, client_path, server_path);
        found.push(Difference::new(Part::Path, client_path, server_path, cause));
    }
    if !is_cut_in_path {
        found.extend(params::differences(sides, client_query, server_query));
    }
    found
}
