//! Step 4: the signature, in constant time.
//!
//! 1. a form over the limit: `I413RL`
//! 2. over 1,000 parameters in query and form together: `I400HD`
//! 3. pollution or ambiguity in the form, or between form and query: `I400IP`
//! 4. no secret of the app signs the primary string or a safe alternate: `A403IS`, with the
//!    server's primary string
//!
//! Alternates are tried only on a mismatch, and only where their string differs, while all strings
//! together stay under 1 MiB. An AppCode was already compared in step 2.

use std::hint::black_box;
use std::sync::{Arc, LazyLock};

use http::HeaderName;

use super::pipeline::StringBudget;
use super::policy::{AmbiguousPath, StrictFindings, StrictRow};
use super::presented::{Credential, Presented};
use super::{Covered, Policy, SignedRequest, Timely, refuse};
use crate::clock::UnixMillis;
use crate::credential::{App, AppSecret, SecretVersion};
use crate::error::{ErrorCode, Rejection};
use crate::header;
use crate::protocol::{CanonicalPath, CanonicalRequest, SignedHeader, Text, Variant};

/// A request whose credential is proven. Its body may still be another one.
#[derive(Debug)]
pub struct Authentic<'r> {
    pub(super) presented: Presented<'r>,
    pub(super) now: UnixMillis,
    pub(super) app: Arc<App>,
    /// Whether anything was waited for since `now`, but for a body.
    pub(super) has_waited: bool,
    /// Which of the app's secrets signed; `None` for an AppCode.
    pub(super) secret: Option<usize>,
}

impl<'r> Authentic<'r> {
    /// Takes step 4. `form` is the whole body if [`Timely::needs_form`], else empty.
    ///
    /// # Errors
    ///
    /// `I413RL`, `I400HD`, `I400IP`, `A403IS`.
    pub fn new(timely: Timely<'r>, form: &[u8]) -> Result<Self, Rejection> {
        if exceeds(form, timely.body_limit()) {
            return Err(ErrorCode::I413RL.into());
        }
        let Timely { known, now } = timely;
        let (mut presented, app) = (known.presented, known.app);
        let facts = &mut *presented.facts;
        let secret = match &facts.credential {
            Credential::AppCode(_) => None,
            Credential::Signature(request) => {
                let mut with_form = None;
                if !form.is_empty() {
                    let query = std::mem::take(&mut facts.covered.query);
                    let params = query.with_form(form).map_err(refuse::too_many_params)?;
                    let rules = facts.policy.param_rules();
                    refuse::ambiguous_params(rules, &params, &mut facts.findings)?;
                    with_form = Some(params);
                }
                let Covered { headers, query } = &facts.covered;
                let params = with_form.as_ref().unwrap_or(query);
                let mut canonical = CanonicalRequest::new(&facts.head, &facts.ca, headers, params);
                let rule = facts.policy.ambiguous_paths;
                if signs_raw_path(rule, canonical.path(), &mut facts.findings) {
                    canonical = canonical.with_raw_path();
                }
                let secrets = app.as_deref().map_or(&[][..], App::secrets);
                let signed = signing_secret(facts.policy, request, &canonical, secrets, now);
                Some(signed.ok_or_else(|| wrong_signature(facts.policy, &canonical))?)
            }
        };
        // An app that does not exist has no secret, so there is one here.
        let app = app.ok_or(ErrorCode::A403IS)?;
        Ok(Self { presented, now, app, has_waited: false, secret })
    }
}

pub(super) fn exceeds(body: &[u8], limit: u64) -> bool {
    u64::try_from(body.len()).is_ok_and(|len| len > limit)
}

/// Whether the path is signed raw only, because its decoded form could be another request's. Where
/// the policy does not say so it is noted.
pub(super) fn signs_raw_path(
    rule: AmbiguousPath,
    path: &CanonicalPath<'_>,
    findings: &mut StrictFindings,
) -> bool {
    match rule {
        _ if !path.is_ambiguous() => false,
        AmbiguousPath::RawOnly => true,
        AmbiguousPath::AsGateway => {
            findings.note(StrictRow::AmbiguousPath);
            false
        }
    }
}

/// Which is the first secret that signs one of the accepted strings.
fn signing_secret(
    policy: &Policy,
    request: &SignedRequest<'_>,
    canonical: &CanonicalRequest<'_>,
    secrets: &[SecretVersion],
    now: UnixMillis,
) -> Option<usize> {
    let signs = |string: &[u8], secret: &AppSecret| {
        request.method.verify(secret, string, &request.signature)
    };
    let find = |string: &[u8]| {
        let all = secrets.iter().enumerate();
        let mut valid = all.filter(|(_, secret)| secret.is_valid_at(now)).peekable();
        if valid.peek().is_none() {
            // The same work for an app that does not exist as for a wrong signature.
            black_box(NOBODY.as_ref().map(|nobody| signs(string, nobody)));
        }
        valid.find(|(_, secret)| signs(string, secret.secret())).map(|(index, _)| index)
    };

    let (mut budget, mut text) = (StringBudget::default(), Text::default());
    let mut try_one = |variant| find(budget.build(|| canonical.write_to_sign(variant, &mut text))?);
    try_one(Variant::PRIMARY)
        .or_else(|| canonical.alternates(policy.readings).into_iter().find_map(try_one))
}

static NOBODY: LazyLock<Option<AppSecret>> = LazyLock::new(AppSecret::unknowable);

/// `A403IS` with the primary string: the caller compares it with its own.
fn wrong_signature(policy: &Policy, canonical: &CanonicalRequest<'_>) -> Rejection {
    let string = canonical.disclosed(|header| is_disclosed(&policy.disclosed_headers, header));
    Rejection::new(ErrorCode::A403IS).with_request_text(string)
}

/// A header's value is shown if the caller has certainly sent it itself: the protocol's own
/// headers, and those that the service names. Headers of others' are never shown.
pub(super) fn is_disclosed(disclosed: &[HeaderName], header: &SignedHeader<'_>) -> bool {
    const NEVER: [&str; 3] = ["authorization", "cookie", "set-cookie"];
    let is = |name: &str| header.name().eq_ignore_ascii_case(name);
    let begins = |prefix: &str| {
        header.name().get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
    };
    if begins("proxy-") || begins(header::PROXY_PREFIX) || NEVER.into_iter().any(is) {
        return false;
    }
    begins(header::PREFIX)
        || header.is_documented_exclusion()
        || disclosed.iter().any(|disclosed| is(disclosed.as_str()))
}
