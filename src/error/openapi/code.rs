//! The documented codes of OpenAPI, as one table.
//!
//! A row is a variant, its code, HTTP status, origin and message. Where a code or a message names what
//! it is about, it has a `${placeholder}`. Origin: the gateway's "Error codes" document, section 3,
//! whose `%s` and `{ParameterName}` are `${Name}` here; two of its rows begin with `Missing`, and two
//! with `Invalid`, so that those of section 3.2 are `…Value`. The document's message of
//! `SignatureDoesNotMatch` ends before "server string to sign", and that of `UnsupportedHTTPMethod`
//! speaks of a signature, as it stands there.

use std::borrow::Cow;
use std::fmt;

use http::{HeaderName, StatusCode};

use crate::error::catalogue::{Catalogue, sealed, status_of};
use crate::error::text::cut;
use crate::error::{Fault, Rejection, template};
use crate::header;

/// Where a code of the catalogue is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpenApiOrigin {
    /// Section 3.1: the service's own faults.
    Servers,
    /// Section 3.2: what the actions of API Gateway's management answer.
    Actions,
    /// Section 3.3: what every OpenAPI answers, its signature among it.
    Common,
    /// In no section; servers answer it all the same. The text is this crate's where none is known.
    Unlisted,
}

struct Row {
    name: &'static str,
    status: u16,
    origin: OpenApiOrigin,
    template: &'static str,
}

macro_rules! catalogue {
    ($($variant:ident $name:literal $status:literal $origin:ident $template:literal;)+) => {
        /// A documented error code of OpenAPI.
        ///
        /// ```
        /// use countersign::error::{OpenApiError, OpenApiOrigin};
        ///
        /// let code = OpenApiError::SignatureNonceUsed;
        /// assert_eq!((code.as_str(), code.status().as_u16()), ("SignatureNonceUsed", 400));
        /// assert_eq!(code.message(&[""]), "Specified signature nonce was used already.");
        ///
        /// let code = OpenApiError::MissingParameter;
        /// assert_eq!(code.as_str(), "Missing${Name}");
        /// assert_eq!(code.named("Timestamp"), "MissingTimestamp");
        /// assert_eq!(code.message(&["Timestamp"]), "Timestamp is mandatory for this action.");
        /// assert_eq!(code.origin(), OpenApiOrigin::Common);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum OpenApiError {
            $(#[doc = concat!("`", $name, "`, ", $status, ": ", $template)] $variant,)+
        }

        impl OpenApiError {
            /// Every code, in the document's order; those in no section come last.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            const fn row(self) -> &'static Row {
                match self {
                    $(Self::$variant => const {
                        &Row {
                            name: $name,
                            status: $status,
                            origin: OpenApiOrigin::$origin,
                            template: $template,
                        }
                    },)+
                }
            }
        }
    };
}

