//! What was counted and gauged, on the thread that did the work.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};

use crate::log::logged;

/// Counters, by the text of a counter's name and labels.
#[derive(Clone, Default)]
struct Counts(Arc<Mutex<Vec<(String, Count)>>>, Arc<Mutex<BTreeMap<String, Count>>>);

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

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        assert_eq!(key.labels().count(), 0);
        let mut gauges = self.1.lock().unwrap();
        let gauge = gauges.entry(key.name().to_owned()).or_default();
        Gauge::from_arc(Arc::clone(gauge))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

/// Runs `work` and returns the last values of the gauges.
pub(crate) fn gauged(work: impl Future<Output = ()>) -> Vec<(String, f64)> {
    let counts = Counts::default();
    metrics::with_local_recorder(&counts, || logged(work));
    let gauges = counts.1.lock().unwrap();
    let value = |gauge: &Count| f64::from_bits(gauge.load(Ordering::SeqCst));
    gauges.iter().map(|(name, gauge)| (name.clone(), value(gauge))).collect()
}

/// Runs `work` and returns what the layers counted.
pub(crate) fn counted(work: impl Future<Output = ()>) -> Vec<String> {
    let mut counts = all_counted(work);
    counts.retain(|count| !count.starts_with(REPLAY));
    counts
}

/// Runs `work` and returns what the replay store counted.
pub(crate) fn counted_by_store(work: impl Future<Output = ()>) -> Vec<String> {
    let mut counts = all_counted(work);
    counts.retain(|count| count.starts_with(REPLAY));
    counts
}

const REPLAY: &str = "countersign_replay_";

fn all_counted(work: impl Future<Output = ()>) -> Vec<String> {
    let counts = Counts::default();
    metrics::with_local_recorder(&counts, || logged(work));
    counts.all()
}
