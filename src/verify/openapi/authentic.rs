//! Step 4: the signature, in constant time. What the key is not for, does not sign: `SignatureDoesNotMatch`,
//! with the string that the server has signed.

use super::known::Caller;
use super::presented::{Facts, Presented};
use super::strings::Strings;
use super::{Timely, TokenInAnswers};
use crate::clock::UnixMillis;
use crate::credential::AccessKey;
use crate::error::{OpenApiRejection, mask_security_token};
use crate::protocol::openapi::AcsSignatureMethod;

/// A request whose credential is proven. Its body may still be another one.
#[derive(Debug)]
pub struct Authentic<'r> {
    pub(super) presented: Presented<'r>,
    pub(super) caller: Caller,
    pub(super) now: UnixMillis,
}

impl<'r> Authentic<'r> {
    /// Takes step 4.
    ///
    /// # Errors
    ///
    /// `SignatureDoesNotMatch`.
    pub fn new(timely: Timely<'r>) -> Result<Self, OpenApiRejection> {
        let Timely { known, now } = timely;
        let facts = &*known.presented.facts;
        let strings = Strings::of(facts);
        let key = known.caller.key();
        if !strings.any(|string| key.is_some_and(|key| signs(key, facts, string))) {
            return Err(wrong_signature(facts, &strings));
        }
        drop(strings);
        Ok(Self { presented: known.presented, caller: known.caller, now })
    }
}

fn signs(key: &AccessKey, facts: &Facts<'_>, string: &[u8]) -> bool {
    let signature = &facts.credentials.signature;
    match facts.credentials.method {
        AcsSignatureMethod::Mac(method) => {
            key.secret().is_some_and(|secret| method.verify(secret, string, signature))
        }
        #[cfg(feature = "openapi-rsa")]
        AcsSignatureMethod::Rsa(method) => {
            key.rsa_public_key().is_some_and(|key| method.verify(key, string, signature))
        }
    }
}

fn wrong_signature(facts: &Facts<'_>, strings: &Strings<'_>) -> OpenApiRejection {
    let policy = facts.head.policy;
    let mut shown = strings.disclosed(&policy.disclosed_headers);
    if policy.token_in_answers == TokenInAnswers::Masked
        && let Some(token) = &facts.credentials.security_token
    {
        shown = mask_security_token(&shown, &String::from_utf8_lossy(token)).into_owned();
    }
    let end =
        (0..=policy.max_disclosed.min(shown.len())).rev().find(|at| shown.is_char_boundary(*at));
    shown.truncate(end.unwrap_or_default());
    OpenApiRejection::signature_does_not_match(shown)
}
