//! The rejections that more than one check answers.

use crate::error::{OpenApiError, OpenApiRejection};
use crate::protocol::Param;

/// `Missing{Name}`
pub(super) fn missing(name: &'static str) -> OpenApiRejection {
    OpenApiRejection::new(OpenApiError::MissingParameter).with(name)
}

/// `Invalid{Name}`, with what the operator is told of it.
pub(super) fn invalid(name: &'static str, why: &'static str) -> OpenApiRejection {
    OpenApiRejection::new(OpenApiError::InvalidParameter).with(name).with_detail(why)
}

/// `Invalid{Name}` about a header or parameter that the caller named.
pub(super) fn named(name: &str, why: &'static str) -> OpenApiRejection {
    OpenApiRejection::new(OpenApiError::InvalidParameter).with_request_text(name).with_detail(why)
}

/// `Invalid{Name}` about a parameter.
pub(super) fn param(param: Param<'_>, why: &'static str) -> OpenApiRejection {
    named(&param.handler_name(), why)
}
