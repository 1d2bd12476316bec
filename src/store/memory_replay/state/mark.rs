//! The mark: no request signed after it is accepted before it has moved on, on disk.

use std::sync::PoisonError;
use std::time::Duration;

use super::error::StateFileError;
use crate::clock::{Clock, UnixMillis};
use crate::store::StoreError;
use crate::store::memory_replay::sync::{AtomicU64, Mutex, MutexGuard, Ordering};

/// How long a write that failed is not tried again: a full disk would else see a try per claim.
const RETRY: Duration = Duration::from_secs(1);

/// Where the mark is kept.
pub(in super::super) trait WriteMark {
    /// Returns when the mark is durable.
    fn write_mark(&mut self, mark: UnixMillis) -> Result<(), StateFileError>;
}

/// The largest time of signing that may have been accepted.
///
/// It runs ahead of the claims in steps: one claim in a step moves it, the others pass by.
pub(in super::super) struct Mark<W> {
    durable: AtomicU64,
    step: Duration,
    writer: Mutex<Writer<W>>,
}

struct Writer<W> {
    file: W,
    failed: Option<Failure>,
}

struct Failure {
    at: Duration,
    error: StoreError,
}

impl<W: WriteMark> Mark<W> {
    pub(in super::super) fn new(durable: UnixMillis, step: Duration, file: W) -> Self {
        let writer = Mutex::new(Writer { file, failed: None });
        Self { durable: AtomicU64::new(durable.get()), step, writer }
    }

    pub(in super::super) fn get(&self) -> UnixMillis {
        UnixMillis::new(self.durable.load(Ordering::Acquire))
    }

    /// Returns when `at` is not after the durable mark.
    ///
    /// A claim that comes within half a step of the mark moves it on while the others have room
    /// left, so that nobody waits but the one that writes. If they come faster than the disk, they
    /// wait for that one write.
    pub(in super::super) fn cover(
        &self,
        at: UnixMillis,
        clock: &dyn Clock,
    ) -> Result<(), StoreError> {
        if self.is_ample(at) {
            return Ok(());
        }
        let mut writer = if at <= self.get() {
            match self.writer.try_lock() {
                Ok(writer) => writer,
                Err(_) => return Ok(()),
            }
        } else {
            self.lock()
        };
        // Another claim may have moved it meanwhile.
        if self.is_ample(at) {
            return Ok(());
        }
        let next = at.saturating_add(self.step);
        match writer.write(next, clock.monotonic()) {
            Ok(()) => self.durable.store(next.get(), Ordering::Release),
            Err(_) if at <= self.get() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The file, once no claim is moving the mark.
    pub(super) fn with_file<T>(&self, work: impl FnOnce(&mut W) -> T) -> T {
        work(&mut self.lock().file)
    }

    fn is_ample(&self, at: UnixMillis) -> bool {
        at.saturating_add(self.step / 2) <= self.get()
    }

    /// A thread that panicked in here has not moved the mark.
    fn lock(&self) -> MutexGuard<'_, Writer<W>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: WriteMark> Writer<W> {
    fn write(&mut self, mark: UnixMillis, now: Duration) -> Result<(), StoreError> {
        if let Some(failure) = self.failed.as_ref().filter(|failure| now < failure.at + RETRY) {
            return Err(failure.error.clone());
        }
        let written = self.file.write_mark(mark).map_err(StoreError::unavailable);
        self.failed = written.clone().err().map(|error| Failure { at: now, error });
        written
    }
}
