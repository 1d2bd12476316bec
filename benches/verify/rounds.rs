//! Rows that take turns.

use crate::cpu;
use crate::request::Signed;

const ROUNDS: usize = 120;
/// Rounds before those that count.
const WARM_UP: usize = 10;

type Work<'a> = Box<dyn Fn(&[Signed]) + 'a>;

/// A candidate: what it does with a batch of fresh requests.
pub(crate) struct Row<'a> {
    name: &'static str,
    run: Work<'a>,
    prepare: Work<'a>,
    change: fn(&mut Signed),
}

impl<'a> Row<'a> {
    pub(crate) fn new(name: &'static str, run: impl Fn(&[Signed]) + 'a) -> Self {
        Self { name, run: Box::new(run), prepare: Box::new(|_| {}), change: |_| {} }
    }

    /// Changes each request after it is signed, untimed.
    pub(crate) fn changing(self, change: fn(&mut Signed)) -> Self {
        Self { change, ..self }
    }

    /// Does something with the batch first, untimed.
    pub(crate) fn prepared(self, prepare: impl Fn(&[Signed]) + 'a) -> Self {
        Self { prepare: Box::new(prepare), ..self }
    }
}

/// Prints the rows beside the first.
pub(crate) fn compare(title: &str, batch: usize, sign: impl Fn(u64) -> Signed, rows: Vec<Row<'_>>) {
    let mut numbers = 0..;
    let mut samples = vec![Vec::with_capacity(ROUNDS); rows.len()];
    for round in 0..WARM_UP + ROUNDS {
        for turn in 0..rows.len() {
            let at = (turn + round) % rows.len();
            let row = &rows[at];
            let requests: Vec<_> = numbers
                .by_ref()
                .take(batch)
                .map(|number| {
                    let mut request = sign(number);
                    (row.change)(&mut request);
                    request
                })
                .collect();
            (row.prepare)(&requests);
            let start = cpu::now();
            (row.run)(&requests);
            let nanos = (cpu::now() - start).as_nanos() as f64 / batch as f64;
            if round >= WARM_UP {
                samples[at].push(nanos);
            }
        }
    }
    println!("\n{title}");
    println!("{:<28}{:>12}{:>12}{:>9}", "", "min ns", "median ns", "ratio");
    for (row, taken) in rows.iter().zip(&samples) {
        let ratios = taken.iter().zip(&samples[0]).map(|(ours, first)| ours / first);
        let min = taken.iter().copied().fold(f64::INFINITY, f64::min);
        let (median, ratio) = (median(taken.iter().copied()), median(ratios));
        println!("{:<28}{min:>12.0}{median:>12.0}{ratio:>9.2}", row.name);
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
