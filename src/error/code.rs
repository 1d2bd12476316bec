//! The documented codes, as one table.
//!
//! A row is a code, its HTTP status, whose fault it is, the message template with its
//! `${placeholders}`, and, where the classic network type documents an answer to the same
//! condition, that answer's status and text. Nothing else in the crate knows a status or a text,
//! so they cannot drift apart. Origin: the gateway's "Error codes" document, sections 1 and 2.2.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use http::{HeaderName, StatusCode};

use super::catalogue::{Catalogue, sealed, status_of};
use super::{Rejection, template};
use crate::header;

/// What a code is about: its first letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// `A`: access; authentication or authorization failed.
    Access,
    /// `B`: business; a subscription, a bill, a law.
    Business,
    /// `D`: the back-end service.
    Backend,
    /// `I`: invalid input.
    Input,
    /// `N`: the network.
    Network,
    /// `S`: security; replays and stale requests.
    Security,
    /// `T`: throttling.
    Throttling,
    /// `X`: the gateway itself.
    Internal,
}

impl Family {
    const fn of(code: &str) -> Self {
        match code.as_bytes().first() {
            Some(b'A') => Self::Access,
            Some(b'B') => Self::Business,
            Some(b'D') => Self::Backend,
            Some(b'I') => Self::Input,
            Some(b'N') => Self::Network,
            Some(b'S') => Self::Security,
            Some(b'T') => Self::Throttling,
            _ => Self::Internal,
        }
    }

    /// The letter that codes of this family begin with.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Access => 'A',
            Self::Business => 'B',
            Self::Backend => 'D',
            Self::Input => 'I',
            Self::Network => 'N',
            Self::Security => 'S',
            Self::Throttling => 'T',
            Self::Internal => 'X',
        }
    }
}

/// Who has to act on a rejection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The caller: the same request will be refused again.
    Client,
    /// The service or its surroundings: the caller may try again later.
    Server,
}

struct Row {
    name: &'static str,
    status: u16,
    fault: Fault,
    template: &'static str,
    classic: Option<(u16, &'static str)>,
}

macro_rules! catalogue {
    ($($code:ident $status:literal $fault:ident $template:literal
       $(classic $classic_status:literal $classic_text:literal)?;)+) => {
        /// A documented error code of the gateway.
        ///
        /// ```
        /// use countersign::error::{ErrorCode, Fault, Family};
        ///
        /// let code: ErrorCode = "I400MH".parse()?;
        /// assert_eq!(code, ErrorCode::I400MH);
        /// assert_eq!(code.status(), 400);
        /// assert_eq!((code.family(), code.fault()), (Family::Input, Fault::Client));
        /// assert_eq!(code.message(&["X-Ca-Signature"]), "Header `X-Ca-Signature` is Required");
        ///
        /// assert!("I400XX".parse::<ErrorCode>().is_err());
        /// # Ok::<(), countersign::error::UnknownCode>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = concat!($status, ": ", $template)] $code,)+
        }

        impl ErrorCode {
            /// Every documented code, in the document's order.
            pub const ALL: &'static [Self] = &[$(Self::$code),+];

            const fn row(self) -> &'static Row {
                match self {
                    $(Self::$code => const {
                        &Row {
                            name: stringify!($code),
                            status: $status,
                            fault: Fault::$fault,
                            template: $template,
                            classic: catalogue!(@classic $($classic_status $classic_text)?),
                        }
                    },)+
                }
            }
        }
    };
    (@classic) => { None };
    (@classic $status:literal $text:literal) => { Some(($status, $text)) };
}

