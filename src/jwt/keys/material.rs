//! The key behind a JWK's members, checked and parsed once, for each algorithm it may be used with.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::Jwk;
use crate::jwt::algorithm::KeyType;
use crate::jwt::config_error::quoted;
use crate::jwt::{Algorithm, JwtConfigError};

/// The smallest RSA modulus, in bits (RFC 7518 §3.3).
const MIN_RSA_BITS: usize = 2048;
/// The largest: a larger one is only a way to make verification slow.
const MAX_RSA_BITS: usize = 8192;
/// The largest public exponent, in bits: with a larger one aws-lc verifies no signature.
const MAX_RSA_E_BITS: usize = 33;

/// A public key or a secret, decoded.
pub(super) enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ec { curve: Curve, x: Vec<u8>, y: Vec<u8> },
    Ed25519 { x: Vec<u8> },
    Symmetric { k: Zeroizing<Vec<u8>> },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

/// Verifies signatures of one algorithm.
pub(super) enum Check {
    Public(ParsedPublicKey),
    Mac(Box<hmac::Key>),
}

impl Check {
    /// Whether `signature` is that of `message`. Constant in time for a MAC.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Public(key) => key.verify_sig(message, signature).is_ok(),
            Self::Mac(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

impl Curve {
    const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The length of a coordinate, in bytes. It is fixed (RFC 7518 §6.2.1.2).
    const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

impl Material {
    /// Decodes the members that the JWK's `kty` and `crv` ask for.
    pub(super) fn of(jwk: &Jwk) -> Result<Self, JwtConfigError> {
        match jwk.kty.as_str() {
            "RSA" => Self::rsa(jwk),
            "EC" => Self::ec(jwk),
            "OKP" => Self::okp(jwk),
            "oct" => Ok(Self::Symmetric { k: Zeroizing::new(member("k", jwk.k.as_deref())?) }),
            other => Err(JwtConfigError::new("kty", format!("{} is not supported", quoted(other)))),
        }
    }

    fn rsa(jwk: &Jwk) -> Result<Self, JwtConfigError> {
        let (n, e) = (integer("n", jwk.n.as_ref())?, integer("e", jwk.e.as_ref())?);
        let bits = bits(&n);
        if bits < MIN_RSA_BITS {
            let problem = format!("the RSA key has {bits} bits; {MIN_RSA_BITS} is the least");
            return Err(JwtConfigError::new("n", problem));
        }
        if bits > MAX_RSA_BITS {
            let problem = format!("the RSA key has {bits} bits; {MAX_RSA_BITS} is the most");
            return Err(JwtConfigError::new("n", problem));
        }
        let even = |number: &[u8]| number.last().is_none_or(|byte| byte % 2 == 0);
        if even(&n) {
            return Err(JwtConfigError::new("n", "this is no RSA modulus"));
        }
        if even(&e) || e == [1] {
            return Err(JwtConfigError::new("e", "this is no RSA exponent"));
        }
        if self::bits(&e) > MAX_RSA_E_BITS {
            let problem = format!("the RSA exponent has more than {MAX_RSA_E_BITS} bits");
            return Err(JwtConfigError::new("e", problem));
        }
        Ok(Self::Rsa { n, e })
    }

    fn ec(jwk: &Jwk) -> Result<Self, JwtConfigError> {
        let curve = match jwk.crv.as_deref() {
            Some("P-256") => Curve::P256,
            Some("P-384") => Curve::P384,
            Some("P-521") => Curve::P521,
            crv => return Err(unsupported_curve(crv)),
        };
        let (x, y) = (member("x", jwk.x.as_ref())?, member("y", jwk.y.as_ref())?);
        for (name, coordinate) in [("x", &x), ("y", &y)] {
            exactly(name, coordinate, curve.coordinate_len())?;
        }
        Ok(Self::Ec { curve, x, y })
    }

    fn okp(jwk: &Jwk) -> Result<Self, JwtConfigError> {
        if jwk.crv.as_deref() != Some("Ed25519") {
            return Err(unsupported_curve(jwk.crv.as_deref()));
        }
        let x = member("x", jwk.x.as_ref())?;
        exactly("x", &x, 32)?;
        Ok(Self::Ed25519 { x })
    }

    pub(super) fn key_type(&self) -> KeyType {
        match self {
            Self::Rsa { .. } => KeyType::Rsa,
            Self::Ec { curve: Curve::P256, .. } => KeyType::P256,
            Self::Ec { curve: Curve::P384, .. } => KeyType::P384,
            Self::Ec { curve: Curve::P521, .. } => KeyType::P521,
            Self::Ed25519 { .. } => KeyType::Ed25519,
            Self::Symmetric { .. } => KeyType::Symmetric,
        }
    }

    /// Parses the key for `algorithm`, which fits its type.
    pub(super) fn check(&self, algorithm: Algorithm) -> Result<Check, JwtConfigError> {
        match self {
            Self::Rsa { n, e } => {
                let components = RsaPublicKeyComponents { n, e };
                let parsed = components.to_parsed_public_key(rsa_parameters(algorithm));
                parsed.map(Check::Public).map_err(|_| no_key("n"))
            }
            Self::Ec { curve, x, y } => {
                let point = [&[4][..], x, y].concat(); // uncompressed (SEC 1 §2.3.3)
                public(ecdsa(*curve), &point)
            }
            Self::Ed25519 { x } => public(&signature::ED25519, x),
            Self::Symmetric { k } => {
                let mac = mac(algorithm);
                let least = mac.tag_len();
                // RFC 7518 §3.2: a shorter secret can be guessed faster than the MAC.
                if k.len() < least {
                    let (len, name) = (k.len(), algorithm.as_str());
                    let problem =
                        format!("the secret has {len} bytes; {name} needs {least} or more");
                    return Err(JwtConfigError::new("k", problem));
                }
                Ok(Check::Mac(Box::new(hmac::Key::new(mac, k))))
            }
        }
    }

    /// RFC 7638: the identity of a key, whatever its `kid` is.
    pub(super) fn thumbprint(&self) -> String {
        let text = |bytes: &[u8]| Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bytes));
        let json = match self {
            Self::Rsa { n, e } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, *text(e), *text(n))
            }
            Self::Ec { curve, x, y } => {
                let (crv, x, y) = (curve.name(), text(x), text(y));
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{}","y":"{}"}}"#, *x, *y)
            }
            Self::Ed25519 { x } => {
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, *text(x))
            }
            // HMAC pads a key with zeros (RFC 2104 §2): with or without them it is the same key.
            Self::Symmetric { k } => {
                let end = k.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                let k = k.get(..end).unwrap_or_default();
                format!(r#"{{"k":"{}","kty":"oct"}}"#, *text(k))
            }
        };
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(Zeroizing::new(json).as_bytes()))
    }
}

