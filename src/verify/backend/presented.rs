//! Step 1: everything that the head alone can decide. No look-up, no MAC, no body byte. The module's
//! table has the order.

use std::fmt;

use super::{BackendPolicy, ReplayProtection, refuse};
use crate::clock::UnixMillis;
use crate::error::{ErrorCode, Rejection};
use crate::header;
use crate::protocol::{
    CaHeaders, ContentMd5, MAX_HEAD_LEN, Params, PresentedSignature, ProxyHeaders, RequestHead,
    SignedHeaders,
};
use crate::verify::presented::{check_declared_length, content_md5};
use crate::verify::signed::{nonce, timestamp};
use crate::verify::{StrictFindings, StrictRow, TimestampUnit};

/// A request that presents a well-formed back-end signature; nothing of it is proven.
#[derive(Debug)]
pub struct Presented<'r> {
    /// Boxed, because every later step moves it on.
    pub(super) facts: Box<Facts<'r>>,
}

/// What the head says.
pub(super) struct Facts<'r> {
    pub(super) policy: &'r BackendPolicy,
    pub(super) head: RequestHead<'r>,
    pub(super) ca: CaHeaders<'r>,
    pub(super) key: &'r str,
    pub(super) signature: PresentedSignature,
    pub(super) headers: SignedHeaders<'r>,
    pub(super) query: Params<'r>,
    pub(super) timestamp: Option<UnixMillis>,
    pub(super) nonce: Option<&'r [u8]>,
    pub(super) content_md5: Option<ContentMd5>,
    pub(super) findings: StrictFindings,
}

impl<'r> Presented<'r> {
    /// Takes step 1.
    ///
    /// # Errors
    ///
    /// The codes of the [module's table](super), in its order.
    pub fn new(policy: &'r BackendPolicy, head: RequestHead<'r>) -> Result<Self, Rejection> {
        if head.target_len() > policy.limits.max_uri {
            return Err(ErrorCode::I413UL.into());
        }
        let proxy = ProxyHeaders::collect(head.headers());
        if !proxy.is_presented() {
            return Err(refuse::not_presented());
        }
        let ca = CaHeaders::collect(head.headers());
        if let Some(name) = proxy.repeated.as_ref().or(ca.repeated) {
            return Err(refuse::header(name, "occurs more than once"));
        }
        let (signature, key) = signature_and_key(&proxy)?;
        if head.target().path().is_empty() {
            // `CONNECT host:port`: the host is the resource, and it is not signed.
            return Err(Rejection::new(ErrorCode::I400RU).with("it has no path"));
        }
        let timestamp = timestamp(TimestampUnit::Millis, &ca)?;
        let nonce = nonce(&ca)?;
        let key = readable_key(key)?;
        let headers = declared_headers(&head, &ca, &proxy)?;
        let query = Params::query(&head).map_err(refuse::too_many_params)?;
        let mut facts = Facts {
            policy,
            head,
            key,
            signature: PresentedSignature::decode(signature),
            headers,
            query,
            timestamp,
            nonce,
            content_md5: None,
            findings: StrictFindings::default(),
            ca,
        };
        facts.check_repeated_headers()?;
        facts.check_replay_protection()?;
        facts.check_coverage()?;
        facts.content_md5 = content_md5(&facts.ca)?;
        check_declared_length(&facts.head, facts.ca.content_length, facts.body_limit())?;
        let rules = policy.param_rules();
        refuse::ambiguous_params(rules, &facts.query, &mut facts.findings)?;
        Ok(Self { facts: Box::new(facts) })
    }

    /// The key to look up.
    #[must_use]
    pub fn key(&self) -> &str {
        self.facts.key
    }
}

impl Facts<'_> {
    /// The most bytes the body may have.
    pub(super) fn body_limit(&self) -> u64 {
        if self.ca.is_form() { self.held_limit() } else { self.policy.limits.max_body }
    }

    /// The most bytes of a body that is held before its signature is known.
    pub(super) fn held_limit(&self) -> u64 {
        self.policy.limits.max_form.min(self.policy.limits.max_body)
    }

    fn check_repeated_headers(&mut self) -> Result<(), Rejection> {
        const REASON: &str = "is signed and has more than one value";
        let violated = self.headers.repeated().map(|name| refuse::named_header(name, REASON));
        let rule = self.policy.repeated_headers;
        refuse::strict_row(rule, StrictRow::RepeatedHeader, violated, &mut self.findings)
    }

    fn check_replay_protection(&self) -> Result<(), Rejection> {
        let (timestamp, nonce) = match self.policy.replay_protection {
            ReplayProtection::WhereCovered => (false, false),
            ReplayProtection::TimestampRequired => (true, false),
            ReplayProtection::Required => (true, true),
        };
        if timestamp && self.timestamp.is_none() {
            return Err(refuse::missing(&header::TIMESTAMP));
        }
        if nonce && self.nonce.is_none() {
            return Err(ErrorCode::I400NC.into());
        }
        let required = [(timestamp, header::TIMESTAMP), (nonce, header::NONCE)];
        let uncovered =
            required.iter().find(|(asked, name)| *asked && !self.headers.declares(name));
        uncovered.map_or(Ok(()), |(_, name)| Err(refuse::uncovered(name)))
    }

    fn check_coverage(&self) -> Result<(), Rejection> {
        for name in &self.policy.covered_headers {
            let mut values = self.head.headers().get_all(name).iter();
            let Some(first) = values.next() else { continue };
            if !self.headers.declares(name) {
                return Err(refuse::uncovered(name));
            }
            // Only the first is covered.
            if values.any(|other| other != first) {
                return Err(refuse::header(name, "is signed and has more than one value"));
            }
        }
        Ok(())
    }
}

fn signature_and_key<'r>(proxy: &ProxyHeaders<'r>) -> Result<(&'r [u8], &'r [u8]), Rejection> {
    match (proxy.signature.unwrap_or_default(), proxy.secret_key.unwrap_or_default()) {
        (b"", _) => Err(refuse::missing(&header::PROXY_SIGNATURE)),
        (_, b"") => Err(refuse::missing(&header::PROXY_SIGNATURE_SECRET_KEY)),
        pair => Ok(pair),
    }
}

fn readable_key(key: &[u8]) -> Result<&str, Rejection> {
    let refused = |reason| refuse::header(&header::PROXY_SIGNATURE_SECRET_KEY, reason);
    if key.len() > ProxyHeaders::MAX_KEY {
        return Err(refused("is longer than 128 bytes"));
    }
    std::str::from_utf8(key).map_err(|_| refused("is not UTF-8"))
}

fn declared_headers<'r>(
    head: &RequestHead<'r>,
    ca: &CaHeaders<'r>,
    proxy: &ProxyHeaders<'r>,
) -> Result<SignedHeaders<'r>, Rejection> {
    let list = proxy.signature_headers.unwrap_or_default();
    let mut headers = SignedHeaders::default();
    let read = headers.read(list, head.headers(), ca);
    read.map_err(|error| refuse::list(&header::PROXY_SIGNATURE_HEADERS, error))?;
    let line = ca.content_md5.map_or(0, <[u8]>::len);
    if line + headers.signed_len() + head.target_len() > MAX_HEAD_LEN {
        return Err(refuse::header(&header::PROXY_SIGNATURE, "covers more than 64 KiB of headers"));
    }
    Ok(headers)
}

/// Without the nonce: it is chosen by the caller and may be personal.
impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts")
            .field("head", &self.head)
            .field("key", &self.key)
            .field("timestamp", &self.timestamp)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}
