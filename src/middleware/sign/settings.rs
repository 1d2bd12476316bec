//! What all services of one layer share.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use http::HeaderMap;

use super::NotSent;
use super::content::Content;
use super::message::sealed::Message;
use crate::sign::{ClockLearning, ClockOffset, SignableRequest, Signer, Stamp};

/// A signer, and what it has learned.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) signer: Signer,
    pub(super) max_buffered: usize,
    learning: ClockLearning,
    learned: Arc<AtomicI64>,
}

impl Settings {
    pub(super) fn new(signer: Signer) -> Self {
        Self {
            signer,
            max_buffered: 8 * 1024 * 1024,
            learning: ClockLearning::Off,
            learned: Arc::default(),
        }
    }

    /// What was learned under other rules does not count.
    pub(super) fn set_learning(&mut self, learning: ClockLearning) {
        self.learning = learning;
        self.learned = Arc::default();
    }

    /// The request, signed now: a new stamp each time.
    pub(super) fn sign<M: Message>(
        &self,
        mut head: M::Head,
        content: Content<M::Body>,
    ) -> Result<M::Signed, NotSent> {
        let stamp = Stamp::fresh(self.learned().applied_to(self.signer.now()))?;
        let target = M::target(&head).ok_or(NotSent::Url)?;
        let (method, headers) = (M::method(&head), M::headers(&head));
        let request = SignableRequest::new(method, &target, headers, content.signable());
        let instructions = self.signer.sign_stamped(&request, &stamp)?;
        instructions.apply_to(M::headers_mut(&mut head))?;
        Ok(M::put_together(head, content.into_body()))
    }

    /// Whether an answer has taught what time it is, so that the request is worth another attempt.
    pub(super) fn learn(&self, answer: &HeaderMap) -> bool {
        let learned = self.learning.learned(answer, self.signer.now());
        if let Some(offset) = learned {
            self.learned.store(offset.as_millis(), Ordering::Relaxed);
            crate::middleware::telemetry::clock_learned(offset);
        }
        learned.is_some()
    }

    pub(super) fn learns(&self) -> bool {
        self.learning != ClockLearning::Off
    }

    fn learned(&self) -> ClockOffset {
        ClockOffset::from_millis(self.learned.load(Ordering::Relaxed))
    }
}