fn rsa_parameters(algorithm: Algorithm) -> &'static RsaParameters {
    match algorithm {
        Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        // The salt is as long as the hash (RFC 7518 §3.5).
        Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
        _ => &signature::RSA_PKCS1_2048_8192_SHA256,
    }
}

fn ecdsa(curve: Curve) -> &'static dyn VerificationAlgorithm {
    match curve {
        Curve::P256 => &signature::ECDSA_P256_SHA256_FIXED,
        Curve::P384 => &signature::ECDSA_P384_SHA384_FIXED,
        Curve::P521 => &signature::ECDSA_P521_SHA512_FIXED,
    }
}

fn mac(algorithm: Algorithm) -> hmac::Algorithm {
    match algorithm {
        Algorithm::Hs384 => hmac::HMAC_SHA384,
        Algorithm::Hs512 => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    }
}

fn public(
    algorithm: &'static dyn VerificationAlgorithm,
    bytes: &[u8],
) -> Result<Check, JwtConfigError> {
    ParsedPublicKey::new(algorithm, bytes).map(Check::Public).map_err(|_| no_key("x"))
}

fn no_key(member: &str) -> JwtConfigError {
    JwtConfigError::new(member, "this is no public key of its kind")
}

fn unsupported_curve(crv: Option<&str>) -> JwtConfigError {
    match crv {
        None => JwtConfigError::new("crv", "it is missing"),
        Some(crv) => {
            JwtConfigError::new("crv", format!("{} is not supported for this kty", quoted(crv)))
        }
    }
}

/// A member that is base64url without padding (RFC 7515 §2).
fn member(name: &str, text: Option<&String>) -> Result<Vec<u8>, JwtConfigError> {
    let Some(text) = text else {
        return Err(JwtConfigError::new(name, "it is missing"));
    };
    match BASE64_URL_SAFE_NO_PAD.decode(text) {
        Ok(bytes) if bytes.is_empty() => Err(JwtConfigError::new(name, "it is empty")),
        Ok(bytes) => Ok(bytes),
        Err(_) => Err(JwtConfigError::new(name, "it is no base64url without padding")),
    }
}

/// A number, without the leading zeros that some tools write.
fn integer(name: &str, text: Option<&String>) -> Result<Vec<u8>, JwtConfigError> {
    let bytes = member(name, text)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    match bytes.get(zeros..) {
        None | Some([]) => Err(JwtConfigError::new(name, "it is zero")),
        Some(bytes) => Ok(bytes.to_vec()),
    }
}

/// The length of a number without leading zeros.
fn bits(number: &[u8]) -> usize {
    number.len() * 8 - number.first().map_or(0, |byte| byte.leading_zeros() as usize)
}

fn exactly(name: &str, bytes: &[u8], len: usize) -> Result<(), JwtConfigError> {
    if bytes.len() == len {
        return Ok(());
    }
    Err(JwtConfigError::new(name, format!("it has {} bytes instead of {len}", bytes.len())))
}
