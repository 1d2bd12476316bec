//! The published vectors, stage by stage: the canonical request, the string to sign, the signature.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::credential::AccessKeySecret;
use countersign::protocol::Params;
use countersign::protocol::openapi::{
    AcsHeaders, AcsReadings, AcsSignatureMethod, MacMethod, NameOrder, PayloadAlgorithm,
    PayloadDigest, RpcParams, RpcRequest, V3Authorization, V3Request, V3SignedHeaders, V3Variant,
};

use crate::judge::{Coverage, Key, verified};
use crate::support::{Expected, Vector, hmac_sha1, hmac_sha256};

fn method(vector: &Vector) -> Option<MacMethod> {
    let name = vector.line("method").as_bytes();
    let method = match vector.line("scheme") {
        "rpc" => AcsSignatureMethod::for_rpc(name, b"").ok()?,
        "roa" => AcsSignatureMethod::for_roa(name).ok()?,
        _ => AcsSignatureMethod::for_v3(name).ok(),
    };
    match method {
        Some(AcsSignatureMethod::Mac(method)) => Some(method),
        _ => None,
    }
}

/// The vectors whose method is built in.
fn known() -> impl Iterator<Item = (Vector, MacMethod)> {
    Vector::openapi()
        .into_iter()
        .filter_map(|vector| method(&vector).map(|method| (vector, method)))
}

fn secret(vector: &Vector) -> AccessKeySecret {
    AccessKeySecret::new(vector.line("secret")).unwrap()
}

/// The canonical requests of V3 and the strings to sign that the crate makes, the primary ones first.
fn made(vector: &Vector, method: MacMethod) -> (Vec<String>, Vec<String>) {
    let wire = vector.unsigned_request();
    let head = wire.head();
    let params = Params::query(&head).unwrap();
    let readings = AcsReadings::default();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if vector.line("scheme") == "rpc" {
        let request = RpcRequest::new(head.method(), &params);
        let orders = [NameOrder::Bytes].into_iter().chain(request.alternates(readings));
        return (vec![], orders.map(|order| text(request.string_to_sign(order))).collect());
    }
    let acs = AcsHeaders::collect(&wire.headers);
    let authorization = V3Authorization::parse(acs.authorization.unwrap()).unwrap();
    let signed = V3SignedHeaders::parse(authorization.signed_headers, &head).unwrap();
    let payload = PayloadDigest::decode(acs.content_sha256.unwrap()).unwrap();
    let request = V3Request::new(&head, &signed, &params, payload);
    let variants: Vec<_> =
        [V3Variant::PRIMARY].into_iter().chain(request.alternates(readings)).collect();
    let strings = variants.iter().map(|v| text(request.string_to_sign(method.into(), *v)));
    (variants.iter().map(|v| text(request.canonical_request(*v))).collect(), strings.collect())
}

#[test]
fn no_vector_gets_lost() {
    let all = Vector::openapi();
    let count = |wanted| all.iter().filter(|vector| vector.expected == wanted).count();
    assert_eq!(count(Expected::Accept), 8);
    assert_eq!(count(Expected::AcceptByAnother), 2);
    assert_eq!(count(Expected::SignatureOnly), 4);
    assert_eq!(count(Expected::UnknownMethod), 1);
    assert_eq!(all.len(), 15);
    assert!(all.iter().all(|vector| vector.line("origin").len() > 10));
    let not_built_in = if cfg!(feature = "sm3") { 1 } else { 2 };
    assert_eq!(known().count(), 15 - not_built_in);
}

#[test]
fn the_strings_are_the_published_ones() {
    for (vector, method) in known() {
        if vector.expected == Expected::Accept {
            let (canonical, strings) = made(&vector, method);
            assert_eq!(strings[0], vector.string_to_sign(), "{}", vector.name);
            if let Some(canonical) = canonical.first() {
                assert_eq!(canonical, vector.section("canonical request"), "{}", vector.name);
            }
        }
    }
}

