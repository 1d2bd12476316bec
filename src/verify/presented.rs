//! Step 1: everything that the head alone can decide. No look-up, no MAC, no body byte.
//!
//! In this order, the first that applies answers:
//!
//! 1. request target over `max_uri`: `I413UL`
//! 2. no credential, or only an AppCode where none is allowed: `A400MA`
//! 3. a security header twice, or two different AppCodes: `I400HD`
//! 4. a signature without a key, a key without a signature or an AppCode: `I400MH`
//! 5. a target without a path: `I400RU`; a malformed value ([`signed`](super::signed),
//!    [`covered`](super::covered)): `I400HD`
//! 6. required and absent: `I400MH`, for the nonce `I400NC`
//! 7. required to be signed, but not declared: `I400HD`
//! 8. a malformed `Content-MD5`: `I400I5`
//! 9. a Content-Length over the limit: `I413RL`
//! 10. pollution or ambiguity in the query: `I400IP`
//!
//! A request with an AppCode is exempt from 5 to 7 and 10: nothing of it is signed.

use std::borrow::Cow;

use http::HeaderValue;

use super::policy::{AppCodeCarriers, StrictFindings, StrictRow};
use super::{Covered, Policy, SignedRequest, refuse};
use crate::clock::UnixMillis;
use crate::credential::AppCode;
use crate::error::{Catalogue, ErrorCode, Rejection};
use crate::header;
use crate::protocol::{
    BodyLength, CaHeader, CaHeaders, ContentMd5, RequestHead, app_code_in_header,
    app_codes_in_query,
};

/// A request that presents a well-formed credential; nothing of it is proven.
#[derive(Debug)]
pub struct Presented<'r> {
    /// Boxed, because every later step moves it on.
    pub(super) facts: Box<Facts<'r>>,
}

/// What the head says. Up to 1,032 bytes are quickly had from the C library's allocator, and the lists of
/// headers and parameters are made for that.
#[derive(Debug)]
pub(super) struct Facts<'r> {
    pub(super) policy: &'r Policy,
    pub(super) head: RequestHead<'r>,
    pub(super) ca: CaHeaders<'r>,
    pub(super) content_md5: Option<ContentMd5>,
    pub(super) credential: Credential<'r>,
    pub(super) covered: Covered<'r>,
    pub(super) findings: StrictFindings,
}

/// What a request is authenticated by.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "it lives in a box, and is nearly always the large one"
)]
pub(super) enum Credential<'r> {
    Signature(SignedRequest<'r>),
    AppCode(AppCode),
}

impl<'r> Credential<'r> {
    /// A signature decides, right or wrong: it never falls back to an AppCode.
    fn of(
        policy: &Policy,
        head: &RequestHead<'r>,
        ca: &CaHeaders<'r>,
        app_code: Option<PresentedAppCode>,
        findings: &mut StrictFindings,
    ) -> Result<Self, Rejection> {
        match (ca.signature, app_code) {
            (Some(signature), _) => {
                SignedRequest::parse(policy, head, ca, signature, findings).map(Self::Signature)
            }
            (None, Some(app_code)) => {
                if app_code.in_query {
                    findings.note(StrictRow::AppCodeInQuery);
                }
                Ok(Self::AppCode(app_code.code))
            }
            (None, None) => Err(refuse::missing(&header::SIGNATURE)),
        }
    }
}

impl<'r> Presented<'r> {
    /// Takes step 1.
    ///
    /// # Errors
    ///
    /// The codes of the module's list, in its order.
    pub fn new(policy: &'r Policy, head: RequestHead<'r>) -> Result<Self, Rejection> {
        if head.target_len() > policy.limits.max_uri {
            return Err(ErrorCode::I413UL.into());
        }
        let ca = CaHeaders::collect(head.headers());
        let mut findings = StrictFindings::default();
        let app_code = PresentedAppCode::find(policy, &head, &ca);
        if ca.key.is_none() && ca.signature.is_none() && app_code.is_none() {
            return Err(ErrorCode::A400MA.into());
        }
        if let Some(name) = ca.repeated {
            return Err(refuse::header(name, "occurs more than once"));
        }
        if app_code.as_ref().is_some_and(|code| code.contradicted) {
            return Err(refuse::header(&header::AUTHORIZATION, "differs from another AppCode"));
        }
        let credential = Credential::of(policy, &head, &ca, app_code, &mut findings)?;
        let covered = Covered::default();
        // Made where it stays: it would else be copied there.
        let mut facts = Box::write(
            Box::new_uninit(),
            Facts { policy, head, ca, content_md5: None, credential, covered, findings },
        );
        facts.check_coverage()?;
        facts.content_md5 = content_md5(&facts.ca)?;
        check_declared_length(&facts.head, facts.ca.content_length, facts.body_limit())?;
        facts.check_query()?;
        Ok(Self { facts })
    }

