//! The five lines that every string to sign has.

use super::compare::Sides;
use super::text::{encoding_differs, shown};
use super::{Cause, Difference, Part};

/// What differs in them, in their order.
pub(super) fn differences(sides: &Sides<'_>) -> Vec<Difference> {
    let lines = Part::FIXED.into_iter().zip(sides.client.fixed).zip(sides.server.fixed);
    // Of a text that ends in the middle, the last piece is compared, too.
    let lines = lines.take(sides.server.complete.saturating_add(1));
    lines
        .filter_map(|((part, client), server)| {
            let text = shown(client);
            if text == server {
                return None;
            }
            let cause = value_cause(client, server).unwrap_or_else(|| match part {
                Part::Method => method_cause(&text, server),
                Part::ContentMd5 => content_md5_cause(&text, server),
                Part::Accept => LineCauses::ACCEPT.of(&text, server),
                Part::ContentType => LineCauses::CONTENT_TYPE.of(&text, server),
                _ => LineCauses::DATE.of(&text, server),
            });
            Some(Difference::new(part, &text, server, cause))
        })
        .collect()
}

/// What is wrong with the text of any header.
pub(super) fn value_cause(client: &[u8], server: &str) -> Option<Cause> {
    let trimmed = shown(client.trim_ascii());
    if trimmed == server {
        return Some(Cause::WhiteSpace);
    }
    encoding_differs(client, server).then_some(Cause::CharacterEncoding)
}

fn method_cause(client: &str, server: &str) -> Cause {
    match client.eq_ignore_ascii_case(server) {
        true => Cause::MethodCase,
        false => Cause::MethodChanged,
    }
}

fn content_md5_cause(client: &str, server: &str) -> Cause {
    let is_hex = client.len() == 32 && client.bytes().all(|byte| byte.is_ascii_hexdigit());
    match (client, server) {
        ("", _) => Cause::ContentMd5NotSigned,
        _ if is_hex => Cause::ContentMd5Hex,
        (_, "") => Cause::ContentMd5NotSent,
        _ => Cause::ContentMd5Differs,
    }
}

/// The causes of a line whose header may be there on one side only.
struct LineCauses {
    only_server: Cause,
    only_client: Cause,
    changed: Cause,
}

impl LineCauses {
    const ACCEPT: Self = Self {
        only_server: Cause::AcceptAdded,
        only_client: Cause::AcceptNotSent,
        changed: Cause::AcceptChanged,
    };
    const CONTENT_TYPE: Self = Self {
        only_server: Cause::ContentTypeAdded,
        only_client: Cause::ContentTypeNotSent,
        changed: Cause::ContentTypeChanged,
    };
    const DATE: Self = Self {
        only_server: Cause::DateAdded,
        only_client: Cause::DateNotSent,
        changed: Cause::DateChanged,
    };

    const fn of(&self, client: &str, server: &str) -> Cause {
        match (client.is_empty(), server.is_empty()) {
            (true, _) => self.only_server,
            (_, true) => self.only_client,
            _ => self.changed,
        }
    }
}
