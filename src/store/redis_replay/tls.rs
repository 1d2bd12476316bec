//! Which cryptography `rediss://` uses.

/// The client library takes the process's default and panics if there is none or a choice of two.
/// A service that has installed one keeps it.
pub(super) fn choose_provider() {
    // It fails if there is one already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