catalogue! {
ServiceUnavailable "ServiceUnavailable" 503 Servers "The request has failed due to a temporary failure of the server.";
InternalError "InternalError" 500 Servers "The request processing has failed due to some unknown error, exception or failure.";
Repeated "Repeated${Name}" 400 Actions "The specified ${Name} is repeated.";
RepeatedCommit "RepeatedCommit" 400 Actions "Resubmit request.";
MissingValue "Missing${Name}" 400 Actions "The ${Name} is mandatory for this action.";
MissingAppIdOrAppOwner "MissingAppIdOrAppOwner" 400 Actions "AppId or AppOwner must have a valid value.";
InvalidValue "Invalid${Name}" 400 Actions "The specified parameter ${Name} value is not valid.";
NotFound "NotFound${Name}" 400 Actions "Cannot find resource according to your specified ${Name}.";
InvalidFormat "InvalidFormat${Name}" 400 Actions "The specified parameter ${Name} value is not well formatted.";
Duplicate "Duplicate${Name}" 400 Actions "The specified parameter ${Name} value is duplicate.";
DependencyViolation "DependencyViolation${Name}" 400 Actions "The specified ${Name} has ${Dependent} definitions.";
Forbidden "Forbidden${Name}" 403 Actions "Not allowed to operate on the specified ${Name}.";
NoPermission "NoPermission" 403 Actions "User is not authorized to operate on the specified resource.";
ExceedLimit "ExceedLimit${Name}" 400 Actions "The specified ${Name} count exceeds the limit.";
UserNotFound "UserNotFound" 404 Actions "The specified user can not be found.";
DomainCertificateNotFound "DomainCertificateNotFound" 400 Actions "Cannot find the domain certificate.";
DomainNotResolved "DomainNotResolved" 400 Actions "The specified domain has not been resolved.";
InvalidIcpLicense "InvalidICPLicense" 400 Actions "The specified domain have not got ICP license, or the ICP license does not belong to Aliyun.";
InvalidLength "Invalid${Name}.LengthLimit" 400 Actions "The parameter ${Name} length exceeds the limit.";
InvalidApiDefault "InvalidApiDefault" 400 Actions "The ApiDefault value exceeds limit.";
InvalidAppDefault "InvalidAppDefault" 400 Actions "The AppDefault value must smaller than the UserDefault and ApiDefault.";
InvalidUserDefault "InvalidUserDefault" 400 Actions "The UserDefault value must bigger than the AppDefault and smaller than the ApiDefault.";
InvalidParamMapping "InvalidParamMapping" 400 Actions "Parameters must be fully mapped.";
InvalidOwnerAccount "InvalidOwnerAccount" 400 Actions "OwnerAccount is invalid.";
ServiceForbidden "ServiceForbidden" 400 Actions "Your Gateway service is forbidden by risk control.";
ServiceUnOpen "ServiceUnOpen" 400 Actions "Your Gateway service has not been opened.";
ServiceInDept "ServiceInDept" 400 Actions "Your API Gateway service is in dept.";
EqualSignature "EqualSignature" 400 Actions "The new signature is the same as the old.";
CertificateNotMatch "CertificateNotMatch" 400 Actions "The domain does not match the one in the certificate.";
CertificateKeyNotMatch "CertificateKeyNotMatch" 400 Actions "The certificate private key does not match the public key.";
PrivateKeyEncrypted "PrivateKeyEncrypted" 400 Actions "The certificate private key is encrypted, please upload the unencrypted version.";
CertificateSecretKeyError "CertificateSecretKeyError" 400 Actions "The certificate private key is invalid.";
InvalidApiServiceAddress "InvalidApiServiceAddress" 400 Actions "The specified service address is not valid.";
InvalidApiNotFound "InvalidApi.NotFound" 404 Common "Specified api is not found, please check your url and method.";
MissingParameter "Missing${Name}" 400 Common "${Name} is mandatory for this action.";
InvalidAccessKeyIdNotFound "InvalidAccessKeyId.NotFound" 404 Common "Specified access key is not found.";
InvalidAccessKeyIdInactive "InvalidAccessKeyId.Inactive" 400 Common "Specified access key is disabled.";
InvalidTimeStampFormat "InvalidTimeStamp.Format" 400 Common "Specified time stamp or date value is not well formatted.";
InvalidTimeStampExpired "InvalidTimeStamp.Expired" 400 Common "Specified time stamp or date value is expired.";
SignatureNonceUsed "SignatureNonceUsed" 400 Common "Specified signature nonce was used already.";
InvalidParameterFormat "InvalidParameter.Format" 400 Common "Specified parameter format is not valid.";
InvalidParameter "Invalid${Name}" 400 Common "Specified parameter ${Name} is not valid.";
UnsupportedHttpMethod "UnsupportedHTTPMethod" 400 Common "Specified signature is not matched with our calculation.";
InvalidSignatureMethod "InvalidSignatureMethod" 400 Common "Specified signature method is not valid.";
SignatureDoesNotMatch "SignatureDoesNotMatch" 400 Common "Specified signature is not matched with our calculation. server string to sign is:${StringToSign}";
ThrottlingUser "Throttling.User" 400 Common "Request was denied due to user flow control.";
ThrottlingApi "Throttling.API" 400 Common "Request was denied due to api flow control.";
MissingSecurityToken "MissingSecurityToken" 400 Common "SecurityToken is mandatory for this action.";
InvalidSecurityTokenExpired "InvalidSecurityToken.Expired" 400 Unlisted "Specified security token is expired.";
InvalidSecurityTokenMalformed "InvalidSecurityToken.Malformed" 400 Unlisted "Specified security token is malformed.";
InvalidSecurityTokenMismatch "InvalidSecurityToken.MismatchWithAccessKey" 400 Unlisted "Specified security token does not match the access key.";
ContentMd5NotMatched "ContentMD5NotMatched" 400 Unlisted "Specified Content-MD5 is not matched with the body.";
InvalidParameterAccept "InvalidParameter.Accept" 400 Unlisted "Specified parameter format is not valid.";}

