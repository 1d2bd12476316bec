//! Requests of OpenAPI clients, signed as they sign them.

use countersign::credential::{AccessKey, AccessKeySecret, App, OpenApiScheme};
use countersign::protocol::Params;
use countersign::protocol::openapi::{
    AcsSignature, MacMethod, PayloadAlgorithm, V3Authorization, V3Request, V3SignedHeaders,
    V3Variant,
};
use countersign::sign::{OpenApiBody, OpenApiSigner, Stamp};

use super::cryptography::{Cryptography, OpenApi};
use super::{Signed, secret_text};

pub(crate) fn access_key_id(number: usize) -> String {
    format!("LTAI5tExample{number:03}")
}

fn secret(number: usize) -> AccessKeySecret {
    AccessKeySecret::new(secret_text(number)).unwrap()
}

/// An app with an AccessKey alone.
pub(crate) fn access_key_app(number: usize) -> App {
    let key = AccessKey::new(access_key_id(number), secret(number)).unwrap();
    App::of_access_key(format!("app {number}"), key)
}

impl Signed {
    pub(super) fn sign_openapi(&mut self, scheme: OpenApiScheme, stamp: &Stamp, app: usize) {
        if scheme != OpenApiScheme::Rpc {
            self.set("x-acs-action", "DescribeApis");
            self.set("x-acs-version", "2016-07-14");
        }
        let secret = secret(app);
        let signer = OpenApiSigner::new(access_key_id(app), secret.clone()).unwrap();
        let signer = signer.with_scheme(scheme);
        let body = OpenApiBody::Bytes(&self.body);
        let signed =
            signer.sign_stamped(&self.method, &self.target, &self.headers, body, stamp).unwrap();
        let string = signed.string_to_sign().to_vec();
        signed.apply_to(&mut self.headers, &mut self.target).unwrap();
        let (method, canonical) = match scheme {
            OpenApiScheme::Rpc => (MacMethod::RpcHmacSha1, None),
            OpenApiScheme::Roa => (MacMethod::RoaHmacSha1, None),
            OpenApiScheme::V3 => (MacMethod::V3HmacSha256, Some(self.canonical())),
        };
        let signature = AcsSignature::decode(method, method.sign(&secret, &string).as_bytes());
        let openapi = OpenApi { method, secret, string, signature, canonical };
        self.cryptography = Cryptography::OpenApi(Box::new(openapi));
    }

    /// The canonical request of a request by V3.
    fn canonical(&self) -> Vec<u8> {
        let head = self.head();
        let authorization = V3Authorization::parse(self.header("authorization")).unwrap();
        let headers = V3SignedHeaders::parse(authorization.signed_headers, &head).unwrap();
        let (params, payload) =
            (Params::query(&head).unwrap(), PayloadAlgorithm::Sha256.digest(&self.body));
        V3Request::new(&head, &headers, &params, payload).canonical_request(V3Variant::PRIMARY)
    }
}
