//! The request's body, as the inner service gets it.

use std::fmt;
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

use super::own_headers::OwnHeaders;
use crate::error::{ErrorCode, Rejection};
use crate::protocol::BodyLength;

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A request's body after verification: the same bytes, trailers and size hint as before.
///
/// What was read to be verified is handed on from memory, in one frame; what was not is streamed. A
/// streamed body that turns out longer than the limit ends in [`BodyTooLong`], and the layer
/// answers `I413RL` whatever the inner service makes of that.
pub struct RequestBody<B> {
    inner: B,
    state: Inner,
    read: Read,
    // Boxed, because few bodies have any, and the whole is moved on from hand to hand.
    trailers: Option<Box<HeaderMap>>,
    hint: SizeHint,
    allowance: Option<Arc<Allowance>>,
    own_headers: Option<OwnHeaders>,
}

enum Inner {
    Open,
    Ended,
    /// It failed while it was read for verification; whoever reads it next gets the error.
    Failed(BoxError),
}

/// What was read ahead. A body that came in one piece is not copied; one that came in many becomes
/// one, because a frame's bookkeeping would be many times the size of a one-byte chunk.
enum Read {
    Nothing,
    One(Bytes),
    Many(BytesMut),
}

/// How much may still be streamed, for the body that spends it and the layer that asks.
#[derive(Debug)]
pub(super) struct Allowance {
    left: AtomicU64,
    exceeded: AtomicBool,
}

impl Allowance {
    fn spend(&self, len: u64) -> Result<(), BodyTooLong> {
        let left = self.left.load(Ordering::Relaxed).checked_sub(len).ok_or_else(|| {
            self.exceeded.store(true, Ordering::Relaxed);
            BodyTooLong
        })?;
        self.left.store(left, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn is_exceeded(&self) -> bool {
        self.exceeded.load(Ordering::Relaxed)
    }
}

/// The body could not be read: its sender failed or went away.
#[derive(Debug)]
pub(super) struct Unreadable;

impl From<Unreadable> for Rejection {
    fn from(_: Unreadable) -> Self {
        Self::new(ErrorCode::I400BD).with("it ended early")
    }
}

/// The body is longer than [`Limits::max_body`](crate::verify::Limits::max_body) allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is longer than the limit")]
pub struct BodyTooLong;

impl<B> RequestBody<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    pub(super) fn new(inner: B) -> Self {
        let hint = inner.size_hint();
        let state = Inner::Open;
        let (read, trailers, allowance) = (Read::Nothing, None, None);
        Self { inner, state, read, trailers, hint, allowance, own_headers: None }
    }

    /// What is known of the body's length without reading it.
    pub(super) fn length(&self) -> BodyLength {
        match self.hint.exact() {
            _ if self.inner.is_end_stream() => BodyLength::Empty,
            Some(length) => BodyLength::Known(length),
            None => BodyLength::Unknown,
        }
    }

    /// `I413RL` if the body is known to be longer than `max` bytes.
    #[cfg(feature = "jwt")]
    pub(super) fn check_length(&self, max: u64) -> Result<(), Rejection> {
        match self.length() {
            BodyLength::Known(length) if length > max => Err(ErrorCode::I413RL.into()),
            _ => Ok(()),
        }
    }

    /// What was read ahead, to be kept.
    pub(super) fn whole(&mut self) -> Bytes {
        if let Read::Many(bytes) = &mut self.read {
            self.read = Read::One(mem::take(bytes).freeze());
        }
        match &self.read {
            Read::One(bytes) => bytes.clone(),
            Read::Nothing | Read::Many(_) => Bytes::new(),
        }
    }

    /// Reads on and keeps what it read. `None` at the end of the body.
    pub(super) async fn read_on(&mut self) -> Result<Option<Bytes>, Unreadable> {
        loop {
            match self.state {
                Inner::Open => {}
                Inner::Ended => return Ok(None),
                Inner::Failed(_) => return Err(Unreadable),
            }
            match poll_fn(|cx| Pin::new(&mut self.inner).poll_frame(cx)).await {
                None => self.state = Inner::Ended,
                Some(Err(error)) => self.state = Inner::Failed(error.into()),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => {
                        let expected = self.hint.exact().and_then(|len| usize::try_from(len).ok());
                        self.read.push(data.clone(), expected.unwrap_or_default());
                        return Ok(Some(data));
                    }
                    Err(frame) => self.trailers = frame.into_trailers().ok().map(Box::new),
                },
            }
        }
    }

