//! Step 1 for ROA: `Authorization: acs …`.
//!
//! 1. a malformed `Authorization`: `InvalidAuthorization`; the method and its version
//! 2. `MissingDate`, `InvalidTimeStamp.Format`; `MissingSignatureNonce`, unless the signature stands in
//! 3. `x-acs-accesskey-id` of another key: `Invalidx-acs-accesskey-id`
//! 4. a body without `Content-MD5`: `MissingContent-MD5`; a malformed one: `InvalidContent-MD5`
//! 5. a parameter whose name reads as others: `Invalid{Name}`; more than 64 KiB of headers:
//!    `InvalidAuthorization`

use super::credentials::{self, BodyRule, Credentials};
use super::presented::Head;
use super::refuse;
use crate::error::OpenApiRejection;
use crate::header;
use crate::protocol::openapi::{
    AcsSignature, AcsSignatureMethod, MacMethod, RoaAuthorization, parse_http_date,
};
use crate::protocol::{BodyLength, MAX_HEAD_LEN};
use crate::verify::refuse::strict_row;
use crate::verify::{Ambiguity, ReplayIdentity, StrictRow};

pub(super) fn present<'r>(head: &mut Head<'r>) -> Result<Credentials<'r>, OpenApiRejection> {
    let Head { policy, acs, findings, .. } = head;
    let presented = RoaAuthorization::parse(acs.authorization.unwrap_or_default())
        .map_err(|_| refuse::invalid("Authorization", "it is not `acs AccessKeyId:Signature`"))?;
    let named = AcsSignatureMethod::for_roa(acs.signature_method.unwrap_or_default());
    let unnamed = AcsSignatureMethod::Mac(MacMethod::RoaHmacSha1);
    let method =
        credentials::named_method(policy, named, acs.signature_version, unnamed, findings)?;
    let timestamp = credentials::timestamp("Date", acs.date, parse_http_date)?;
    let nonce = credentials::nonce(acs.nonce)?;
    let by_signature = match policy.replay_identity {
        ReplayIdentity::Nonce => Ambiguity::Refuse,
        ReplayIdentity::NonceOrSignature => Ambiguity::AsGateway,
    };
    let without = nonce.is_none().then(|| refuse::missing("SignatureNonce"));
    strict_row(by_signature, StrictRow::Nonce, without, findings)?;
    check_key_id(presented.access_key_id, acs.access_key_id)?;
    let digest = credentials::content_md5(acs.content_md5)?;
    let body = match (digest, head.head.body()) {
        (Some(digest), _) => BodyRule::Md5(digest),
        (None, BodyLength::Empty) => BodyRule::Covered,
        (None, _) => BodyRule::Uncovered,
    };
    let uncovered = matches!(body, BodyRule::Uncovered).then(|| refuse::missing("Content-MD5"));
    strict_row(policy.uncovered_bodies, StrictRow::ContentMd5, uncovered, findings)?;
    if let Some(param) = head.params.ambiguous_name() {
        return Err(refuse::param(param, "its name reads as other parameters once decoded"));
    }
    if policy.ambiguous_values == Ambiguity::Refuse
        && let Some(param) = head.params.iter().find(|param| param.value_is_ambiguous())
    {
        return Err(refuse::param(param, "its value reads as other parameters once decoded"));
    }
    if all_len(head) > MAX_HEAD_LEN && signed_len(head) > MAX_HEAD_LEN {
        return Err(refuse::invalid("Authorization", "it covers more than 64 KiB of headers"));
    }
    Ok(Credentials {
        signature: AcsSignature::decode(method, presented.signature),
        method,
        access_key_id: presented.access_key_id.into(),
        timestamp,
        nonce,
        security_token: credentials::token(head.acs.security_token),
        action: credentials::text("x-acs-action", head.acs.action)?,
        version: credentials::text("x-acs-version", head.acs.version)?,
        headers: None,
        body,
    })
}

/// The key that is named beside the `Authorization` is the same.
pub(super) fn check_key_id(signs: &str, beside: Option<&[u8]>) -> Result<(), OpenApiRejection> {
    match beside.is_some_and(|beside| beside != signs.as_bytes()) {
        true => Err(refuse::invalid("x-acs-accesskey-id", "it is another than signs")),
        false => Ok(()),
    }
}

/// What [`signed_len`] cannot exceed.
fn all_len(head: &Head<'_>) -> usize {
    let lines =
        head.head.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 2);
    lines.sum::<usize>() + head.head.target_len()
}

fn signed_len(head: &Head<'_>) -> usize {
    let signed = |name: &str| {
        let lines = [header::ACCEPT, header::CONTENT_MD5, header::CONTENT_TYPE, header::DATE];
        name.starts_with(header::ACS_PREFIX) || lines.iter().any(|line| line.as_str() == name)
    };
    let headers = head.head.headers().iter().filter(|(name, _)| signed(name.as_str()));
    let lines: usize = headers.map(|(name, value)| name.as_str().len() + value.len() + 2).sum();
    lines + head.head.target_len()
}
