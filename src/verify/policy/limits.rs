//! What a request may cost.

use std::time::Duration;

use super::setters::setters;

/// Bounds on what is read and kept.
///
/// The bounds that no honest client reaches are fixed: 64 declared headers, 1,000 parameters, a
/// nonce of 256 bytes, an AppKey of 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest path and query, in bytes. Default 8 KiB, the gateway's own. Over it: `I413UL`.
    pub max_uri: usize,
    /// The longest body, in bytes. Default 8 MiB, the gateway's own on shared instances. Over it:
    /// `I413RL`. axum's extractors have a limit of their own, 2 MB unless told otherwise: see the
    /// layer's documentation.
    pub max_body: u64,
    /// The longest form body, in bytes. Default 1 MiB: a form is held in memory *before* its
    /// signature is known. So is a body without `Content-MD5` that the gateway in front has digested
    /// ([`backend`](crate::verify::backend)). Over it: `I413RL`.
    pub max_form: u64,
    /// How long a body may take that is read for verification. Default 30 s. Over it: `I400BD`.
    pub body_read_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_uri: 8 * 1024,
            max_body: 8 * 1024 * 1024,
            max_form: 1024 * 1024,
            body_read_timeout: Duration::from_secs(30),
        }
    }
}

setters! { Limits:
    /// Sets [`Limits::max_uri`].
    with_max_uri max_uri: usize;
    /// Sets [`Limits::max_body`].
    with_max_body max_body: u64;
    /// Sets [`Limits::max_form`].
    with_max_form max_form: u64;
    /// Sets [`Limits::body_read_timeout`].
    with_body_read_timeout body_read_timeout: Duration;
}
