//! Whose turn it is while a request is sent, so that who is slow is told by the right code.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use countersign::error::{ErrorCode, Rejection};
use tokio::sync::Notify;

const SERVICE: u8 = 0;
const CALLER: u8 = 1;
const STALLED: u8 = 2;
const FAILED: u8 = 3;

/// How far a request's body has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    turn: AtomicU8,
    moved: Notify,
}

impl Progress {
    pub(crate) fn wait_for_caller(&self) {
        self.turn.store(CALLER, Ordering::Relaxed);
    }

    pub(crate) fn advance(&self) {
        self.turn.store(SERVICE, Ordering::Relaxed);
        self.moved.notify_one();
    }

    pub(crate) fn stall(&self) {
        self.turn.store(STALLED, Ordering::Relaxed);
    }

    pub(crate) fn fail(&self) {
        self.turn.store(FAILED, Ordering::Relaxed);
    }

    /// What the caller did wrong, if it did.
    pub(crate) fn fault(&self) -> Option<Rejection> {
        let reason = match self.turn.load(Ordering::Relaxed) {
            STALLED => "it did not arrive in time",
            FAILED => "it ended early",
            _ => return None,
        };
        Some(Rejection::new(ErrorCode::I400BD).with(reason))
    }

    /// Waits for the service's answer. It has `limit` from the last byte that it was sent; while the
    /// caller is to send the next, its time does not run.
    ///
    /// # Errors
    ///
    /// `D504TO`.
    pub(crate) async fn answer<T>(
        &self,
        limit: Duration,
        answer: impl Future<Output = T>,
    ) -> Result<T, Rejection> {
        let mut answer = std::pin::pin!(answer);
        loop {
            tokio::select! {
                biased;
                answer = &mut answer => return Ok(answer),
                () = self.moved.notified() => {}
                () = tokio::time::sleep(limit) => {
                    if self.turn.load(Ordering::Relaxed) != CALLER {
                        return Err(ErrorCode::D504TO.into());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::sleep;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn the_service_has_its_time_from_the_last_byte() {
        let progress = Progress::default();
        let answer = async {
            for _ in 0..5 {
                sleep(LIMIT - Duration::from_secs(1)).await;
                progress.advance();
            }
            "answer"
        };
        assert_eq!(progress.answer(LIMIT, answer).await.unwrap(), "answer");
        let late = progress.answer(LIMIT, pending::<()>()).await.unwrap_err();
        assert_eq!(late.code(), ErrorCode::D504TO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_is_not_late_while_the_caller_is() {
        let progress = Progress::default();
        progress.wait_for_caller();
        let answer = async {
            sleep(LIMIT * 10).await;
            progress.stall();
        };
        progress.answer(LIMIT, answer).await.unwrap();
        let fault = progress.fault().unwrap();
        assert_eq!(fault.message(), "Invalid Body: it did not arrive in time");
    }
}
