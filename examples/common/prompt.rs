//! A connection that is not kept waiting. The HTTP server below has no patience of its own in two
//! places:
//!
//! 1. Until it knows whether HTTP/1 or HTTP/2 is spoken, which the first bytes tell.
//! 2. While the other side takes nothing of what is written.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// What an HTTP/2 connection begins with (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A connection whose other side must not be late.
pub(crate) struct Prompt<S> {
    stream: S,
    /// The time for the first bytes, and how much of [`PREFACE`] they are so far.
    opening: Option<(Pin<Box<Sleep>>, usize)>,
    pause: Duration,
    blocked: Option<Pin<Box<Sleep>>>,
}

impl<S: Unpin> Prompt<S> {
    pub(crate) fn new(stream: S, opening: Duration, pause: Duration) -> Self {
        let opening = Some((Box::pin(sleep(opening)), 0));
        Self { stream, opening, pause, blocked: None }
    }

    /// Whether more of the preface is to come after these bytes.
    fn read(&mut self, bytes: &[u8]) {
        self.opening = self.opening.take().and_then(|(timer, seen)| {
            let rest = PREFACE.get(seen..).unwrap_or_default();
            let goes_on = rest.len() > bytes.len() && rest.starts_with(bytes);
            goes_on.then_some((timer, seen + bytes.len()))
        });
    }

    /// An attempt to write; too late if none has succeeded for a while.
    fn write<T>(
        &mut self,
        cx: &mut Context<'_>,
        attempt: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let attempted = attempt(Pin::new(&mut self.stream), cx);
        if attempted.is_ready() {
            self.blocked = None;
            return attempted;
        }
        let pause = self.pause;
        let blocked = self.blocked.get_or_insert_with(|| Box::pin(sleep(pause)));
        blocked.as_mut().poll(cx).map(|()| Err(late()))
    }
}

fn late() -> io::Error {
    ErrorKind::TimedOut.into()
}

impl<S: AsyncRead + Unpin> AsyncRead for Prompt<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        if read.is_ready() {
            this.read(buffer.filled().get(before..).unwrap_or_default());
            return read;
        }
        match &mut this.opening {
            Some((timer, _)) => timer.as_mut().poll(cx).map(|()| Err(late())),
            None => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prompt<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().write(cx, |stream, cx| stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().write(cx, |stream, cx| stream.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().write(cx, |stream, cx| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().write(cx, |stream, cx| stream.poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// What the server reads of a client that sends these pieces, a little less than half of the time
    /// for the first bytes apart, and then nothing for two hours.
    async fn read(pieces: &'static [&'static [u8]]) -> Result<Vec<u8>, ErrorKind> {
        let (mut client, server) = duplex(1024);
        let mut server = Prompt::new(server, 30 * SECOND, SECOND);
        tokio::spawn(async move {
            for piece in pieces {
                sleep(14 * SECOND).await;
                client.write_all(piece).await.unwrap();
            }
            sleep(7200 * SECOND).await;
        });
        let mut all = Vec::new();
        server.read_to_end(&mut all).await.map(|_| all).map_err(|error| error.kind())
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_bytes_must_tell_the_protocol_in_time() {
        assert_eq!(read(&[b""]).await, Err(ErrorKind::TimedOut));
        assert_eq!(read(&[b"PRI", b" * HTTP"]).await, Err(ErrorKind::TimedOut));
        // How long the rest takes is for the server, which knows then what it waits for.
        assert_eq!(read(&[b"P", b"OST"]).await.unwrap(), b"POST");
        assert_eq!(read(&[b"GET", b" /", b" HTTP"]).await.unwrap(), b"GET / HTTP");
        assert_eq!(read(&[PREFACE, b"frames"]).await.unwrap().len(), PREFACE.len() + 6);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_written_must_be_taken() {
        let (mut client, server) = duplex(4);
        let mut server = Prompt::new(server, SECOND, 30 * SECOND);
        let reads = async {
            for _ in 0..4 {
                sleep(20 * SECOND).await;
                client.read_exact(&mut [0; 4]).await.unwrap();
            }
            client
        };
        let writes = async { server.write_all(&[0; 20]).await };
        let (written, _client) = tokio::join!(writes, reads);
        assert!(written.is_ok(), "slowly");
        assert_eq!(server.write_all(&[0; 20]).await.unwrap_err().kind(), ErrorKind::TimedOut);
    }
}
