use std::fmt;
use std::sync::Arc;

use crate::store::CredentialStore;

/// Where the apps are, and who decides what they may do: `A` is an authorizer.
pub(in crate::verify) struct Apps<C, A: ?Sized> {
    pub(in crate::verify) credentials: Arc<C>,
    pub(in crate::verify) authorizer: Option<Arc<A>>,
}

impl<C: CredentialStore, A: ?Sized> Apps<C, A> {
    pub(in crate::verify) fn new(credentials: C) -> Self {
        Self { credentials: Arc::new(credentials), authorizer: None }
    }
}

impl<C, A: ?Sized> Clone for Apps<C, A> {
    fn clone(&self) -> Self {
        Self { credentials: Arc::clone(&self.credentials), authorizer: self.authorizer.clone() }
    }
}

impl<C, A: ?Sized> fmt::Debug for Apps<C, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apps").finish_non_exhaustive()
    }
}
