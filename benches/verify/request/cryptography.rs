//! What nobody can leave out of a verification, with all that it takes ready.

use std::hint::black_box;

use countersign::credential::{AccessKeySecret, AppCode, AppSecret};
use countersign::protocol::openapi::{AcsSignature, MacMethod, PayloadAlgorithm};
use countersign::protocol::{ContentMd5, PresentedSignature, SignatureMethod};

use super::{APP_CODE, Signed};

#[allow(clippy::large_enum_variant, reason = "most are of the large one")]
pub(crate) enum Cryptography {
    /// The digest of the code that is presented, compared in constant time.
    AppCode(AppCode),
    /// The MAC of the string to sign, and the MD5 of a body that has one.
    Gateway {
        secret: AppSecret,
        string: Vec<u8>,
        signature: PresentedSignature,
    },
    OpenApi(Box<OpenApi>),
}

/// The MAC of the string to sign and, by V3, the SHA-256 of the canonical request and of a body.
pub(crate) struct OpenApi {
    pub(crate) method: MacMethod,
    pub(crate) secret: AccessKeySecret,
    pub(crate) string: Vec<u8>,
    pub(crate) signature: AcsSignature,
    pub(crate) canonical: Option<Vec<u8>>,
}

impl Cryptography {
    pub(super) fn app_code() -> Self {
        Self::AppCode(AppCode::new(APP_CODE).unwrap())
    }

    pub(super) fn check(&self, request: &Signed) -> bool {
        match self {
            Self::AppCode(code) => AppCode::new(black_box(APP_CODE)).unwrap().matches(code),
            Self::Gateway { secret, string, signature } => {
                if request.headers.contains_key("content-md5") {
                    black_box(ContentMd5::of(black_box(&request.body)));
                }
                SignatureMethod::HmacSha256.verify(secret, black_box(string), signature)
            }
            Self::OpenApi(openapi) => openapi.check(&request.body),
        }
    }
}

impl OpenApi {
    fn check(&self, body: &[u8]) -> bool {
        if let Some(canonical) = &self.canonical {
            // That of an empty body is known.
            for hashed in [canonical, body].into_iter().filter(|hashed| !hashed.is_empty()) {
                black_box(PayloadAlgorithm::Sha256.digest(black_box(hashed)));
            }
        }
        self.method.verify(&self.secret, black_box(&self.string), &self.signature)
    }
}
