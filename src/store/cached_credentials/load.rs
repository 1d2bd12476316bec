//! Asking the backing store.
//!
//! 1. A look-up for a name is joined if one is under way.
//! 2. Between the look into the cache and the start of a look-up another may have landed: the cache is
//!    looked at again.
//! 3. A stranger's look-up needs a place in the [`Budget`](super::budget).
//! 4. It is a task of its own: a caller that goes away takes no answer from the others.
//! 5. It has a deadline.
//! 6. It is remembered, unless something was invalidated since it began: what it brings may be from
//!    before. A failure is not remembered.

use std::sync::{Arc, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;

use super::Shared;
use super::entry::{Age, Entry};
use super::flights::{Arrival, Flight, FlightNumber, Found};
use super::name::{Name, Wanted};
use super::telemetry::{self, Loaded};
use crate::random;
use crate::store::{CredentialStore, StoreError};

/// Who a look-up is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The cache holds an app of this name, though it may be too old to serve.
    Known,
    Stranger,
}

impl<S: CredentialStore> Shared<S> {
    pub(super) async fn load(self: &Arc<Self>, name: Name, standing: Standing) -> Found {
        match self.depart(name, standing) {
            Departure::NotNeeded(found) => found,
            Departure::UnderWay(flight) => flight.landed().await,
        }
    }

    /// Steps 1 to 4.
    pub(super) fn depart(self: &Arc<Self>, name: Name, standing: Standing) -> Departure {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&name) {
            return Departure::UnderWay(flight);
        }
        let now = self.clock.monotonic();
        let landed = self.cache.app(name.wanted()).filter(|entry| entry.age(now) == Age::Fresh);
        if let Some(entry) = landed {
            return Departure::NotNeeded(Ok(Some(Arc::clone(&entry.app))));
        }
        if standing == Standing::Stranger && self.cache.is_unknown(&name, now) {
            return Departure::NotNeeded(Ok(None));
        }
        let permit = match standing {
            Standing::Known => Ok(None),
            Standing::Stranger => self.budget.enter(now).map(Some),
        };
        let permit = match permit {
            Ok(permit) => permit,
            Err(busy) => {
                telemetry::loaded(Loaded::Refused);
                return Departure::NotNeeded(Err(busy));
            }
        };
        let runtime = match Handle::try_current() {
            Ok(runtime) => runtime,
            Err(error) => return Departure::NotNeeded(Err(StoreError::unavailable(error))),
        };
        let (number, flight, arrival) = flights.start(name.clone());
        // A runtime that is shutting down drops the task here, and that takes the lock.
        drop(flights);
        let landing = Landing { shared: Arc::clone(self), name, number, permit };
        runtime.spawn(landing.fly(arrival));
        Departure::UnderWay(flight)
    }

    async fn ask(&self, name: &Name) -> Found {
        let ask = async {
            match name.wanted() {
                Wanted::Key(key) => self.store.app_by_key(key).await,
                Wanted::Code(code) => self.store.app_by_code(code).await,
                Wanted::AccessKey(id) => self.store.app_by_access_key(id).await,
            }
        };
        match tokio::time::timeout(self.load_timeout, ask).await {
            Ok(found) => found.map(|found| found.filter(|app| name.is_of(app))),
            Err(_) => Err(StoreError::unavailable("the look-up took too long")),
        }
    }
}

pub(super) enum Departure {
    NotNeeded(Found),
    UnderWay(Flight),
}

/// A look-up under way. If it is dropped, by a panic of the store too, others may begin again.
struct Landing<S: CredentialStore> {
    shared: Arc<Shared<S>>,
    name: Name,
    number: FlightNumber,
    permit: Option<OwnedSemaphorePermit>,
}

impl<S: CredentialStore> Landing<S> {
    /// Steps 5 and 6.
    async fn fly(self, arrival: Arrival) {
        let began = self.shared.clock.monotonic();
        let found = self.shared.ask(&self.name).await;
        telemetry::loaded(match &found {
            Ok(Some(_)) => Loaded::Found,
            Ok(None) => Loaded::Unknown,
            Err(_) => Loaded::Failed,
        });
        if self.permit.is_some() && !matches!(found, Ok(Some(_))) {
            self.shared.budget.charge(self.shared.clock.monotonic());
        }
        let Shared { flights, cache, lifetimes, negative_ttl, .. } = &*self.shared;
        {
            // Held while it is put away: an invalidation comes before it or after it.
            let mut flights = flights.lock().unwrap_or_else(PoisonError::into_inner);
            if flights.land(&self.name, self.number) {
                match &found {
                    Ok(Some(app)) => {
                        let chance = random::hash_key();
                        cache.put_app(Entry::new(Arc::clone(app), began, *lifetimes, chance));
                    }
                    Ok(None) => {
                        cache.put_unknown(self.name.clone(), began.saturating_add(*negative_ttl));
                    }
                    Err(_) => {}
                }
            }
        }
        arrival.announce(found);
    }
}

impl<S: CredentialStore> Drop for Landing<S> {
    fn drop(&mut self) {
        let mut flights = self.shared.flights.lock().unwrap_or_else(PoisonError::into_inner);
        flights.land(&self.name, self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{App, AppKey, AppSecret};
    use crate::store::{CachedCredentials, MemoryCredentials};

    #[tokio::test]
    async fn what_landed_after_the_first_look_is_not_looked_up_again() {
        let app = App::new("a", AppKey::new("k").unwrap());
        let app = app.with_secret(AppSecret::new("hush").unwrap());
        let cached = CachedCredentials::new(MemoryCredentials::new([app]).unwrap());
        for (key, known) in [("k", true), ("nobody", false)] {
            let depart = || cached.shared.depart(Wanted::Key(key).name(), Standing::Stranger);
            let Departure::UnderWay(flight) = depart() else { panic!("nothing is in memory") };
            assert_eq!(flight.landed().await.unwrap().is_some(), known);
            let Departure::NotNeeded(found) = depart() else { panic!("it is in memory now") };
            assert_eq!(found.unwrap().is_some(), known);
        }
    }
}
