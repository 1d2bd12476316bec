//! Query parameters that are read before, or without, a signature.

use std::borrow::Cow;

use super::{RequestHead, decoded_pairs};

/// Every value of the query parameter `name`, decoded; names are compared decoded, too.
pub(crate) fn query_values<'r>(
    head: &RequestHead<'r>,
    name: &[u8],
) -> impl Iterator<Item = Cow<'r, [u8]>> {
    decoded_pairs(head.query().as_bytes())
        .filter(move |(other, _)| **other == *name)
        .map(|(_, value)| value)
}

/// The query without the parameters of these names, as lenient readers read names: decoded, in any
/// case, split at `;` too, without blanks around, up to a bracket or a NUL, and with `.`, `-` and
/// blanks as underscores.
#[cfg(feature = "middleware")]
pub(crate) fn query_without(query: &str, names: &[&str]) -> String {
    let reserved: Vec<_> = names.iter().map(|name| leniently(name.as_bytes())).collect();
    let is_kept = |piece: &&str| {
        decoded_pairs(piece.as_bytes()).all(|(name, _)| !reserved.contains(&leniently(&name)))
    };
    let without = |segment: &str| match segment.contains(';') {
        false => is_kept(&segment).then(|| segment.to_owned()),
        true => Some(segment.split(';').filter(is_kept).collect::<Vec<_>>().join(";")),
    };
    query.split('&').filter_map(without).collect::<Vec<_>>().join("&")
}

/// A name as the most lenient reader takes it: PHP, Rack and their like.
#[cfg(feature = "middleware")]
fn leniently(name: &[u8]) -> Vec<u8> {
    let name = name.trim_ascii();
    let end = name.iter().position(|byte| matches!(byte, b'[' | 0)).unwrap_or(name.len());
    let fold = |byte: &u8| match byte {
        b'.' | b'-' | b' ' => b'_',
        byte => byte.to_ascii_lowercase(),
    };
    name.iter().take(end).map(fold).collect()
}

#[cfg(all(test, feature = "middleware"))]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_removed_by_their_decoded_names() {
        for (query, rest) in [
            ("a=1&user=x&b=2", "a=1&b=2"),
            ("user", ""),
            ("us%65r=x&USER=y&&a=%26user=z", "&a=%26user=z"),
            ("username=1&xuser=2", "username=1&xuser=2"),
            ("my+id=1&my%20id=2&my_id=3&my.id=4&my-id=5&myid=6", "myid=6"),
            ("a=1;user=x;b&;user;", "a=1;b&;"),
            ("user[]=x&user%5B0%5D=x&user%00y=x&+user=x&%20user+=x&[user]=y", "[user]=y"),
            ("", ""),
        ] {
            assert_eq!(query_without(query, &["user", "my id"]), rest, "{query}");
        }
    }
}
