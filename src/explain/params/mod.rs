//! The parameters, paired by name.

mod known;

use self::known::Known;
use super::align::{Pair, align};
use super::compare::Sides;
use super::{Cause, Difference, Part};

/// What differs, in the order of the parameters.
pub(super) fn differences(sides: &Sides<'_>, client: &str, server: &str) -> Vec<Difference> {
    let client: Vec<_> = segments(client).collect();
    let server: Vec<_> = segments(server).collect();
    let goes_on = |at: usize| sides.is_cut && at + 1 == server.len();
    let known = Known::of(sides, &client, &server);
    let keys: Vec<String> = client.iter().map(|segment| known.key(segment.name)).collect();
    let of_server: Vec<_> = server.iter().map(|segment| segment.name).collect();
    let alignment = align(keys.iter().map(String::as_str), of_server.iter().copied());

    let mut found = Vec::new();
    for pair in alignment.pairs {
        match pair {
            Pair::Both { client: c, server: s } => {
                let (Some(client), Some(server)) = (client.get(c), server.get(s)) else {
                    continue;
                };
                let part = || Part::Parameter(server.name.to_owned());
                if alignment.disorder == Some(s) {
                    let (keys, names) = (keys.join("&"), of_server.join("&"));
                    found.push(Difference::new(part(), &keys, &names, Cause::ParameterOrder));
                }
                let is_same = client.text == server.text
                    || goes_on(s) && client.text.starts_with(server.text);
                if !is_same {
                    let cause = known.cause(client, server);
                    found.push(Difference::new(part(), client.text, server.text, cause));
                }
            }
            Pair::OnlyServer(s) if goes_on(s) => {}
            Pair::OnlyServer(s) => found.extend(server.get(s).map(|segment| {
                let part = Part::Parameter(segment.name.to_owned());
                Difference::only_server(part, segment.text, known.only_server(segment))
            })),
            Pair::OnlyClient(_) if sides.is_cut => {}
            Pair::OnlyClient(c) => found.extend(client.get(c).map(|segment| {
                let part = Part::Parameter(segment.name.to_owned());
                Difference::only_client(part, segment.text, known.only_client(segment))
            })),
        }
    }
    found
}

/// `name=value` as it stands in a string.
#[derive(Clone, Copy)]
struct Segment<'a> {
    text: &'a str,
    name: &'a str,
    value: &'a str,
}

fn segments(query: &str) -> impl Iterator<Item = Segment<'_>> {
    query.split('&').filter(|text| !text.is_empty()).map(|text| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        Segment { text, name, value }
    })
}
