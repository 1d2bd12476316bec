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