#[test]
fn an_alternate_is_the_string_that_a_client_made_instead() {
    for (vector, method) in known() {
        if vector.expected == Expected::AcceptByAnother {
            let (canonical, strings) = made(&vector, method);
            let wanted = vector.string_to_sign();
            assert_ne!(strings[0], wanted, "{}", vector.name);
            let at = strings.iter().position(|string| string == wanted);
            let at = at.unwrap_or_else(|| panic!("{}: {strings:?}", vector.name));
            assert_eq!(canonical[at], vector.section("canonical request"), "{}", vector.name);
        }
    }
}

#[test]
fn the_signature_is_the_published_one() {
    for (vector, method) in known() {
        let (string, signature) = (vector.string_to_sign().as_bytes(), vector.line("signature"));
        assert_eq!(method.sign(&secret(&vector), string), signature, "{}", vector.name);
        let key = vector.line("secret");
        let independent = match method {
            MacMethod::RpcHmacSha1 => hmac_sha1(&format!("{key}&"), string),
            MacMethod::RoaHmacSha1 => hmac_sha1(key, string),
            MacMethod::V3HmacSha256 => {
                let mac = STANDARD.decode(hmac_sha256(key, string)).unwrap();
                mac.iter().map(|byte| format!("{byte:02x}")).collect()
            }
            _ => continue,
        };
        assert_eq!(independent, signature, "{}", vector.name);
    }
}

#[test]
fn a_vectors_request_verifies_by_its_own_secret_alone() {
    for (vector, _) in known() {
        if !matches!(vector.expected, Expected::Accept | Expected::AcceptByAnother) {
            continue;
        }
        let wire = vector.unsigned_request();
        let verifies = |secret: &AccessKeySecret| {
            let key = Key { id: "testid", secret };
            verified(wire.head(), &wire.body, &key, Coverage::AsSigned)
        };
        let scheme = verifies(&secret(&vector)).map(|scheme| scheme.as_str());
        assert_eq!(scheme, Ok(vector.line("scheme")), "{}", vector.name);
        let other = verifies(&AccessKeySecret::new("another").unwrap());
        assert_eq!(other, Err("another signature".to_owned()), "{}", vector.name);
    }
}

#[test]
fn the_digest_of_a_documented_request_is_its_bodys() {
    for (vector, method) in known() {
        let is_whole = vector.name.starts_with("v3-doc") || vector.name.starts_with("v3-derived");
        if is_whole {
            let wire = vector.unsigned_request();
            let digest = PayloadAlgorithm::of(method.into()).digest(&wire.body);
            let header = wire.header("x-acs-content-sha256");
            assert_eq!(digest.encode().as_bytes(), header, "{}", vector.name);
            assert_eq!(PayloadDigest::decode(header), Some(digest), "{}", vector.name);
        }
    }
}

#[test]
fn a_method_that_no_client_has_is_unknown() {
    let all = Vector::openapi();
    let vector = all.iter().find(|vector| vector.expected == Expected::UnknownMethod).unwrap();
    assert_eq!(method(vector), None);
    let wire = vector.unsigned_request();
    let secret = secret(vector);
    let key = Key { id: "testid", secret: &secret };
    let refused = verified(wire.head(), &wire.body, &key, Coverage::AsSigned);
    assert_eq!(refused, Err("not a known signature method".to_owned()));
}

#[test]
fn a_name_that_is_spelt_otherwise_is_signed_and_is_no_timestamp() {
    let all = Vector::openapi();
    let vector = all.iter().find(|vector| vector.name == "rpc-doc-timestamp-old").unwrap();
    let wire = vector.unsigned_request();
    let head = wire.head();
    let params = Params::query(&head).unwrap();
    assert_eq!(RpcParams::collect(&params).timestamp, None);
    assert!(vector.string_to_sign().contains("TimeStamp%3D2016-02-23T12%253A46%253A24Z"));
}
