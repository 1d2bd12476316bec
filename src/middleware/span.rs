//! The span of a verification (`tracing` feature).

use super::RequestId;

/// Which layer a span is of.
#[derive(Clone, Copy, Debug)]
pub(super) enum LayerName {
    App,
    Backend,
    OpenApi,
    #[cfg(feature = "jwt")]
    Jwt,
    #[cfg(feature = "jwt")]
    JwtAndApp,
}

/// Runs the verification in a span that names the layer and the request's id.
#[cfg(not(feature = "tracing"))]
pub(super) fn in_span<F: Future>(_: LayerName, _: &RequestId, verification: F) -> F {
    verification
}

#[cfg(feature = "tracing")]
pub(super) use spanned::in_span;

#[cfg(feature = "tracing")]
mod spanned {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use pin_project_lite::pin_project;
    use tracing::{Span, debug_span};

    use super::{LayerName, RequestId};

    /// Runs the verification in a span that names the layer and the request's id.
    pub(in crate::middleware) fn in_span<F: Future>(
        layer: LayerName,
        request_id: &RequestId,
        verification: F,
    ) -> InSpan<F> {
        let span = match layer {
            LayerName::App => debug_span!("app_auth", %request_id),
            LayerName::Backend => debug_span!("backend_signature", %request_id),
            LayerName::OpenApi => debug_span!("openapi", %request_id),
            #[cfg(feature = "jwt")]
            LayerName::Jwt => debug_span!("jwt_auth", %request_id),
            #[cfg(feature = "jwt")]
            LayerName::JwtAndApp => debug_span!("jwt_app_auth", %request_id),
        };
        let span = (!span.is_none()).then(|| Box::new(span));
        InSpan { verification: Some(verification), span }
    }

    pin_project! {
        /// [`Instrumented`](tracing::instrument::Instrumented) with room for a pointer only, because
        /// mostly nobody listens at this level.
        pub(in crate::middleware) struct InSpan<F> {
            #[pin]
            verification: Option<F>,
            span: Option<Box<Span>>,
        }

        /// Given up, it ends in the span, too.
        impl<F> PinnedDrop for InSpan<F> {
            fn drop(this: Pin<&mut Self>) {
                let mut this = this.project();
                let _entered = this.span.as_ref().map(|span| span.enter());
                this.verification.set(None);
            }
        }
    }

    impl<F: Future> Future for InSpan<F> {
        type Output = F::Output;

        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
            let this = self.project();
            let _entered = this.span.as_ref().map(|span| span.enter());
            match this.verification.as_pin_mut() {
                Some(verification) => verification.poll(cx),
                // Only who drops it takes it out.
                None => Poll::Pending,
            }
        }
    }
}
