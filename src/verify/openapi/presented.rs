//! Step 1: everything that the head alone can decide, and for a request whose parameters may be signed
//! in a form, that form. No look-up, no MAC.
//!
//! In this order, the first that applies answers:
//!
//! 1. a target over `max_uri`: `InvalidUrl.LengthLimit`; over 1,000 parameters: `InvalidQuery`
//! 2. credentials of two schemes: `InvalidAuthorization`; of none: `MissingAccessKeyId`; of one that
//!    is not supported, or not accepted: `InvalidSignatureMethod`
//! 3. a header or a parameter that occurs twice: `Invalid{Name}`; a parameter that not everyone
//!    decodes alike: `Invalid{Name}`
//! 4. a target without a path: `UnsupportedHTTPMethod`
//! 5. what the scheme asks for: [`rpc`](super::rpc), [`roa`](super::roa), [`v3`](super::v3)
//! 6. a Content-Length over the limit: `InvalidBody.LengthLimit`

use std::fmt;

use super::credentials::Credentials;
use super::{OpenApiPolicy, refuse, roa, rpc, v3};
use crate::credential::OpenApiScheme;
use crate::error::{OpenApiError, OpenApiRejection};
use crate::protocol::openapi::{
    AcsHeaders, Recognized, is_plain_text, malformed_param, repeated_param,
};
use crate::protocol::{BodyLength, Operation, Params, RequestHead};
use crate::verify::presented::check_length;
use crate::verify::refuse::strict_row;
use crate::verify::{Ambiguity, StrictFindings, StrictRow};

/// A request that presents a well-formed signature; nothing of it is proven.
#[derive(Debug)]
pub struct Presented<'r> {
    /// Boxed, because every later step moves it on.
    pub(super) facts: Box<Facts<'r>>,
}

/// How step 1 goes on.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "it lives on the stack between two calls")]
pub enum HeadStage<'r> {
    /// The head was enough.
    Presented(Presented<'r>),
    /// The body must be read first: a form that may be signed, or what a V3 signature covers by a digest
    /// that the head does not tell.
    Unread(Unread<'r>),
}

/// A request whose credentials may stand in its form, or whose body has to be digested.
#[derive(Debug)]
pub struct Unread<'r> {
    head: Head<'r>,
    /// By the head alone.
    recognized: Recognized,
}

/// What the head says before a scheme is asked.
pub(super) struct Head<'r> {
    pub(super) policy: &'r OpenApiPolicy,
    pub(super) head: RequestHead<'r>,
    pub(super) acs: AcsHeaders<'r>,
    pub(super) params: Params<'r>,
    /// A form whose parameters are among these.
    pub(super) form: Option<&'r [u8]>,
    /// A body whose digest the head does not tell.
    pub(super) undigested: &'r [u8],
    pub(super) findings: StrictFindings,
}

/// What a request says.
pub(super) struct Facts<'r> {
    pub(super) head: Head<'r>,
    pub(super) credentials: Credentials<'r>,
}

impl<'r> Presented<'r> {
    /// Takes step 1, as far as the head decides.
    ///
    /// # Errors
    ///
    /// The codes of the module's list, in its order.
    pub fn of_head(
        policy: &'r OpenApiPolicy,
        head: RequestHead<'r>,
    ) -> Result<HeadStage<'r>, OpenApiRejection> {
        if head.target_len() > policy.limits.max_uri {
            return Err(OpenApiRejection::new(OpenApiError::InvalidLength).with("Url"));
        }
        let params = Params::query(&head).map_err(|_| too_many_params("Query"))?;
        let acs = AcsHeaders::collect(head.headers());
        let recognized = recognized(&acs, &params)?;
        let takes_rpc = policy.schemes.contains(OpenApiScheme::Rpc);
        let awaits_form = takes_rpc && recognized.awaits_form(&head, &acs);
        let awaits_body = recognized == Recognized::Signed(OpenApiScheme::V3)
            && head.body() != BodyLength::Empty
            && acs.content_sha256.is_none()
            && policy.absent_digest == Ambiguity::AsGateway;
        let findings = StrictFindings::default();
        let head = Head { policy, head, acs, params, form: None, undigested: b"", findings };
        if !awaits_form && !awaits_body {
            return Self::of(head, recognized).map(HeadStage::Presented);
        }
        let unread = Unread { head, recognized };
        check_length::<OpenApiError>(&unread.head.head, unread.limit())?;
        Ok(HeadStage::Unread(unread))
    }

    fn of(mut head: Head<'r>, recognized: Recognized) -> Result<Self, OpenApiRejection> {
        let scheme = accepted(recognized, head.policy)?;
        head.check_occurrences(scheme)?;
        if head.head.target().path().is_empty() {
            // `CONNECT host:port`: the host is the resource.
            return Err(OpenApiError::UnsupportedHttpMethod.into());
        }
        let credentials = match scheme {
            OpenApiScheme::Rpc => rpc::present(&mut head)?,
            OpenApiScheme::Roa => roa::present(&mut head)?,
            OpenApiScheme::V3 => v3::present(&mut head)?,
        };
        check_length::<OpenApiError>(&head.head, head.policy.limits.max_body)?;
        Ok(Self { facts: Box::new(Facts { head, credentials }) })
    }

    /// The AccessKeyId to look up.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.facts.credentials.access_key_id
    }
}

