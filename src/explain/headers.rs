//! The signed headers, paired by name.

use super::align::{Pair, align};
use super::compare::Sides;
use super::fixed::value_cause;
use super::lines::{ClientHeader, mask};
use super::text::shown;
use super::{Cause, Difference, Part};
use crate::header;
use crate::protocol::is_documented_exclusion;

/// What differs, in the order of the lines; and the names whose values the server does not show.
pub(super) fn differences(sides: &Sides<'_>) -> (Vec<Difference>, Vec<String>) {
    let (client, server) = (&sides.client.headers, &sides.server.headers);
    let keys = |names: Vec<&str>| -> Vec<String> {
        names.into_iter().map(str::to_ascii_lowercase).collect()
    };
    let of_client = keys(client.iter().map(|header| header.name).collect());
    let of_server = keys(server.iter().map(|(name, _)| *name).collect());
    let alignment =
        align(of_client.iter().map(String::as_str), of_server.iter().map(String::as_str));

    let mut found = Vec::new();
    let mut hidden = Vec::new();
    for pair in alignment.pairs {
        match pair {
            Pair::Both { client: c, server: s } => {
                let (Some(header), Some((name, value))) = (client.get(c), server.get(s)) else {
                    continue;
                };
                if alignment.disorder == Some(s) {
                    found.push(disorder(sides, s));
                }
                match compared(header, name, value) {
                    Compared::Same => {}
                    Compared::Hidden => hidden.push((*name).to_owned()),
                    Compared::Differs(difference) => found.push(difference),
                }
            }
            Pair::OnlyServer(s) => found.extend(server.get(s).map(|(name, value)| {
                let is_repeated = of_client.iter().any(|other| other.eq_ignore_ascii_case(name));
                let cause = match is_repeated {
                    true => Cause::HeaderDeclaredTwice,
                    false if is_documented_exclusion(name) => Cause::DocumentedName,
                    false => stage_or(name, Cause::HeaderNotSigned),
                };
                Difference::only_server(Part::header(name), &format!("{name}:{value}"), cause)
            })),
            Pair::OnlyClient(c) => found.extend(client.get(c).map(|header| {
                let cause = match server.is_empty() {
                    true => Cause::NoSignatureHeaders,
                    false => stage_or(header.name, Cause::HeaderNotDeclared),
                };
                Difference::only_client(Part::header(header.name), &header.disclosed(), cause)
            })),
        }
    }
    (found, hidden)
}

/// The first line at which the two lists have different headers, although both have both.
fn disorder(sides: &Sides<'_>, at: usize) -> Difference {
    let names = |names: Vec<&str>| names.join(", ");
    let client = names(sides.client.headers.iter().map(|header| header.name).collect());
    let server = names(sides.server.headers.iter().map(|(name, _)| *name).collect());
    let name = sides.server.headers.get(at).map_or("", |(name, _)| *name);
    Difference::new(Part::header(name), &client, &server, Cause::HeaderOrder)
}

enum Compared {
    Same,
    Hidden,
    Differs(Difference),
}

fn compared(client: &ClientHeader<'_>, name: &str, value: &str) -> Compared {
    let text = shown(client.value);
    let masked = masked_len(name, value);
    let differs = |text: &str, cause| {
        let client = format!("{}:{text}", client.name);
        let server = format!("{name}:{value}");
        Compared::Differs(Difference::new(Part::header(name), &client, &server, cause))
    };
    // What the server does not show is not shown here either.
    let own_text = masked.map_or_else(|| text.clone(), |_| mask(client.value));
    if client.name != name {
        return differs(&own_text, Cause::HeaderNameCase);
    }
    match masked {
        Some(0) if client.value.is_empty() => Compared::Same,
        _ if text == value => Compared::Same,
        Some(len) if len == client.value.len() => Compared::Hidden,
        Some(len) if len == client.value.trim_ascii().len() => {
            differs(&own_text, Cause::WhiteSpace)
        }
        Some(0) => differs(&own_text, Cause::HeaderNotSent),
        Some(_) if client.value.is_empty() => differs(&own_text, Cause::HeaderSignedEmpty),
        Some(_) => differs(&own_text, Cause::HeaderChanged),
        None => differs(&own_text, cause_of_value(client, value)),
    }
}

fn cause_of_value(client: &ClientHeader<'_>, server: &str) -> Cause {
    let is_of_one_call = |name: &str| {
        name.eq_ignore_ascii_case(header::TIMESTAMP.as_str())
            || name.eq_ignore_ascii_case(header::NONCE.as_str())
    };
    value_cause(client.value, server).unwrap_or_else(|| match (client.value, server) {
        _ if is_stage(client.name) => Cause::StageHeader,
        (_, "") => Cause::HeaderNotSent,
        (b"", _) => Cause::HeaderSignedEmpty,
        _ if is_of_one_call(client.name) => Cause::AnotherCall,
        _ => Cause::HeaderChanged,
    })
}

fn stage_or(name: &str, other: Cause) -> Cause {
    if is_stage(name) { Cause::StageHeader } else { other }
}

fn is_stage(name: &str) -> bool {
    name.eq_ignore_ascii_case(header::STAGE.as_str())
}

/// The length that stands for a value, where the server may have masked it.
fn masked_len(name: &str, value: &str) -> Option<usize> {
    let name = name.to_ascii_lowercase();
    let is_shown = name.starts_with(header::PREFIX) && !name.starts_with(header::PROXY_PREFIX);
    if is_shown {
        return None;
    }
    value.strip_prefix('(')?.strip_suffix(" bytes)")?.parse().ok()
}