catalogue! {
I400HD 400 Client "Invalid Header `${HeaderName}` ${Reason}";
I400MH 400 Client "Header `${HeaderName}` is Required";
I400BD 400 Client "Invalid Body: ${Reason}" classic 400 "Invalid Request Body";
I400PA 400 Client "Invalid Request Path `${Reason}`" classic 400 "Invalid Url";
I405UM 405 Client "Unsupported Method `${Reason}`" classic 400 "Invalid HttpMethod";
I400RU 400 Client "Invalid Request Uri `${Reason}`" classic 400 "Invalid Url";
I403PT 403 Client "Invalid protocol ${Protocol} unsupported";
I413RL 413 Client "Request body too Large";
I413UL 413 Client "Request URL too Large";
I400CT 400 Client "Invalid Content-Type: `${Reason}`";
I404DO 404 Client "Invalid Domain `${DomainName}`" classic 400 "Invalid Domain";
I410GG 410 Server "Group's instance invalid";
I400SG 400 Client "Invalid Stage";
I404NF 404 Client "API not found ${Reason}" classic 400 "API Not Found";
X400PM 400 Server "Invalid plugin meta ${PluginName} ${Reason}";
X500ED 500 Server "Expired api definition" classic 500 "Internal Error";
X500AM 500 Server "Invalid Api Meta, try deploy again or contact us via ticket" classic 500 "Internal Error";
X403DG 403 Server "Bad Domain or Group: ${Reason}";
B451DO 451 Server "Unavailable Domain for Legal Reasons";
B451GO 451 Server "Unavailable Group for Legal Reasons";
B403OD 403 Server "Provider Account Overdue" classic 403 "User Arrears";
A401AC 401 Client "Invalid AppCode ${Reason}" classic 403 "Unauthorized";
A400IK 400 Client "Invalid AppKey" classic 400 "Invalid AppKey";
A403IS 403 Client "Invalid Signature, Server StringToSign:`${StringToSign}`" classic 400 "Invalid Signature, Server StringToSign:${StringToSign}";
A403EP 403 Client "App authorization expired" classic 403 "Expiry of Authorization";
A403PR 403 Client "Plugin Authorization Needed" classic 403 "Unauthorized";
A400MA 400 Client "Need authorization, `X-Ca-Key` or `Authorization: APPCODE ...` is required" classic 400 "Invalid AppKey";
I400I5 400 Client "Invalid Content-MD5 ${Reason}" classic 400 "Invalid Content-MD5";
I400NC 400 Client "X-Ca-Nonce is required";
S403NU 403 Client "Nonce Used" classic 400 "Nonce Used";
S403TE 403 Client "X-Ca-Timestamp is expired" classic 400 "Timestamp Expired";
I400MP 400 Client "Parameter `${ParameterName}` is required";
I400IP 400 Client "Invalid parameter `${ParameterName}` ${Reason}";
I400JR 400 Client "JWT required";
S403JI 403 Client "Claim `jti` is required when `preventJtiReplay:true`";
A403SV 403 Client "Claim `jti` in JWT is used";
I400JD 400 Client "JWT Deserialize Failed: `${Token}`";
A403JT 403 Client "Invalid JWT: ${Reason}";
A403JK 403 Client "No matching JWK, `${kid}` not found";
A403JE 403 Client "JWT is expired at `${Date}`";
I400JP 400 Server "Invalid JWT plugin config: ${JWT}";
A403OL 403 Client "OAuth2 Login failed: ${Reason}";
A403OU 403 Server "OAuth2 Get User Info failed: ${Reason}";
A401OT 401 Client "Invalid OAuth2 Access Token";
A401OM 401 Client "OAuth2 Access Token is required";
T429ID 429 Client "Throttled by INNER DOMAIN Flow Control, ${Domain} is a test domain, only 1000 requests per day" classic 403 "Throttled by DOMAIN Flow Control";
T429IN 429 Client "Throttled by INSTANCE Flow Control";
T429GR 429 Client "Throttled by GROUP Flow Control" classic 403 "Throttled by DOMAIN Flow Control";
T429PA 429 Client "Throttled by API Flow Control" classic 403 "Throttled by API Flow Control";
T429PR 429 Client "Throttled by PLUGIN Flow Control";
T429SR 429 Client "Throttled by SERVER Flow Control";
T429MR 429 Client "Too Many Requests, throttle by `${Description}`";
A403IP 403 Client "Access denied by IP Control Policy";
A403IN 403 Client "Access from internet is disabled ${Reason}";
A403VN 403 Client "Access from invalid VPC is disabled";
A403AC 403 Client "Access Control Forbidden by ${RuleName}";
A403CO 403 Client "Cross origin resource forbidden ${Domain}";
I404CO 404 Client "Cross origin resource not found ${Method} - ${Path}";
I404CH 404 Client "Content not cached, with `Cache-Control:only-if-cached`";
I404NR 404 Client "${Resource} not found";
I404SR 404 Client "Stage route missing: ${Reason}";
B403MO 403 Server "Api Market Subscription overdue" classic 403 "User Arrears";
B403MQ 403 Client "Api Market Subscription quota exhausted" classic 403 "Quota Exhausted";
B403ME 403 Client "Api Market Subscription expired" classic 403 "Quota Expired";
B403MI 403 Client "Api Market Subscription invalid";
D504RE 504 Server "Backend domain `${Domain}` resolve failed" classic 500 "Failed To Invoke Backend Service";
D504IL 504 Server "Backend domain `${Domain}` resolve to illegal address `${Address}`" classic 500 "Failed To Invoke Backend Service";
D504CO 504 Server "Backend service connect failed `${Reason}`" classic 500 "Failed To Invoke Backend Service";
D504CS 504 Server "Backend http ssl connect failed `${Reason}`" classic 500 "Failed To Invoke Backend Service";
D504TO 504 Server "Backend service request timeout" classic 504 "Async Service";
X504VE 504 Server "Backend service vpc mapped failed" classic 500 "Failed To Invoke Backend Service";
D503BB 503 Server "Backend circuit breaker busy";
D503CB 503 Server "Backend circuit breaker open, ${Reason}";
I508LD 508 Server "Loop Detected";
I404DD 404 Client "Device id ${DeviceId} not found";
A403FC 403 Server "Function Compute AssumeRole failed ${RequestId}:${Reason}";
D502FC 502 Server "Function Compute response invalid: ${Reason}" classic 500 "Failed To Invoke Backend Service";
N502RE 502 Server "Send Response IO Exception: ${Reason}";
X500ER 500 Server "Service Internal Error" classic 500 "Internal Error";
X503BZ 503 Server "Service Busy" classic 503 "Service Unavailable";
X504TO 504 Server "Service timeout" classic 503 "Service Unavailable";}

