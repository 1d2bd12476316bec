//! Query parameters that are read before, or without, a signature.

use std::borrow::Cow;

use super::{Param, RequestHead, Source};

/// Every value of the query parameter `name`, decoded; names are compared decoded, too.
pub(crate) fn query_values<'r>(
    head: &RequestHead<'r>,
    name: &[u8],
) -> impl Iterator<Item = Cow<'r, [u8]>> {
    Param::all(head.query().as_bytes(), Source::Query)
        .filter(move |param| param.name() == name)
        .map(Param::into_value)
}

/// The query without the parameters of these names, compared decoded and in any case: there are
/// frameworks that read names so.
#[cfg(feature = "middleware")]
pub(crate) fn query_without(query: &str, names: &[&str]) -> String {
    let is_kept = |segment: &&str| {
        let mut params = Param::all(segment.as_bytes(), Source::Query);
        params.all(|param| !names.iter().any(|n| param.name().eq_ignore_ascii_case(n.as_bytes())))
    };
    query.split('&').filter(is_kept).collect::<Vec<_>>().join("&")
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
            ("my+id=1&my%20id=2&myid=3", "myid=3"),
            ("", ""),
        ] {
            assert_eq!(query_without(query, &["user", "my id"]), rest, "{query}");
        }
    }
}
