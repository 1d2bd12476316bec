//! The rejections of a back-end signature; most are those of any signature.

use http::HeaderName;

use crate::error::Rejection;
use crate::header;
use crate::protocol::TooManyParams;
pub(super) use crate::verify::refuse::{
    ambiguous_params, header, list, missing, named_header, strict_row,
};

/// `I400MH`: the request carries no back-end signature. (`A400MA` would name other headers.)
pub(crate) fn not_presented() -> Rejection {
    missing(&header::PROXY_SIGNATURE)
}

/// `I400HD`: what is asked to be covered is not declared.
pub(super) fn uncovered(name: &HeaderName) -> Rejection {
    header(name, "is not among X-Ca-Proxy-Signature-Headers")
}

/// `I400HD`: the parameters are counted as part of what the signature covers.
pub(super) fn too_many_params(error: TooManyParams) -> Rejection {
    list(&header::PROXY_SIGNATURE, error)
}
