use std::sync::Arc;

use tower_layer::Layer;

use super::Sign;
use super::settings::Settings;
use crate::sign::{ClockLearning, Signer};

/// Puts [`Sign`] around a client. See the [module's documentation](super).
#[derive(Clone, Debug)]
pub struct SignLayer {
    settings: Arc<Settings>,
}

impl SignLayer {
    /// A layer that signs with `signer`. A [`Signer`] signs for one app, and what is learned of a
    /// clock is one server's: use a layer for each.
    #[must_use]
    pub fn new(signer: Signer) -> Self {
        Self { settings: Arc::new(Settings::new(signer)) }
    }

    /// The longest body that is read into memory to be signed, in bytes. Default: 8 MiB, the longest
    /// that a gateway on shared instances takes. A longer one needs `Content-MD5`, and is streamed.
    #[must_use]
    pub fn with_max_buffered(self, bytes: usize) -> Self {
        self.change(|settings| settings.max_buffered = bytes)
    }

    /// Whether an answer of `S403TE` teaches the server's time, and the request is then signed and
    /// sent once more. Default: [`ClockLearning::Off`].
    #[must_use]
    pub fn with_clock_learning(self, learning: ClockLearning) -> Self {
        self.change(|settings| settings.set_learning(learning))
    }

    fn change(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

impl<S> Layer<S> for SignLayer {
    type Service = Sign<S>;

    fn layer(&self, inner: S) -> Sign<S> {
        Sign::new(inner, Arc::clone(&self.settings))
    }
}