    /// All that was read.
    pub(super) fn bytes_read(&self) -> &[u8] {
        match &self.read {
            Read::Nothing => &[],
            Read::One(bytes) => bytes,
            Read::Many(bytes) => bytes,
        }
    }

    /// Bounds what is still to be streamed.
    pub(super) fn limit_to(&mut self, left: u64) -> Arc<Allowance> {
        let (left, exceeded) = (AtomicU64::new(left), AtomicBool::new(false));
        let allowance = Arc::new(Allowance { left, exceeded });
        self.allowance = Some(Arc::clone(&allowance));
        allowance
    }

    /// Removes trailers of these names: an identity is not spoofed there either.
    pub(super) fn strip_trailers(&mut self, names: OwnHeaders) {
        self.own_headers = Some(names);
    }

    fn poll_inner(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match std::mem::replace(&mut self.state, Inner::Ended) {
            Inner::Ended => return Poll::Ready(None),
            Inner::Failed(error) => return Poll::Ready(Some(Err(error))),
            Inner::Open => self.state = Inner::Open,
        }
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if frame.is_none() {
            self.state = Inner::Ended;
        }
        if let (Some(Ok(frame)), Some(allowance)) = (&frame, &self.allowance) {
            let len = frame.data_ref().map_or(0, |data| as_u64(data.len()));
            if let Err(too_long) = allowance.spend(len) {
                self.state = Inner::Ended;
                return Poll::Ready(Some(Err(too_long.into())));
            }
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }
}

/// How much was read ahead, not what.
impl<B> fmt::Debug for RequestBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let read = match &self.read {
            Read::Nothing => 0,
            Read::One(bytes) => bytes.len(),
            Read::Many(bytes) => bytes.len(),
        };
        f.debug_struct("RequestBody").field("read", &read).field("hint", &self.hint).finish()
    }
}

impl Read {
    /// `expected` bytes are promised in all. Room is made for eight times what has arrived, at most.
    fn push(&mut self, data: Bytes, expected: usize) {
        *self = match std::mem::replace(self, Self::Nothing) {
            Self::Nothing => Self::One(data),
            Self::One(first) => {
                let arrived = first.len() + data.len();
                let room = expected.clamp(arrived * 2, arrived * 8);
                let mut all = BytesMut::with_capacity(room);
                all.extend_from_slice(&first);
                all.extend_from_slice(&data);
                Self::Many(all)
            }
            Self::Many(mut all) => {
                all.extend_from_slice(&data);
                Self::Many(all)
            }
        }
    }

    fn take(&mut self) -> Option<Bytes> {
        match std::mem::replace(self, Self::Nothing) {
            Self::Nothing => None,
            Self::One(bytes) => Some(bytes),
            Self::Many(bytes) => Some(bytes.freeze()),
        }
        .filter(|bytes| !bytes.is_empty())
    }
}

impl<B> Body for RequestBody<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let mut frame = match this.read.take() {
            Some(bytes) => Some(Ok(Frame::data(bytes))),
            None => match this.trailers.take() {
                Some(trailers) => Some(Ok(Frame::trailers(*trailers))),
                None => ready!(this.poll_inner(cx)),
            },
        };
        if let Some(Ok(frame)) = &mut frame {
            if let Some(data) = frame.data_ref() {
                this.hint = less(&this.hint, as_u64(data.len()));
            }
            if let (Some(own), Some(trailers)) = (&this.own_headers, frame.trailers_mut()) {
                own.strip(trailers);
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        let inner_ended = match &self.state {
            Inner::Open => self.inner.is_end_stream(),
            Inner::Ended => true,
            Inner::Failed(_) => false,
        };
        inner_ended && self.trailers.is_none() && self.bytes_read().is_empty()
    }

    /// The hint of the original body, less what was handed on: a body of unknown length stays one,
    /// so that a proxy behind the layer sends it, and its trailers, as it came.
    fn size_hint(&self) -> SizeHint {
        self.hint
    }
}

fn less(hint: &SizeHint, delivered: u64) -> SizeHint {
    let mut rest = SizeHint::new();
    if let Some(upper) = hint.upper() {
        rest.set_upper(upper.saturating_sub(delivered));
    }
    rest.set_lower(hint.lower().saturating_sub(delivered));
    rest
}

fn as_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
