//! Rows that take turns.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{cpu, record};

const ROUNDS: usize = 120;
/// Rounds before those that count.
const WARM_UP: usize = 10;

/// No number is given twice in a process: what is made of one is new to every store.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

pub(crate) fn numbers(count: usize) -> Range<u64> {
    let first = NUMBERS.fetch_add(count as u64, Ordering::Relaxed);
    first..first + count as u64
}

/// A candidate: how its things are made of their numbers, untimed, and what it does with them, timed.
pub(crate) struct Row<'a> {
    name: String,
    turn: Box<dyn Fn(usize) -> Duration + 'a>,
    batch: Option<usize>,
}

impl<'a> Row<'a> {
    pub(crate) fn new<T>(
        name: impl Into<String>,
        make: impl Fn(u64) -> T + 'a,
        run: impl Fn(&[T]) + 'a,
    ) -> Self {
        Self::prepared(name, make, |_| {}, run)
    }

    /// Does something with the batch first, untimed.
    pub(crate) fn prepared<T>(
        name: impl Into<String>,
        make: impl Fn(u64) -> T + 'a,
        prepare: impl Fn(&[T]) + 'a,
        run: impl Fn(&[T]) + 'a,
    ) -> Self {
        let turn = move |batch| {
            let things: Vec<T> = numbers(batch).map(&make).collect();
            prepare(&things);
            let start = cpu::now();
            run(&things);
            cpu::now() - start
        };
        Self { name: name.into(), turn: Box::new(turn), batch: None }
    }

    /// So many at once, whatever the others of the table take.
    pub(crate) fn in_batches_of(self, batch: usize) -> Self {
        Self { batch: Some(batch), ..self }
    }
}

/// Prints the rows beside the first.
pub(crate) fn compare(title: &str, batch: usize, rows: &[Row<'_>]) {
    let mut samples = vec![Vec::with_capacity(ROUNDS); rows.len()];
    for round in 0..WARM_UP + ROUNDS {
        for turn in 0..rows.len() {
            let at = (turn + round) % rows.len();
            let batch = rows[at].batch.unwrap_or(batch);
            let nanos = (rows[at].turn)(batch).as_nanos() as f64 / batch as f64;
            if round >= WARM_UP {
                samples[at].push(nanos);
            }
        }
    }
    let names = rows.iter().map(|row| row.name.as_str());
    report(title, &names.zip(samples).collect::<Vec<_>>());
}

/// The table of samples that were taken in rounds, in nanoseconds.
pub(crate) fn report(title: &str, rows: &[(&str, Vec<f64>)]) {
    let Some((_, first)) = rows.first() else { return };
    let widest = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max(28);
    println!("\n{title}");
    println!("{:<widest$}{:>12}{:>12}{:>9}", "", "min ns", "median ns", "ratio");
    for (name, taken) in rows {
        let ratios = taken.iter().zip(first).map(|(ours, first)| ours / first);
        let min = taken.iter().copied().fold(f64::INFINITY, f64::min);
        let (median, ratio) = (median(taken.iter().copied()), median(ratios));
        println!("{name:<widest$}{min:>12.0}{median:>12.0}{ratio:>9.2}");
        record::time(title, name, min, median, ratio);
    }
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
