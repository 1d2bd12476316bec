//! Reads bodies for verification, bounded in length, in time, and in what strangers may make the
//! service hold.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use bytes::Bytes;
use http_body::Body;
use tokio::time::timeout;

use super::RequestBody;
use super::request_body::BoxError;
use crate::error::{ErrorCode, Rejection};
use crate::verify::{FormReservation, Limits};

/// Reads a body whose sender is not known yet: `I413RL` over `limit` bytes, `X503BZ` if there is no
/// room.
pub(super) async fn read_whole<B>(
    body: &mut RequestBody<B>,
    limit: u64,
    limits: &Limits,
    held: &mut FormReservation,
) -> Result<(), Rejection>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let read = async {
        while let Some(bytes) = body.read_on().await? {
            if body.bytes_read().len() > limit {
                return Err(ErrorCode::I413RL.into());
            }
            held.hold(bytes.len())?;
        }
        Ok(())
    };
    in_time(limits, pin!(read)).await
}

/// Shows the body to a check: what was read before, and the rest as it arrives.
pub(super) async fn feed<B, E>(
    body: &mut RequestBody<B>,
    limits: &Limits,
    mut check: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E>
where
    E: From<Rejection>,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    check(body.bytes_read())?;
    let rest = async {
        while let Some(bytes) = body.read_on().await.map_err(Rejection::from)? {
            check(&bytes)?;
        }
        Ok(())
    };
    in_time(limits, pin!(rest)).await
}

/// `I400BD` for a body that is too slow.
async fn in_time<E: From<Rejection>>(
    limits: &Limits,
    mut read: Pin<&mut impl Future<Output = Result<(), E>>>,
) -> Result<(), E> {
    // What is there already needs no timer, and no room for one.
    if let Poll::Ready(read) = poll_fn(|cx| Poll::Ready(read.as_mut().poll(cx))).await {
        return read;
    }
    Box::pin(timeout(limits.body_read_timeout, read)).await.unwrap_or_else(|_elapsed| {
        Err(Rejection::new(ErrorCode::I400BD).with("it did not arrive in time").into())
    })
}
