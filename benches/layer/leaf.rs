//! A service that does next to nothing, and the requests that it gets.

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt::Debug;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Empty};

use crate::request::Signed;

/// Reads what there is to read, and answers nothing.
pub(crate) async fn leaf<B>(request: Request<B>) -> Result<Response<Empty<Bytes>>, Infallible>
where
    B: Body<Data = Bytes, Error: Debug> + Unpin,
{
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        black_box(frame.unwrap());
    }
    Ok(Response::new(Empty::new()))
}

/// A body as a socket gives it: in pieces that are not copied.
pub(crate) struct Pieces {
    rest: Bytes,
    largest: usize,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let len = this.rest.len().min(this.largest);
        Poll::Ready((len > 0).then(|| Ok(Frame::data(this.rest.split_to(len)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

/// A request for one call. Its body is kept, so that no call is charged for giving it back.
pub(crate) struct Call {
    request: Cell<Option<Request<Pieces>>>,
    _body: Bytes,
}

impl Call {
    pub(crate) fn new(signed: Signed, largest: usize) -> Self {
        let body = Bytes::from(signed.body);
        let mut request = Request::new(Pieces { rest: body.clone(), largest });
        *request.method_mut() = signed.method;
        *request.uri_mut() = signed.target;
        *request.headers_mut() = signed.headers;
        Self { request: Cell::new(Some(request)), _body: body }
    }

    pub(crate) fn take(&self) -> Request<Pieces> {
        self.request.take().unwrap()
    }
}