impl<'r> Unread<'r> {
    /// The most bytes that may be read. They are held before anything is known of their sender.
    #[must_use]
    pub fn limit(&self) -> u64 {
        let limits = &self.head.policy.limits;
        limits.max_form.min(limits.max_body)
    }

    /// Takes the rest of step 1 with the whole body.
    ///
    /// # Errors
    ///
    /// The codes of the module's list, in its order.
    pub fn with_form(self, form: &'r [u8]) -> Result<Presented<'r>, OpenApiRejection> {
        if crate::verify::authentic::exceeds(form, self.limit()) {
            return Err(OpenApiRejection::new(OpenApiError::InvalidLength).with("Body"));
        }
        if self.recognized == Recognized::Signed(OpenApiScheme::V3) {
            return Presented::of(Head { undigested: form, ..self.head }, self.recognized);
        }
        let params = self.head.params.with_form(form).map_err(|_| too_many_params("Body"))?;
        let recognized = recognized(&self.head.acs, &params)?;
        Presented::of(Head { params, form: Some(form), ..self.head }, recognized)
    }
}

impl Head<'_> {
    fn check_occurrences(&mut self, scheme: OpenApiScheme) -> Result<(), OpenApiRejection> {
        if let Some(name) = &self.acs.repeated {
            return Err(refuse::named(name.as_str(), "the header occurs more than once"));
        }
        if scheme == OpenApiScheme::Roa && self.acs.repeated_accept {
            return Err(refuse::invalid("Accept", "the header occurs more than once"));
        }
        if let Some(param) = repeated_param(&self.params) {
            return Err(refuse::param(param, "the parameter occurs more than once"));
        }
        let texts = [self.head.query().as_bytes(), self.form.unwrap_or_default()];
        let malformed = match texts.into_iter().all(is_plain_text) {
            true => None,
            false => malformed_param(&self.params),
        };
        let malformed =
            malformed.map(|param| refuse::param(param, "not everyone decodes the parameter alike"));
        let rule = self.policy.malformed_parameters;
        strict_row(rule, StrictRow::MalformedParameter, malformed, &mut self.findings)
    }
}

impl Facts<'_> {
    /// What the signature says is asked for.
    pub(super) fn operation(&self) -> Option<Operation<'_>> {
        let Credentials { action, version, .. } = &self.credentials;
        Some(Operation { action: action.as_deref()?, version: version.as_deref()? })
    }
}

fn recognized(acs: &AcsHeaders<'_>, params: &Params<'_>) -> Result<Recognized, OpenApiRejection> {
    let two = |_| refuse::invalid("Authorization", "it presents the credentials of two schemes");
    Recognized::of(acs, params).map_err(two)
}

/// The scheme, if the policy takes it.
fn accepted(
    recognized: Recognized,
    policy: &OpenApiPolicy,
) -> Result<OpenApiScheme, OpenApiRejection> {
    match recognized {
        Recognized::Signed(scheme) if policy.schemes.contains(scheme) => Ok(scheme),
        Recognized::Anonymous => Err(refuse::missing("AccessKeyId")),
        _ => Err(OpenApiError::InvalidSignatureMethod.into()),
    }
}

fn too_many_params(name: &'static str) -> OpenApiRejection {
    refuse::invalid(name, "it has more than 1,000 parameters")
}

/// Without the values.
impl fmt::Debug for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("head", &self.head)
            .field("acs", &self.acs)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts")
            .field("head", &self.head)
            .field("credentials", &self.credentials)
            .finish()
    }
}
