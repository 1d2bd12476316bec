//! What is run: a service, and how it is served.

use std::pin::Pin;

use super::serve::Serving;

pub(crate) struct Server<S> {
    pub(crate) service: S,
    pub(crate) serving: Serving,
    /// What else is told when it listens, in whole lines.
    pub(crate) announcement: String,
    /// What is done between the signal to stop and the end of listening.
    pub(crate) before_stop: Pin<Box<dyn Future<Output = ()> + Send>>,
}
