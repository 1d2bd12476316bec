//! Bodies of clients: streams, and what says more of itself than it should.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::{Iter, Pending};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use http_body_util::StreamBody;

pub(crate) type Piece = Result<Frame<Bytes>, std::io::Error>;
pub(crate) type Pieces = StreamBody<Iter<std::vec::IntoIter<Piece>>>;

/// A stream of these frames, whose length nobody tells.
pub(crate) fn frames(frames: Vec<Piece>) -> Pieces {
    StreamBody::new(futures_util::stream::iter(frames))
}

/// A stream of these pieces.
pub(crate) fn stream(pieces: &[&'static str]) -> Pieces {
    let data = |piece: &&'static str| Frame::data(Bytes::from_static(piece.as_bytes()));
    frames(pieces.iter().map(|piece| Ok(data(piece))).collect())
}

/// A piece and a trailer.
pub(crate) fn with_trailer(piece: &'static str) -> Pieces {
    frames(vec![
        Ok(Frame::data(Bytes::from_static(piece.as_bytes()))),
        Ok(Frame::trailers(trailer())),
    ])
}

pub(crate) fn trailer() -> HeaderMap {
    let name = http::HeaderName::from_static("x-checksum");
    HeaderMap::from_iter([(name, http::HeaderValue::from_static("1"))])
}

/// A stream that never comes.
pub(crate) fn never() -> StreamBody<Pending<Piece>> {
    StreamBody::new(futures_util::stream::pending())
}

/// A body that says how long it is, true or not.
pub(crate) struct Announced<B>(pub(crate) u64, pub(crate) B);

impl<B: Body + Unpin> Body for Announced<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.1).poll_frame(cx)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}
