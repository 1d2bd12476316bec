//! Signatures by key pair.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKey};
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::credential::RsaPublicKey;
use countersign::protocol::openapi::{AcsSignature, AcsSignatureMethod, RsaMethod};

fn sign(pair: &RsaKeyPair, text: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).unwrap();
    signature
}

fn spki(public: &PublicKey) -> Vec<u8> {
    let der: PublicKeyX509Der<'_> = public.as_der().unwrap();
    der.as_ref().to_vec()
}

#[test]
fn a_signature_verifies_by_its_own_key_in_its_own_encoding() {
    let (pair, other) = (
        RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
        RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
    );
    let key = RsaPublicKey::from_der(&spki(pair.public_key())).unwrap();
    let pem = STANDARD.encode(spki(other.public_key()));
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----\n");
    let other = RsaPublicKey::from_pem(&pem).unwrap();

    let signature = sign(&pair, b"GET&%2F&a%3D1");
    let base64 = STANDARD.encode(&signature);
    let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    for (method, text, foreign) in
        [(RsaMethod::RpcSha256, &base64, &hex), (RsaMethod::V3Sha256, &hex, &base64)]
    {
        let presented = AcsSignature::decode(method, text.as_bytes());
        assert!(method.verify(&key, b"GET&%2F&a%3D1", &presented));
        assert!(!method.verify(&key, b"GET&%2F&a%3D2", &presented));
        assert!(!method.verify(&other, b"GET&%2F&a%3D1", &presented));
        let foreign = AcsSignature::decode(method, foreign.as_bytes());
        assert!(!method.verify(&key, b"GET&%2F&a%3D1", &foreign));
    }
}

#[test]
fn a_key_pair_is_named_as_clients_name_it() {
    let rpc = AcsSignatureMethod::for_rpc(b"SHA256withRSA", b"PRIVATEKEY");
    assert_eq!(rpc, Ok(Some(AcsSignatureMethod::Rsa(RsaMethod::RpcSha256))));
    let v3 = AcsSignatureMethod::for_v3(b"ACS3-RSA-SHA256");
    assert_eq!(v3, Ok(AcsSignatureMethod::Rsa(RsaMethod::V3Sha256)));
}
