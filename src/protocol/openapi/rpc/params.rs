//! Finds the parameters that RPC gives a meaning.

use std::fmt;

use crate::protocol::Params;

/// The decoded values of RPC's own parameters. Names are case-sensitive.
///
/// A name that stands twice is refused before ([`repeated_param`](crate::protocol::openapi::repeated_param)).
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct RpcParams<'p> {
    /// `Action`
    pub action: Option<&'p [u8]>,
    /// `Version`
    pub version: Option<&'p [u8]>,
    /// `Format`
    pub format: Option<&'p [u8]>,
    /// `AccessKeyId`
    pub access_key_id: Option<&'p [u8]>,
    /// `Signature`
    pub signature: Option<&'p [u8]>,
    /// `SignatureMethod`
    pub signature_method: Option<&'p [u8]>,
    /// `SignatureVersion`
    pub signature_version: Option<&'p [u8]>,
    /// `SignatureNonce`
    pub signature_nonce: Option<&'p [u8]>,
    /// `SignatureType`
    pub signature_type: Option<&'p [u8]>,
    /// `Timestamp`
    pub timestamp: Option<&'p [u8]>,
    /// `SecurityToken`
    pub security_token: Option<&'p [u8]>,
}

impl<'p> RpcParams<'p> {
    /// Collects the parameters.
    ///
    /// ```
    /// use countersign::protocol::openapi::RpcParams;
    /// use countersign::protocol::{BodyLength, Params, RequestHead};
    /// use http::{HeaderMap, Method, Uri};
    ///
    /// let headers = HeaderMap::new();
    /// let target = Uri::from_static("/?Action=DescribeRegions&TimeStamp=2016-02-23T12%3A46%3A24Z");
    /// let head = RequestHead::new(&Method::GET, &target, &headers, BodyLength::Empty);
    /// let params = Params::query(&head)?;
    /// let presented = RpcParams::collect(&params);
    /// assert_eq!(presented.action, Some(&b"DescribeRegions"[..]));
    /// assert_eq!(presented.timestamp, None, "another spelling is another parameter");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn collect(params: &'p Params<'_>) -> Self {
        let mut found = Self::default();
        for param in params.iter() {
            let slot = match &*param.decoded_name() {
                b"Action" => &mut found.action,
                b"Version" => &mut found.version,
                b"Format" => &mut found.format,
                b"AccessKeyId" => &mut found.access_key_id,
                b"Signature" => &mut found.signature,
                b"SignatureMethod" => &mut found.signature_method,
                b"SignatureVersion" => &mut found.signature_version,
                b"SignatureNonce" => &mut found.signature_nonce,
                b"SignatureType" => &mut found.signature_type,
                b"Timestamp" => &mut found.timestamp,
                b"SecurityToken" => &mut found.security_token,
                _ => continue,
            };
            slot.get_or_insert(param.value());
        }
        found
    }
}

/// What is asked for, and which parameters of the signature are there.
impl fmt::Debug for RpcParams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RpcParams")
            .field("access_key_id", &self.access_key_id.is_some())
            .field("signature", &self.signature.is_some())
            .field("signature_nonce", &self.signature_nonce.is_some())
            .field("timestamp", &self.timestamp.is_some())
            .field("security_token", &self.security_token.is_some())
            .finish_non_exhaustive()
    }
}
