//! How much memory unauthenticated callers may hold.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use crate::error::{ErrorCode, Rejection};

/// A bound on the bytes of form bodies whose signature is not known yet.
///
/// A form must be read before its signature can be verified, so anyone can make the service hold
/// one. So can a body whose digest only the gateway knows ([`backend`](super::backend)). The default is 64 MiB for all verifiers of the process together: 64 forms of the largest
/// size at once. A caller that finds it spent gets `X503BZ`.
#[derive(Debug)]
pub struct FormBudget {
    limit: usize,
    held: AtomicUsize,
}

impl FormBudget {
    /// A budget of its own.
    #[must_use]
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, held: AtomicUsize::new(0) })
    }

    /// The budget that verifiers share unless told otherwise: 64 MiB.
    #[must_use]
    pub fn of_process() -> Arc<Self> {
        static SHARED: LazyLock<Arc<FormBudget>> =
            LazyLock::new(|| FormBudget::new(64 * 1024 * 1024));
        Arc::clone(&SHARED)
    }

    /// How many bytes are held now.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// Starts to hold a form. What it holds returns when the reservation is dropped.
    #[must_use]
    pub fn reservation(self: &Arc<Self>) -> FormReservation {
        FormReservation { budget: Arc::clone(self), bytes: 0 }
    }
}

/// What one request holds of a [`FormBudget`].
#[derive(Debug)]
pub struct FormReservation {
    budget: Arc<FormBudget>,
    bytes: usize,
}

impl FormReservation {
    /// Holds `bytes` more.
    ///
    /// # Errors
    ///
    /// `X503BZ` if the budget is spent.
    pub fn hold(&mut self, bytes: usize) -> Result<(), Rejection> {
        let limit = self.budget.limit;
        let add = |held: usize| held.checked_add(bytes).filter(|held| *held <= limit);
        match self.budget.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add) {
            Ok(_) => {
                self.bytes += bytes;
                Ok(())
            }
            Err(_) => Err(Rejection::new(ErrorCode::X503BZ)
                .with_retry_after(std::time::Duration::from_secs(1))),
        }
    }
}

impl Drop for FormReservation {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_returns_on_drop_and_a_refusal_holds_nothing() {
        let budget = FormBudget::new(10);
        let mut form = budget.reservation();
        form.hold(6).unwrap();
        assert_eq!(budget.reservation().hold(5).unwrap_err().code(), ErrorCode::X503BZ);
        form.hold(4).unwrap();
        assert_eq!(budget.held(), 10);
        drop(form);
        assert_eq!(budget.held(), 0);
    }
}
