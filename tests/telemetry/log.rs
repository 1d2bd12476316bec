//! What was logged, on the thread that did the work.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

thread_local! {
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Runs `work` and returns what was logged, down to the finest level.
///
/// Every request of these tests is sent in here. So the one subscriber of the process is there before
/// the crate's first event, and stays.
pub(crate) fn logged(work: impl Future<Output = ()>) -> String {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(listen);
    LOG.take();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(work);
    String::from_utf8(LOG.take()).unwrap()
}

fn listen() {
    tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .with_span_events(FmtSpan::FULL)
        .with_writer(|| ThisThread)
        .init();
}

/// Writes into the log of the thread it is on.
struct ThisThread;

impl io::Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
