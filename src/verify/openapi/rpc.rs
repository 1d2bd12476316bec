//! Step 1 for RPC: everything is a parameter.
//!
//! 1. a path other than `/`, which is not signed: `InvalidApi.NotFound`
//! 2. `Format` neither JSON nor XML: `InvalidParameter.Format`
//! 3. `MissingAccessKeyId`, `MissingSignature`; the method and its version
//! 4. `MissingTimestamp`, `InvalidTimeStamp.Format`; `MissingSignatureNonce`; `MissingAction`,
//!    `MissingVersion`
//! 5. a body that is no form, which is not signed: `InvalidContent-Type`

use super::credentials::{self, BodyRule, Credentials};
use super::presented::Head;
use super::refuse;
use crate::error::{OpenApiError, OpenApiFormat, OpenApiRejection};
use crate::protocol::BodyLength;
use crate::protocol::openapi::{
    AcsSignature, AcsSignatureMethod, MacMethod, RpcParams, parse_acs_timestamp,
};
use crate::verify::StrictRow;
use crate::verify::refuse::strict_row;

pub(super) fn present<'r>(head: &mut Head<'r>) -> Result<Credentials<'r>, OpenApiRejection> {
    let Head { policy, params, findings, .. } = head;
    if head.head.path() != "/" {
        return Err(OpenApiError::InvalidApiNotFound.into());
    }
    let presented = RpcParams::collect(params);
    if OpenApiFormat::of_parameter(presented.format.unwrap_or_default()).is_none() {
        return Err(OpenApiError::InvalidParameterFormat.into());
    }
    let access_key_id = credentials::key_id(presented.access_key_id)?;
    let signature = presented.signature.filter(|signature| !signature.is_empty());
    let signature = signature.ok_or_else(|| refuse::missing("Signature"))?;
    let named = AcsSignatureMethod::for_rpc(
        presented.signature_method.unwrap_or_default(),
        presented.signature_type.unwrap_or_default(),
    );
    let unnamed = AcsSignatureMethod::Mac(MacMethod::RpcHmacSha1);
    let version = presented.signature_version;
    let method = credentials::named_method(policy, named, version, unnamed, findings)?;
    let timestamp = credentials::timestamp("Timestamp", presented.timestamp, parse_acs_timestamp)?;
    let nonce = credentials::nonce(presented.signature_nonce)?;
    let nonce = nonce.ok_or_else(|| refuse::missing("SignatureNonce"))?;
    let action = credentials::text("Action", presented.action)?;
    let version = credentials::text("Version", presented.version)?;
    let body = match (head.form, head.head.body()) {
        (Some(_), _) => {
            credentials::content_md5(head.acs.content_md5)?.map_or(BodyRule::Covered, BodyRule::Md5)
        }
        (None, BodyLength::Empty) => BodyRule::Covered,
        (None, _) => BodyRule::Uncovered,
    };
    let credentials = Credentials {
        signature: AcsSignature::decode(method, signature),
        method,
        access_key_id,
        timestamp,
        nonce: Some(nonce),
        security_token: credentials::token(presented.security_token),
        action: Some(action.ok_or_else(|| refuse::missing("Action"))?),
        version: Some(version.ok_or_else(|| refuse::missing("Version"))?),
        headers: None,
        body,
    };
    let uncovered = matches!(body, BodyRule::Uncovered)
        .then(|| refuse::invalid("Content-Type", "only a form is signed"));
    strict_row(policy.uncovered_bodies, StrictRow::ContentMd5, uncovered, findings)?;
    Ok(credentials)
}
