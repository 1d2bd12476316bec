//! Step 4: the signature, in constant time.
//!
//! 1. What the head decides: a request without a body, or with a `Content-MD5` and no form; and any
//!    other but a form, if the line of `Content-MD5` is empty.
//! 2. Otherwise the body is read first: a form for its parameters, any other for its digest.
//!
//! Of the readings of the rules the primary one is tried first, and the others only where their
//! string differs, while all strings together stay under 1 MiB. No secret signs any of them:
//! `A403IS`.

use std::mem;
use std::sync::Arc;

use super::presented::Facts;
use super::{Known, ShownParameters, Timely, refuse};
use crate::credential::BackendPair;
use crate::error::{ErrorCode, Rejection};
use crate::protocol::{
    BackendRequest, BackendVariant, BodyLength, ContentMd5, Params, verify_backend,
};
use crate::verify::StrictFindings;
use crate::verify::authentic::{exceeds, is_disclosed, signs_raw_path};
use crate::verify::pipeline::StringBudget;

/// A request that the gateway has signed. Its body may still be another one.
#[derive(Debug)]
pub struct Authentic<'r> {
    pub(super) facts: Box<Facts<'r>>,
    pub(super) pair: Arc<BackendPair>,
    /// The place of the pair's secret that signed.
    pub(super) secret: usize,
    pub(super) body: Covered,
}

/// What the signature says about the body.
#[derive(Clone, Copy, Debug)]
pub(super) enum Covered {
    /// All there is to say.
    Whole,
    /// That it has this digest.
    ByDigest(ContentMd5),
    /// Nothing.
    Not,
}

/// How step 4 goes on.
#[derive(Debug)]
pub enum SignatureStage<'r> {
    /// The head was enough.
    Authentic(Authentic<'r>),
    /// The body must be read first.
    Unread(Unread<'r>),
}

/// A request whose signature can be verified when its whole body is at hand.
#[derive(Debug)]
pub struct Unread<'r> {
    known: Known<'r>,
}

impl<'r> Timely<'r> {
    /// Takes step 4, as far as the head decides.
    ///
    /// # Errors
    ///
    /// `A403IS`; `I413RL` if the body must be read first, and the head tells that it is too long for
    /// that.
    pub fn authenticate(self) -> Result<SignatureStage<'r>, Rejection> {
        let mut known = self.known;
        let facts = &mut *known.presented.facts;
        let has_body = facts.head.body() != BodyLength::Empty;
        if has_body && facts.ca.is_form() {
            return Unread::new(known).map(SignatureStage::Unread);
        }
        let body = match facts.content_md5 {
            Some(digest) => Covered::ByDigest(digest),
            None if has_body => Covered::Not,
            None => Covered::Whole,
        };
        let (lines, query) = (lines(facts), mem::take(&mut facts.query));
        match signing_secret(facts, &known.pair, &query, &lines) {
            Some(secret) => Ok(SignatureStage::Authentic(Authentic::new(known, secret, body))),
            None if matches!(body, Covered::Not) => {
                facts.query = query;
                Unread::new(known).map(SignatureStage::Unread)
            }
            None => Err(wrong_signature(facts, &query, &lines)),
        }
    }
}

impl<'r> Unread<'r> {
    fn new(known: Known<'r>) -> Result<Self, Rejection> {
        let unread = Self { known };
        match unread.known.presented.facts.head.body() {
            BodyLength::Known(length) if length > unread.limit() => Err(too_long()),
            _ => Ok(unread),
        }
    }

    /// The most bytes that may be read. They are held before anything is known of their sender.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.known.presented.facts.held_limit()
    }

    /// Takes the rest of step 4.
    ///
    /// # Errors
    ///
    /// `I413RL`, `I400HD`, `I400IP`, `A403IS`.
    pub fn authenticate(self, body: &[u8]) -> Result<Authentic<'r>, Rejection> {
        if exceeds(body, self.limit()) {
            return Err(too_long());
        }
        let mut known = self.known;
        let facts = &mut *known.presented.facts;
        let query = mem::take(&mut facts.query);
        let digest;
        let (params, lines, covered) = if facts.ca.is_form() {
            let params = query.with_form(body).map_err(refuse::too_many_params)?;
            refuse::ambiguous_params(facts.policy.param_rules(), &params, &mut facts.findings)?;
            let covered = facts.content_md5.map_or(Covered::Whole, Covered::ByDigest);
            (params, lines(facts), covered)
        } else {
            digest = ContentMd5::of(body).encode();
            (query, vec![digest.as_bytes()], Covered::Whole)
        };
        match signing_secret(facts, &known.pair, &params, &lines) {
            Some(secret) => Ok(Authentic::new(known, secret, covered)),
            None => Err(wrong_signature(facts, &params, &lines)),
        }
    }
}

impl<'r> Authentic<'r> {
    fn new(known: Known<'r>, secret: usize, body: Covered) -> Self {
        Self { facts: known.presented.facts, pair: known.pair, secret, body }
    }
}

fn too_long() -> Rejection {
    let why = "it would be held before its signature is known: max_form bounds that";
    Rejection::new(ErrorCode::I413RL).with_detail(why)
}

/// What the head says may stand in the line of `Content-MD5`: the header, and for a form also
/// nothing, as older gateways sign it.
fn lines<'r>(facts: &Facts<'r>) -> Vec<&'r [u8]> {
    match facts.ca.content_md5 {
        Some(digest) if facts.ca.is_form() => vec![digest, b""],
        digest => vec![digest.unwrap_or_default()],
    }
}

fn canonical<'a>(
    facts: &'a Facts<'_>,
    params: &'a Params<'_>,
    findings: &mut StrictFindings,
) -> BackendRequest<'a> {
    let request = BackendRequest::new(&facts.head, &facts.headers, params);
    match signs_raw_path(facts.policy.ambiguous_paths, request.path(), findings) {
        true => request.with_raw_path(),
        false => request,
    }
}

/// The place of the first secret that signs one of the accepted strings.
fn signing_secret(
    facts: &mut Facts<'_>,
    pair: &BackendPair,
    params: &Params<'_>,
    lines: &[&[u8]],
) -> Option<usize> {
    let mut findings = facts.findings;
    let request = canonical(facts, params, &mut findings);
    let signs = |string: &[u8]| {
        pair.secrets().iter().position(|secret| verify_backend(secret, string, &facts.signature))
    };
    let mut budget = StringBudget::default();
    let mut signing_variant = |line: &[u8], variant: BackendVariant| {
        signs(&budget.build(|| request.string_to_sign(line, variant))?)
    };
    let variants = request.variants();
    let secret = lines
        .iter()
        .find_map(|line| variants.iter().find_map(|variant| signing_variant(line, *variant)));
    facts.findings = findings;
    secret
}

/// `A403IS` with the primary string: an engineer compares it with what the gateway was to sign.
fn wrong_signature(facts: &Facts<'_>, params: &Params<'_>, lines: &[&[u8]]) -> Rejection {
    let policy = facts.policy;
    let request = canonical(facts, params, &mut StrictFindings::default());
    let string = request.disclosed(
        lines.first().copied().unwrap_or_default(),
        |header| is_disclosed(&policy.disclosed_headers, header),
        |_param| policy.shown_parameters == ShownParameters::Values,
    );
    Rejection::new(ErrorCode::A403IS).with_request_text(string)
}
