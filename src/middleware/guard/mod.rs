//! What all layers are: a Tower service around another, with a [`Gate`] that knows the credentials.
//!
//! 1. The gate verifies the request, in a span that names it.
//! 2. The outcome is logged and counted; the hook is told of a refusal.
//! 3. Refused: answered, unless refusals are only observed.
//! 4. Else the request is handed on: without what a caller or an outer layer said of it, with what
//!    the gate verified, and with a bound on a body of unknown length.
//! 5. If the service failed, and the layer is told so, the claims are taken back ([`Release`]).
//! 6. The response gets the request's id, and what the options say; a handler's rejection is
//!    rendered.

mod answer;
mod check;
mod future;
mod gate;
mod held;
mod layer;
mod options;
mod release;
mod service;

pub use future::ResponseFuture;
pub(super) use gate::{Gate, PresentedCredential};
pub(super) use held::Held;
pub use layer::GuardLayer;
pub use options::{CacheControl, Enforcement, RejectionContext};
pub use release::Release;
pub(super) use release::Releasing;
pub use service::Guard;
