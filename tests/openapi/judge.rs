//! What the protocol alone says of a request, before there is any policy, clock or store: whether it is
//! signed, and by which scheme. The fuzz targets use it, too.

#![allow(unreachable_pub, reason = "it is part of another crate, too")]

use countersign::credential::{AccessKeySecret, OpenApiScheme};
use countersign::protocol::openapi::{
    AcsHeaders, AcsReadings, AcsSignature, AcsSignatureMethod, MacMethod, NameOrder,
    PayloadAlgorithm, PayloadDigest, Recognized, RoaAuthorization, RoaRequest, RoaVariant,
    RpcParams, RpcRequest, V3Authorization, V3Request, V3SignedHeaders, V3Variant, access_key_id,
    malformed_param, repeated_param,
};
use countersign::protocol::{BodyLength, ContentMd5, Params, RequestHead};

/// What has to be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All that a scheme can sign.
    Full,
    /// What is signed is enough: vectors are parts of requests.
    AsSigned,
}

/// The AccessKey that signs.
pub struct Key<'k> {
    pub id: &'k str,
    pub secret: &'k AccessKeySecret,
}

/// The scheme by which a request is signed, or why it is not.
pub fn verified(
    head: RequestHead<'_>,
    body: &[u8],
    key: &Key<'_>,
    coverage: Coverage,
) -> Result<OpenApiScheme, String> {
    refuse_if(head.target().path().is_empty(), "no path")?;
    let acs = AcsHeaders::collect(head.headers());
    refuse_if(acs.repeated.is_some(), "a header twice")?;
    let mut params = Params::query(&head).map_err(text)?;
    let mut recognized = Recognized::of(&acs, &params).map_err(text)?;
    if recognized.awaits_form(&head, &acs) {
        params = params.with_form(body).map_err(text)?;
        recognized = Recognized::of(&acs, &params).map_err(text)?;
    }
    refuse_if(repeated_param(&params).is_some(), "a parameter twice")?;
    refuse_if(malformed_param(&params).is_some(), "a malformed parameter")?;
    let Recognized::Signed(scheme) = recognized else {
        return Err(format!("{recognized:?}"));
    };
    match scheme {
        OpenApiScheme::Rpc => rpc(head, &acs, &params, key)?,
        OpenApiScheme::Roa => roa(head, &acs, &params, body, key)?,
        OpenApiScheme::V3 => v3(head, &acs, &params, body, key, coverage)?,
    }
    Ok(scheme)
}

fn rpc(
    head: RequestHead<'_>,
    acs: &AcsHeaders<'_>,
    params: &Params<'_>,
    key: &Key<'_>,
) -> Result<(), String> {
    let presented = RpcParams::collect(params);
    let is_covered = acs.is_form() || head.body() == BodyLength::Empty;
    refuse_if(head.path() != "/" || !is_covered, "what RPC does not sign")?;
    let id = presented.access_key_id.and_then(access_key_id);
    refuse_if(id.is_some_and(|id| id != key.id), "another key")?;
    let method = presented.signature_method.unwrap_or_default();
    let signature_type = presented.signature_type.unwrap_or_default();
    let method = AcsSignatureMethod::for_rpc(method, signature_type).map_err(text)?;
    let AcsSignatureMethod::Mac(method) = method.unwrap_or(MacMethod::RpcHmacSha1.into()) else {
        return Err("no MAC".to_owned());
    };
    let signature = AcsSignature::decode(method, presented.signature.unwrap_or_default());
    let request = RpcRequest::new(head.method(), params);
    let alternates = request.alternates(AcsReadings::default());
    let mut strings =
        [NameOrder::Bytes].into_iter().chain(alternates).map(|order| request.string_to_sign(order));
    let verifies = strings.any(|string| method.verify(key.secret, &string, &signature));
    refuse_if(!verifies, "another signature")
}

fn roa(
    head: RequestHead<'_>,
    acs: &AcsHeaders<'_>,
    params: &Params<'_>,
    body: &[u8],
    key: &Key<'_>,
) -> Result<(), String> {
    let presented = RoaAuthorization::parse(acs.authorization.unwrap_or_default()).map_err(text)?;
    refuse_if(presented.access_key_id != key.id, "another key")?;
    refuse_if(acs.repeated_accept, "Accept twice")?;
    refuse_if(params.ambiguous_name().is_some(), "a name that reads as others")?;
    AcsSignatureMethod::for_roa(acs.signature_method.unwrap_or_default()).map_err(text)?;
    let signature = AcsSignature::decode(MacMethod::RoaHmacSha1, presented.signature);
    let request = RoaRequest::new(&head, acs, params);
    let alternates = request.alternates(AcsReadings::default());
    let variants = [RoaVariant::PRIMARY].into_iter().chain(alternates);
    let mut strings = variants.map(|variant| request.string_to_sign(variant));
    let verifies =
        strings.any(|string| MacMethod::RoaHmacSha1.verify(key.secret, &string, &signature));
    refuse_if(!verifies, "another signature")?;
    let digest = acs.content_md5.map(ContentMd5::decode);
    refuse_if(digest.is_none() && !body.is_empty(), "a body without a digest")?;
    refuse_if(digest.is_some_and(|digest| digest != Some(ContentMd5::of(body))), "another body")
}

fn v3(
    head: RequestHead<'_>,
    acs: &AcsHeaders<'_>,
    params: &Params<'_>,
    body: &[u8],
    key: &Key<'_>,
    coverage: Coverage,
) -> Result<(), String> {
    let presented = V3Authorization::parse(acs.authorization.unwrap_or_default()).map_err(text)?;
    refuse_if(presented.access_key_id != key.id, "another key")?;
    let AcsSignatureMethod::Mac(method) = presented.method else {
        return Err("no MAC".to_owned());
    };
    let signed = V3SignedHeaders::parse(presented.signed_headers, &head).map_err(text)?;
    refuse_if(signed.repeated().is_some(), "a signed header twice")?;
    let uncovered = signed.missing().is_some() || signed.uncovered(head.headers()).is_some();
    refuse_if(coverage == Coverage::Full && uncovered, "a header is not signed")?;
    let payload = PayloadDigest::decode(acs.content_sha256.unwrap_or_default());
    let payload = payload.ok_or("no digest")?;
    let signature = AcsSignature::decode(method, presented.signature);
    let request = V3Request::new(&head, &signed, params, payload);
    let alternates = request.alternates(AcsReadings::default());
    let variants = [V3Variant::PRIMARY].into_iter().chain(alternates);
    let mut strings = variants.map(|variant| request.string_to_sign(method.into(), variant));
    let verifies = strings.any(|string| method.verify(key.secret, &string, &signature));
    refuse_if(!verifies, "another signature")?;
    let digest = PayloadAlgorithm::of(method.into()).digest(body);
    refuse_if(coverage == Coverage::Full && digest != payload, "another body")
}

fn refuse_if(wrong: bool, why: &str) -> Result<(), String> {
    if wrong { Err(why.to_owned()) } else { Ok(()) }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
