//! What the crate itself warns of while a server runs, as lines on stderr.
//!
//! Shown is what happens now and then and is for the operator: a store that is down, back, full or
//! new, a file or a key set that cannot be used. Not shown is what a request causes: whoever sends
//! many would fill the disk. A refusal is in the answer, and counted.

use std::fmt;
use std::io;

use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, Layer as Lines};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Begins to tell, for as long as the process lives.
pub(crate) fn install(name: &str) {
    let lines = Lines::new()
        .event_format(Line { name: name.to_owned() })
        // Nobody is there to be told that nobody is there.
        .log_internal_errors(false)
        .with_ansi(false)
        .with_writer(io::stderr);
    let shown = Targets::new()
        .with_target("countersign", LevelFilter::WARN)
        .with_target("countersign::middleware", LevelFilter::OFF)
        // `state` says it with the file's name.
        .with_target("countersign::store::memory_replay::telemetry", LevelFilter::OFF);
    // It fails only if somebody listens already.
    let _ = tracing_subscriber::registry().with(lines.with_filter(shown)).try_init();
}

/// `NAME: warning: MESSAGE FIELD=VALUE…`
struct Line {
    name: String,
}

impl<S, F> FormatEvent<S, F> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    F: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, F>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        write!(writer, "{}: warning: ", self.name)?;
        context.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}
