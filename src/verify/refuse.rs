//! The rejections that more than one check answers.

use std::fmt::Display;

use http::HeaderName;

use super::policy::{Ambiguity, RepeatedParameters, StrictFindings, StrictRow};
use crate::error::{Catalogue, ErrorCode, Rejection};
use crate::header;
use crate::protocol::{Param, Params, TooManyParams};

/// `I400HD`, naming the header and what is wrong with it.
#[cold]
pub(super) fn header(name: &HeaderName, reason: &'static str) -> Rejection {
    Rejection::new(ErrorCode::I400HD).with(header::documented(name).to_owned()).with(reason)
}

/// `I400HD` about a header that the caller named.
#[cold]
pub(super) fn named_header(name: &str, reason: &'static str) -> Rejection {
    Rejection::new(ErrorCode::I400HD).with_request_text(name).with(reason)
}

/// `I400MH`, naming the header.
#[cold]
pub(super) fn missing(name: &HeaderName) -> Rejection {
    Rejection::new(ErrorCode::I400MH).with(header::documented(name).to_owned())
}

/// `I400HD`: the parameters are counted as part of what the signature covers.
#[cold]
pub(super) fn too_many_params(error: TooManyParams) -> Rejection {
    list(&header::SIGNATURE, error)
}

/// `I400HD` with an error's own text as the reason.
#[cold]
pub(super) fn list(name: &HeaderName, error: impl Display) -> Rejection {
    Rejection::new(ErrorCode::I400HD)
        .with(header::documented(name).to_owned())
        .with(error.to_string())
}

/// A row of the strict policy: refused where the policy says so, else noted.
pub(super) fn strict_row<C: Catalogue>(
    rule: Ambiguity,
    row: StrictRow,
    violated: Option<Rejection<C>>,
    findings: &mut StrictFindings,
) -> Result<(), Rejection<C>> {
    match (violated, rule) {
        (None, _) => Ok(()),
        (Some(rejection), Ambiguity::Refuse) => Err(rejection),
        (Some(_), Ambiguity::AsGateway) => {
            findings.note(row);
            Ok(())
        }
    }
}

/// What a policy says about parameters that a handler may read otherwise than they are signed.
#[derive(Clone, Copy)]
pub(super) struct ParamRules {
    pub(super) repeated: RepeatedParameters,
    pub(super) names: Ambiguity,
    pub(super) values: Ambiguity,
}

/// `I400IP` for parameters of which only a part is signed, or that sign like others.
pub(super) fn ambiguous_params(
    rules: ParamRules,
    params: &Params<'_>,
    findings: &mut StrictFindings,
) -> Result<(), Rejection> {
    if params.are_plain() {
        return Ok(());
    }
    let invalid = |param: Param<'_>, reason: &'static str| {
        Rejection::new(ErrorCode::I400IP).with_request_text(param.handler_name()).with(reason)
    };
    let rule = match rules.repeated {
        RepeatedParameters::Refuse | RepeatedParameters::RefuseDiffering => Ambiguity::Refuse,
        RepeatedParameters::FirstValue => Ambiguity::AsGateway,
    };
    let polluted = params.polluted().map(|p| invalid(p, "occurs twice with different values"));
    strict_row(rule, StrictRow::RepeatedParameter, polluted, findings)?;
    if rules.repeated == RepeatedParameters::Refuse
        && let Some(param) = params.repeated()
    {
        return Err(invalid(param, "occurs more than once"));
    }

    let name = params.ambiguous_name();
    let name = name.map(|p| invalid(p, "has a name that reads as other parameters once decoded"));
    strict_row(rules.names, StrictRow::AmbiguousName, name, findings)?;

    if rules.values == Ambiguity::Refuse
        && let Some(param) = params.iter().find(Param::value_is_ambiguous)
    {
        return Err(invalid(param, "has a value that reads as other parameters once decoded"));
    }
    Ok(())
}
