//! Step 1 for signed requests: what of the head the signature covers.
//!
//! 1. a declared name that is no header name; over 64 declared names, 1,000 parameters or 64 KiB of
//!    signed text; a signed header with two values; an `X-Ca-Signed-Content-Type` that contradicts
//!    `Content-Type`: `I400HD`
//! 2. required and absent: timestamp `I400MH`, nonce `I400NC`, Content-MD5 `I400MH`
//! 3. required to be signed, but not declared: `I400HD`

use super::policy::{
    Ambiguity, ContentMd5Rule, KeyCoverage, Presence, SignedContentType, StrictFindings, StrictRow,
};
use super::{Policy, SignedRequest, refuse};
use crate::error::{ErrorCode, Rejection};
use crate::header;
use crate::protocol::{
    BodyLength, CaHeader, CaHeaders, MAX_HEAD_LEN, Params, RequestHead, SignedHeaders, Source,
    head_len,
};

/// The signed headers and the query's parameters; none if nothing is signed.
#[derive(Debug, Default)]
pub(super) struct Covered<'r> {
    pub(super) headers: SignedHeaders<'r>,
    pub(super) query: Params<'r>,
}

impl<'r> Covered<'r> {
    /// Reads them where they are to stay: they are the largest part of a request's facts.
    pub(super) fn read(
        &mut self,
        head: &RequestHead<'r>,
        ca: &CaHeaders<'r>,
    ) -> Result<(), Rejection> {
        let list = ca.signature_headers.unwrap_or_default();
        let read = self.headers.read(list, head.headers(), ca);
        read.map_err(|error| refuse::list(&header::SIGNATURE_HEADERS, error))?;
        if head_len(head, ca, &self.headers) > MAX_HEAD_LEN {
            return Err(refuse::header(&header::SIGNATURE, "covers more than 64 KiB of headers"));
        }
        let read = self.query.read(head.query().as_bytes(), Source::Query);
        read.map_err(refuse::too_many_params)
    }

    /// The rest of the module's list.
    pub(super) fn check(
        &self,
        policy: &Policy,
        request: &SignedRequest<'_>,
        head: &RequestHead<'_>,
        ca: &CaHeaders<'_>,
        findings: &mut StrictFindings,
    ) -> Result<(), Rejection> {
        self.check_repeated_headers(policy, ca, findings)?;
        self.check_signed_content_type(policy, ca, findings)?;
        check_presence(policy, request, head, ca, findings)?;
        self.check_coverage(policy, request, findings)
    }

    fn check_repeated_headers(
        &self,
        policy: &Policy,
        ca: &CaHeaders<'_>,
        findings: &mut StrictFindings,
    ) -> Result<(), Rejection> {
        const REASON: &str = "is signed and has more than one value";
        let line = ca.repeated_fixed_line.map(|name| refuse::header(name, REASON));
        let violated =
            line.or_else(|| self.headers.repeated().map(|name| refuse::named_header(name, REASON)));
        refuse::strict_row(policy.repeated_headers, StrictRow::RepeatedHeader, violated, findings)
    }

    fn check_signed_content_type(
        &self,
        policy: &Policy,
        ca: &CaHeaders<'_>,
        findings: &mut StrictFindings,
    ) -> Result<(), Rejection> {
        if ca.signed_content_type.is_none() {
            return Ok(());
        }
        let refused = |reason| Some(refuse::header(&header::SIGNED_CONTENT_TYPE, reason));
        let violated = if !self.headers.covers(CaHeader::SignedContentType) {
            refused("is not among X-Ca-Signature-Headers")
        } else if !ca.content_types_agree() {
            refused("is of another media type than Content-Type")
        } else {
            None
        };
        let rule = match policy.signed_content_type {
            SignedContentType::MustAgree => Ambiguity::Refuse,
            SignedContentType::Replaces => Ambiguity::AsGateway,
        };
        refuse::strict_row(rule, StrictRow::SignedContentType, violated, findings)
    }

    fn check_coverage(
        &self,
        policy: &Policy,
        request: &SignedRequest<'_>,
        findings: &mut StrictFindings,
    ) -> Result<(), Rejection> {
        let must_be_signed = |presence| match presence {
            Presence::Signed => Ambiguity::Refuse,
            Presence::Optional | Presence::Required => Ambiguity::AsGateway,
        };
        let key_rule = match policy.key_coverage {
            KeyCoverage::Signed => Ambiguity::Refuse,
            KeyCoverage::AsSent => Ambiguity::AsGateway,
        };
        let rows = [
            (CaHeader::Key, key_rule, StrictRow::KeyCoverage),
            (CaHeader::Timestamp, must_be_signed(policy.timestamp), StrictRow::Timestamp),
            (CaHeader::Nonce, must_be_signed(policy.nonce), StrictRow::Nonce),
        ];
        for (name, rule, row) in rows {
            let violated = (!self.headers.covers(name)).then(|| {
                refuse::header(&name.header_name(), "is not among X-Ca-Signature-Headers")
            });
            refuse::strict_row(rule, row, violated, findings)?;
        }
        // A declared header that is absent is covered, and still protects nothing.
        if request.timestamp.is_none() {
            findings.note(StrictRow::Timestamp);
        }
        if request.nonce.is_none() {
            findings.note(StrictRow::Nonce);
        }
        Ok(())
    }
}

fn check_presence(
    policy: &Policy,
    request: &SignedRequest<'_>,
    head: &RequestHead<'_>,
    ca: &CaHeaders<'_>,
    findings: &mut StrictFindings,
) -> Result<(), Rejection> {
    if request.timestamp.is_none() && policy.timestamp != Presence::Optional {
        return Err(refuse::missing(&header::TIMESTAMP));
    }
    if request.nonce.is_none() && policy.nonce != Presence::Optional {
        return Err(ErrorCode::I400NC.into());
    }
    let undigested = head.body() != BodyLength::Empty && ca.content_md5.is_none();
    let (uncovered, rule) = match policy.content_md5 {
        ContentMd5Rule::RequiredForForms => (undigested, Ambiguity::Refuse),
        ContentMd5Rule::Required => (undigested && !ca.is_form(), Ambiguity::Refuse),
        ContentMd5Rule::Optional => (undigested && !ca.is_form(), Ambiguity::AsGateway),
    };
    let violated = uncovered.then(|| refuse::missing(&header::CONTENT_MD5));
    refuse::strict_row(rule, StrictRow::ContentMd5, violated, findings)
}