impl OpenApiError {
    /// The code, its placeholder still in place: good as a label, because it is one of few.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().name
    }

    /// The code about `name`, as it is answered.
    ///
    /// A code is compared, logged and counted, so of a name only ASCII letters, digits, `.`, `-` and
    /// `_` are taken, and 64 of them at most; if none is left, it is `Parameter`.
    #[must_use]
    pub fn named(self, name: &str) -> Cow<'static, str> {
        self.code_text(Some(name))
    }

    /// The documented HTTP status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        status_of(self.row().status)
    }

    /// The documented message, its placeholders still in place.
    #[must_use]
    pub const fn template(self) -> &'static str {
        self.row().template
    }

    /// The documented message with `args` in the places of its placeholders, in order.
    #[must_use]
    pub fn message<A: AsRef<str>>(self, args: &[A]) -> String {
        template::fill(self.template(), args.iter().map(AsRef::as_ref))
    }

    /// Which section documents it.
    #[must_use]
    pub const fn origin(self) -> OpenApiOrigin {
        self.row().origin
    }

    /// Who has to act.
    #[must_use]
    pub const fn fault(self) -> Fault {
        match self.row().status {
            500.. => Fault::Server,
            _ => Fault::Client,
        }
    }
}

impl sealed::Sealed for OpenApiError {}

impl Catalogue for OpenApiError {
    const UNAVAILABLE: Self = Self::ServiceUnavailable;
    const EXPIRED: Self = Self::InvalidTimeStampExpired;
    const NONCE_USED: Self = Self::SignatureNonceUsed;
    const REQUEST_ID: HeaderName = header::ACS_REQUEST_ID;

    type Asked = super::OpenApiAsked;

    fn body_too_long() -> Rejection<Self> {
        Rejection::new(Self::InvalidLength).with("Body")
    }

    fn label(self) -> &'static str {
        self.as_str()
    }

    fn status(self) -> StatusCode {
        Self::status(self)
    }

    fn template(self) -> &'static str {
        Self::template(self)
    }

    /// A client that did not keep its string to sign takes an empty one for the same as its own, and
    /// reports a wrong secret.
    fn no_argument(self) -> &'static str {
        match self {
            Self::SignatureDoesNotMatch => "not shown",
            _ => "",
        }
    }

    fn code_text(self, subject: Option<&str>) -> Cow<'static, str> {
        const MAX_NAME: usize = 64;
        if !self.as_str().contains("${") {
            return self.as_str().into();
        }
        let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let name: String = subject.unwrap_or_default().chars().filter(is_plain).collect();
        let name = if name.is_empty() { "Parameter" } else { cut(&name, MAX_NAME) };
        template::fill(self.as_str(), std::iter::once(name)).into()
    }
}

/// As [`as_str`](OpenApiError::as_str).
impl fmt::Display for OpenApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
