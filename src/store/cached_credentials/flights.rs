//! One look-up at a time for each name: the first caller starts it, the others wait for its answer.
//!
//! moka can do this (`try_get_with`), too, but there the load is a part of the first caller's future:
//! when that caller goes away, the others begin again, and the 200th of them panics.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::watch;

use super::name::Name;
use crate::credential::App;
use crate::store::StoreError;

/// What a look-up answers.
pub(super) type Found = Result<Option<Arc<App>>, StoreError>;

/// The look-ups that are under way.
#[derive(Default)]
pub(super) struct Flights {
    by_name: HashMap<Name, (u64, Flight)>,
    started: u64,
}

/// The number of a flight, to know it again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FlightNumber(u64);

/// Waits for a look-up.
#[derive(Clone)]
pub(super) struct Flight(watch::Receiver<Option<Found>>);

/// Ends a look-up.
pub(super) struct Arrival(watch::Sender<Option<Found>>);

impl Flights {
    pub(super) fn get(&self, name: &Name) -> Option<Flight> {
        self.by_name.get(name).map(|(_, flight)| flight.clone())
    }

    pub(super) fn start(&mut self, name: Name) -> (FlightNumber, Flight, Arrival) {
        self.started += 1;
        let (arrival, flight) = watch::channel(None);
        let flight = Flight(flight);
        self.by_name.insert(name, (self.started, flight.clone()));
        (FlightNumber(self.started), flight, Arrival(arrival))
    }

    /// Takes a flight off the board. `false` if it was called off before: what it brings is old.
    pub(super) fn land(&mut self, name: &Name, number: FlightNumber) -> bool {
        let expected = self.by_name.get(name).is_some_and(|(flying, _)| *flying == number.0);
        if expected {
            self.by_name.remove(name);
        }
        expected
    }

    /// Whoever asks from now on starts anew. Those who wait already get what is on its way.
    pub(super) fn call_off(&mut self) {
        self.by_name.clear();
    }
}

impl Flight {
    pub(super) async fn landed(mut self) -> Found {
        let gone = || StoreError::unavailable("the look-up ended without an answer");
        let outcome = self.0.wait_for(Option::is_some).await.map_err(|_| gone())?;
        outcome.clone().unwrap_or_else(|| Err(gone()))
    }
}

impl Arrival {
    pub(super) fn announce(self, found: Found) {
        // Nobody may be waiting any more.
        let _ = self.0.send(Some(found));
    }
}
