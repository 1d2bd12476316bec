//! What was counted, on the thread that did the work.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};

use crate::log::logged;

/// Counters, by the text of a counter's name and labels.
#[derive(Clone, Default)]
struct Counts(Arc<Mutex<Vec<(String, Count)>>>);

type Count = Arc<AtomicU64>;

impl Counts {
    fn all(&self) -> Vec<String> {
        let counts = self.0.lock().unwrap();
        let total = |count: &Count| count.load(Ordering::SeqCst);
        let mut all: Vec<_> =
            counts.iter().map(|(name, count)| format!("{name} {}", total(count))).collect();
        all.sort();
        all
    }
}

impl metrics::Recorder for Counts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels: Vec<_> =
            key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        let mut counts = self.0.lock().unwrap();
        if let Some((_, count)) = counts.iter().find(|(known, _)| *known == name) {
            return Counter::from_arc(Arc::clone(count));
        }
        let count = Arc::new(AtomicU64::new(0));
        counts.push((name, Arc::clone(&count)));
        Counter::from_arc(count)
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

/// Runs `work` and returns what was counted.
pub(crate) fn counted(work: impl Future<Output = ()>) -> Vec<String> {
    let counts = Counts::default();
    metrics::with_local_recorder(&counts, || logged(work));
    counts.all()
}