impl ErrorCode {
    /// The code as it stands in `X-Ca-Error-Code`: six characters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().name
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
    ///
    /// A placeholder without an argument renders as nothing; an argument without a placeholder is
    /// ignored.
    #[must_use]
    pub fn message<A: AsRef<str>>(self, args: &[A]) -> String {
        template::fill(self.template(), args.iter().map(AsRef::as_ref))
    }

    /// What the code is about.
    #[must_use]
    pub const fn family(self) -> Family {
        Family::of(self.row().name)
    }

    /// Who has to act.
    #[must_use]
    pub const fn fault(self) -> Fault {
        self.row().fault
    }

    /// The status and message template that instances of the classic network type document for the
    /// same condition, where they document one.
    #[must_use]
    pub fn classic(self) -> Option<(StatusCode, &'static str)> {
        self.row().classic.map(|(status, text)| (status_of(status), text))
    }
}

impl sealed::Sealed for ErrorCode {}

impl Catalogue for ErrorCode {
    const UNAVAILABLE: Self = Self::X503BZ;
    const EXPIRED: Self = Self::S403TE;
    const NONCE_USED: Self = Self::S403NU;
    const REQUEST_ID: HeaderName = header::REQUEST_ID;

    type Asked = ();

    fn body_too_long() -> Rejection {
        Self::I413RL.into()
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

    fn code_text(self, _subject: Option<&str>) -> Cow<'static, str> {
        self.as_str().into()
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ErrorCode {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(UnknownCode(()))
    }
}

/// The text is none of the documented codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a documented error code")]
pub struct UnknownCode(());