    /// The AppKey or AppCode to look up.
    #[must_use]
    pub fn lookup(&self) -> Lookup<'_> {
        match &self.facts.credential {
            Credential::Signature(request) => Lookup::Key(request.key),
            Credential::AppCode(code) => Lookup::Code(code),
        }
    }
}

impl<'r> Facts<'r> {
    /// When the request was signed, if the signature covers that.
    pub(super) fn signed_at(&self, request: &SignedRequest<'_>) -> Option<UnixMillis> {
        request.timestamp.filter(|_| self.covered.headers.covers(CaHeader::Timestamp))
    }

    fn check_coverage(&mut self) -> Result<(), Rejection> {
        let Self { policy, head, ca, credential, covered, findings, .. } = self;
        match credential {
            Credential::AppCode(_) => Ok(()),
            Credential::Signature(request) => {
                covered.read(head, ca)?;
                covered.check(policy, request, head, ca, findings)
            }
        }
    }

    /// The most bytes the body may have.
    pub(super) fn body_limit(&self) -> u64 {
        let limits = &self.policy.limits;
        if self.is_signed_form() { limits.max_form.min(limits.max_body) } else { limits.max_body }
    }

    /// Whether the body's parameters are signed.
    pub(super) fn is_signed_form(&self) -> bool {
        matches!(self.credential, Credential::Signature(_)) && self.ca.is_form()
    }

    fn check_query(&mut self) -> Result<(), Rejection> {
        let rules = self.policy.param_rules();
        refuse::ambiguous_params(rules, &self.covered.query, &mut self.findings)
    }
}

/// What step 2 looks up.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'a> {
    /// An AppKey.
    Key(&'a str),
    /// An AppCode.
    Code(&'a AppCode),
}

struct PresentedAppCode {
    code: AppCode,
    in_query: bool,
    /// Another AppCode of another value is there, too.
    contradicted: bool,
}

impl PresentedAppCode {
    fn find(policy: &Policy, head: &RequestHead<'_>, ca: &CaHeaders<'_>) -> Option<Self> {
        let in_query = match policy.app_code {
            AppCodeCarriers::Disabled => return None,
            AppCodeCarriers::Header => None,
            AppCodeCarriers::HeaderAndQuery => Some(app_codes_in_query(head)),
        };
        // In any of several headers, although several are refused: a stranger presents none.
        let headers = ca.authorization.map(|_| head.headers().get_all(header::AUTHORIZATION));
        let in_header = headers.into_iter().flatten();
        let mut in_header = in_header.filter_map(|v| app_code_in_header(v.as_bytes())).peekable();
        let only_in_query = in_header.peek().is_none();
        let mut all = in_header.map(Cow::Borrowed).chain(in_query.into_iter().flatten());
        let first = all.next()?;
        let contradicted = all.any(|other| other != first);
        Some(Self { code: AppCode::presented(&first), in_query: only_in_query, contradicted })
    }
}

/// Refuses a body of which the head tells that it is longer.
pub(super) fn check_length<C: Catalogue>(
    head: &RequestHead<'_>,
    limit: u64,
) -> Result<(), Rejection<C>> {
    let declared = head.headers().get(header::CONTENT_LENGTH);
    check_declared_length(head, declared.map(HeaderValue::as_bytes), limit)
}

/// The same, where the value of Content-Length is at hand.
pub(super) fn check_declared_length<C: Catalogue>(
    head: &RequestHead<'_>,
    declared: Option<&[u8]>,
    limit: u64,
) -> Result<(), Rejection<C>> {
    let declared = declared.and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
    let declared = declared.unwrap_or(0);
    let known = match head.body() {
        BodyLength::Known(length) => length,
        BodyLength::Empty | BodyLength::Unknown => 0,
    };
    if declared.max(known) > limit {
        return Err(C::body_too_long());
    }
    Ok(())
}

/// `I400I5` if it is none.
pub(super) fn content_md5(ca: &CaHeaders<'_>) -> Result<Option<ContentMd5>, Rejection> {
    let malformed = || Rejection::new(ErrorCode::I400I5).with("is not the base64 of 16 bytes");
    ca.content_md5.map(|text| ContentMd5::decode(text).ok_or_else(malformed)).transpose()
}

#[cfg(test)]
mod tests {
    use super::Facts;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn the_facts_fit_what_the_allocator_gives_quickly() {
        assert!(size_of::<Facts<'_>>() <= 1032);
    }
}
