//! A bounded cache in front of a slow credential store.
//!
//! Look-ups come before any proof, so anybody can cause them. With this in between, a service asks
//! its database about an app once a minute, not once a request, and a stranger cannot make it ask
//! without end.
//!
//! 1. An app that was loaded less than the *time to live* (60 s) ago is served from memory. After 70
//!    to 90 % of it, as chance chooses for each, the first look-up starts a refresh behind the scenes:
//!    an app in use is never waited for, and apps that were loaded together are not refreshed together.
//! 2. What the store does not know is unknown for 5 s, remembered in a place of its own: a flood of
//!    made-up AppKeys drives no app out.
//! 3. Otherwise the store is asked, once for each name however many wait, within a deadline (5 s).
//! 4. What nobody has asked for lately has a budget: so many at a time (256), and so many in vain a
//!    second (200). Beyond it the answer is [`StoreError::Busy`], `X503BZ` with Retry-After. Apps that
//!    the cache holds, and their refreshes, are not in it.
//! 5. A failure is not remembered, and `X503BZ`. Where
//!    [`with_stale_if_error`](CachedCredentialsBuilder::with_stale_if_error) allows it, the app that
//!    was known last is served instead, for that long and not past its own expiry; the store is then
//!    asked about it once a second.
//! 6. [`invalidate_key`](CachedCredentials::invalidate_key),
//!    [`invalidate_access_key`](CachedCredentials::invalidate_access_key) and
//!    [`invalidate_all`](CachedCredentials::invalidate_all) hold for every look-up that begins after
//!    them. What was being loaded meanwhile answers those who waited, and is not remembered.
//!
//! **A revoked app stops** at once where it is invalidated; else after the time to live at the latest
//! (a load that takes longer than that: after the load's deadline); while the store cannot be asked,
//! after time to live and stale-if-error together. An app's own expiry and a secret's validity times
//! are in the entry, and hold to the millisecond.
//!
//! An AppCode is held as its digest only. An app is held once, and found by AppKey, AppCode and
//! AccessKeyId alike.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use countersign::credential::{App, AppKey, AppSecret};
//! use countersign::store::{CachedCredentials, CredentialStore, MemoryCredentials};
//!
//! let app = App::new("demo", AppKey::new("203710001")?).with_secret(AppSecret::new("a secret")?);
//! let database = Arc::new(MemoryCredentials::new([app])?); // in a service, a slow one
//! let credentials = CachedCredentials::new(Arc::clone(&database));
//! assert!(credentials.app_by_key("203710001").await?.is_some());
//!
//! database.remove("203710001");
//! assert!(credentials.app_by_key("203710001").await?.is_some(), "for up to a minute");
//! credentials.invalidate_key("203710001");
//! assert!(credentials.app_by_key("203710001").await?.is_none(), "from now on");
//! # Ok(()) }
//! ```
//!
//! It needs a tokio runtime with timers: a look-up of the store is a task of its own, so that a caller
//! who goes away takes no answer from the others. Without one, a look-up that is not in memory fails.
//!
//! # Counters
//!
//! With the `metrics` feature:
//!
//! | counter | `outcome` |
//! |---|---|
//! | `countersign_credential_lookups_total` | `hit`, `negative_hit`, `miss` (the store is asked, or its answer awaited), `stale` (served because it failed) |
//! | `countersign_credential_loads_total` | `found`, `unknown`, `error`, `refused` (the budget is spent, and the store was not asked) |

mod budget;
mod builder;
mod cache;
mod entry;
mod flights;
mod load;
mod name;
mod telemetry;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::budget::Budget;
use self::cache::Cache;
use self::entry::{Age, Entry, Lifetimes};
use self::flights::{Flights, Found};
use self::load::Standing;
use self::name::{Name, Wanted};
use self::telemetry::{LookUp, looked_up};
use super::{CredentialStore, StoreError};
use crate::clock::Clock;
use crate::credential::{App, AppCode};

pub use builder::CachedCredentialsBuilder;

/// A credential store that remembers for a while what another one answered: see the [module](self).
/// A clone is a handle to the same cache; keep one to invalidate.
pub struct CachedCredentials<S> {
    shared: Arc<Shared<S>>,
}

struct Shared<S> {
    store: S,
    cache: Cache,
    /// Held for a moment to start, to end or to call off look-ups; never while one is waited for, and
    /// not at all for what is in memory.
    flights: Mutex<Flights>,
    budget: Budget,
    lifetimes: Lifetimes,
    negative_ttl: Duration,
    load_timeout: Duration,
    clock: Arc<dyn Clock>,
}

