//! What is compared: how its requests are made, and what is done with one.

use std::cell::RefCell;

use allocation_counter::measure;
use http::{Request, Response};
use tower::Service;

use crate::harness::ready::ready;
use crate::harness::record;
use crate::harness::rounds::{Row, compare, numbers};
use crate::leaf::{Call, Pieces};
use crate::request::Signed;

const CALLS: usize = 101;

/// A candidate, of which both the time and the allocations are told.
pub(crate) struct Case<'a> {
    row: Row<'a>,
    allocations: Box<dyn Fn() -> u64 + 'a>,
    name: &'static str,
}

impl<'a> Case<'a> {
    pub(crate) fn new<T: 'a>(
        name: &'static str,
        make: impl Fn(u64) -> T + Clone + 'a,
        run: impl Fn(&T) + Clone + 'a,
    ) -> Self {
        let allocations = usual(make.clone(), run.clone());
        let row = Row::new(name, make, move |all: &[T]| all.iter().for_each(&run));
        Self { row, allocations: Box::new(allocations), name }
    }

    /// Calls the service with requests whose bodies come in pieces of at most so many bytes.
    pub(crate) fn calling<S, B>(
        name: &'static str,
        sign: impl Fn(u64) -> Signed + Clone + 'a,
        largest: usize,
        service: S,
    ) -> Self
    where
        S: Service<Request<Pieces>, Response = Response<B>> + Clone + 'a,
    {
        let service = RefCell::new(service);
        let make = move |number| Call::new(sign(number), largest);
        Self::new(name, make, move |call: &Call| {
            let future = service.borrow_mut().call(call.take());
            let answer = ready(future).ok().unwrap();
            assert_eq!(answer.status(), 200);
        })
    }
}

/// What most calls allocate: a few make the replay store's tables grow.
fn usual<T>(make: impl Fn(u64) -> T, run: impl Fn(&T)) -> impl Fn() -> u64 {
    move || {
        let things: Vec<_> = numbers(CALLS).map(&make).collect();
        let count = |thing| measure(|| run(thing)).count_total;
        let mut counts: Vec<_> = things.iter().map(count).collect();
        counts.sort_unstable();
        counts[CALLS / 2]
    }
}

/// Prints the times of the cases beside the first, and then, when the stores have grown, what each
/// allocates.
pub(crate) fn tell(title: &str, batch: usize, cases: Vec<Case<'_>>) {
    let (rows, counts): (Vec<_>, Vec<_>) =
        cases.into_iter().map(|case| (case.row, (case.name, case.allocations))).unzip();
    compare(title, batch, &rows);
    for (name, count) in counts {
        let count = count();
        println!("{name:<28}{count:>12} allocations");
        record::value(title, name, "allocations", count as f64);
    }
}
