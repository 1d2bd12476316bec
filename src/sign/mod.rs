//! Signing: the other side of verification, by the same canonical forms. Sans IO: a signer is given
//! the parts of a request and answers the headers that are to be put into it.
//!
//! [`BackendSigner`] signs as the managed gateway does towards the service behind it, e.g. for a
//! reverse proxy of one's own in its place.

mod backend;

pub use backend::{BackendBody, BackendHeaders, BackendSignError, BackendSigner, Stamps};