impl<S: CredentialStore> CachedCredentials<S> {
    /// An empty cache in front of `store`, with all defaults.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self::builder(store).build()
    }

    /// Configures a cache in front of `store`.
    pub fn builder(store: S) -> CachedCredentialsBuilder<S> {
        CachedCredentialsBuilder::new(store)
    }

    fn with(settings: CachedCredentialsBuilder<S>) -> Self {
        let Lifetimes { ttl, stale_if_error } = settings.lifetimes;
        let shared = Shared {
            store: settings.store,
            cache: Cache::new(
                settings.capacity,
                ttl.saturating_add(stale_if_error),
                settings.negative_capacity,
                settings.negative_ttl,
            ),
            flights: Mutex::default(),
            budget: Budget::new(settings.max_loads, settings.max_unknown_per_second),
            lifetimes: settings.lifetimes,
            negative_ttl: settings.negative_ttl,
            load_timeout: settings.load_timeout,
            clock: settings.clock,
        };
        Self { shared: Arc::new(shared) }
    }

    /// Forgets the app with this AppKey, and with it that its AppCodes are known. All that is taken to
    /// be unknown is forgotten, too: a new AppCode of the app may be among it.
    pub fn invalidate_key(&self, key: &str) {
        self.invalidate(|cache| cache.forget(key));
    }

    /// Forgets the app that has an AccessKey with this id, and all that is taken to be unknown.
    pub fn invalidate_access_key(&self, id: &str) {
        self.invalidate(|cache| cache.forget_access_key(id));
    }

    /// Forgets everything.
    pub fn invalidate_all(&self) {
        self.invalidate(Cache::forget_all);
    }

    /// The store behind the cache.
    #[must_use]
    pub fn store(&self) -> &S {
        &self.shared.store
    }

    fn invalidate(&self, forget: impl FnOnce(&Cache)) {
        let mut flights = self.shared.flights.lock().unwrap_or_else(PoisonError::into_inner);
        flights.call_off();
        forget(&self.shared.cache);
    }
}

impl<S: CredentialStore> Shared<S> {
    async fn find(self: &Arc<Self>, wanted: Wanted<'_>) -> Found {
        let now = self.clock.monotonic();
        let Some(entry) = self.cache.app(wanted) else {
            return self.find_strange(wanted.name(), now).await;
        };
        match entry.age(now) {
            Age::Expired => return self.find_again(wanted.name(), &entry, now).await,
            Age::Due if entry.take_attempt(now) => {
                // It goes on without us; an error is counted, and another look-up tries again.
                self.depart(wanted.name_of(&entry.app), Standing::Known);
            }
            Age::Due | Age::Fresh => {}
        }
        looked_up(LookUp::Hit);
        Ok(Some(Arc::clone(&entry.app)))
    }

    async fn find_strange(self: &Arc<Self>, name: Name, now: Duration) -> Found {
        if self.cache.is_unknown(&name, now) {
            looked_up(LookUp::NegativeHit);
            return Ok(None);
        }
        looked_up(LookUp::Miss);
        self.load(name, Standing::Stranger).await
    }

    async fn find_again(self: &Arc<Self>, name: Name, known: &Entry, now: Duration) -> Found {
        let stale = |now| {
            known.serves_errors(now, self.clock.wall()).then(|| {
                looked_up(LookUp::Stale);
                Ok(Some(Arc::clone(&known.app)))
            })
        };
        if known.is_pausing(now)
            && let Some(stale) = stale(now)
        {
            return stale;
        }
        looked_up(LookUp::Miss);
        let found = self.load(name, Standing::Known).await;
        if found.is_err() {
            let now = self.clock.monotonic();
            known.take_attempt(now);
            return stale(now).unwrap_or(found);
        }
        found
    }
}

impl<S: CredentialStore> CredentialStore for CachedCredentials<S> {
    async fn app_by_key(&self, key: &str) -> Result<Option<Arc<App>>, StoreError> {
        self.shared.find(Wanted::Key(key)).await
    }

    async fn app_by_code(&self, code: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
        self.shared.find(Wanted::Code(code)).await
    }

    async fn app_by_access_key(&self, id: &str) -> Result<Option<Arc<App>>, StoreError> {
        self.shared.find(Wanted::AccessKey(id)).await
    }
}

impl<S> Clone for CachedCredentials<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

/// About how much it holds: what the apps are is not for logs.
impl<S> fmt::Debug for CachedCredentials<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (apps, unknown) = self.shared.cache.len();
        f.debug_struct("CachedCredentials")
            .field("apps", &apps)
            .field("unknown", &unknown)
            .finish_non_exhaustive()
    }
}
