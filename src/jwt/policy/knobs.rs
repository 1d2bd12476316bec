//! The choices of a [`JwtPolicy`](super::JwtPolicy).

/// What becomes of a request without a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyToken {
    /// `I400JR`.
    Refuse,
    /// It is passed on unauthenticated (`bypassEmptyToken`). A wrong token is refused all the same.
    Bypass,
}

/// Whether `exp` is enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiration {
    /// It is.
    Enforce,
    /// It is not (`ignoreExpirationCheck`): a stolen token is good for ever, but for the limits of
    /// [`JtiRule::SingleUse`] and of a maximum age.
    Ignore,
}

/// How often a token may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JtiRule {
    /// As often as one likes.
    AnyUse,
    /// Once (`preventJtiReplay`). It needs a `jti` (`S403JI`), and is accepted only while that can
    /// be remembered: until `exp` plus leeway, or `iat` plus the longest retention, whichever comes
    /// first.
    SingleUse,
}

/// What becomes of a token of single use that has neither `exp` nor `iat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndatedTokens {
    /// `S403JI`: nothing says how long its `jti` must be remembered.
    Refuse,
    /// Its `jti` is remembered for the longest retention from receipt. **After that the token is
    /// accepted again.**
    DangerouslyRememberFromReceipt,
}

/// What a token has to do with app authentication (AppKey signature or AppCode).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppAuthRule {
    /// They are independent: where both are configured, both are required.
    Besides,
    /// Either will do (`orAppAuth`). A token that is there decides, right or wrong.
    Instead,
}
