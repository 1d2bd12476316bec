//! A database in the place of one: it counts what it is asked, and fails, waits or panics when told
//! to.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::clock::{ManualClock, UnixMillis};
use countersign::credential::{App, AppCode, AppKey, AppSecret};
use countersign::store::cached_credentials::CachedCredentialsBuilder;
use countersign::store::{CachedCredentials, CredentialStore, MemoryCredentials, StoreError};

pub(crate) type Cached = CachedCredentials<Arc<Backing>>;

pub(crate) const NOW: UnixMillis = UnixMillis::new(1_700_000_000_000);

#[derive(Default)]
pub(crate) struct Backing {
    pub(crate) apps: MemoryCredentials,
    asked: Mutex<Vec<String>>,
    mood: Mutex<Mood>,
}

#[derive(Clone, Copy, Default)]
pub(crate) enum Mood {
    #[default]
    Well,
    Down,
    /// It reads at once, and answers after this span of tokio's time.
    Slow(Duration),
    Panicking,
}

impl Backing {
    pub(crate) fn turns(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// How often it was asked since the last time.
    pub(crate) fn asked(&self) -> usize {
        std::mem::take(&mut *self.asked.lock().unwrap()).len()
    }

    async fn ask(
        &self,
        what: String,
        found: Option<Arc<App>>,
    ) -> Result<Option<Arc<App>>, StoreError> {
        self.asked.lock().unwrap().push(what);
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Well => Ok(found),
            Mood::Down => Err(StoreError::unavailable("the database is away")),
            Mood::Slow(span) => {
                tokio::time::sleep(span).await;
                Ok(found)
            }
            Mood::Panicking => panic!("a bug in the database's client"),
        }
    }
}

impl CredentialStore for Backing {
    async fn app_by_key(&self, key: &str) -> Result<Option<Arc<App>>, StoreError> {
        self.ask(key.to_owned(), self.apps.app_by_key(key).await?).await
    }

    async fn app_by_code(&self, code: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
        self.ask("a code".to_owned(), self.apps.app_by_code(code).await?).await
    }

    async fn app_by_access_key(&self, id: &str) -> Result<Option<Arc<App>>, StoreError> {
        self.ask(id.to_owned(), self.apps.app_by_access_key(id).await?).await
    }
}

/// An app of this key, with this id, one secret and one AppCode, `code of <key>`.
pub(crate) fn app(id: &str, key: &str) -> App {
    App::new(id, AppKey::new(key).unwrap())
        .with_secret(AppSecret::new("hush").unwrap())
        .with_app_code(code(&format!("code of {key}")))
}

pub(crate) fn code(text: &str) -> AppCode {
    AppCode::new(text).unwrap()
}

/// A cache, the store behind it, and the clock that both tests and cache go by.
pub(crate) struct Bench {
    pub(crate) cached: Cached,
    pub(crate) backing: Arc<Backing>,
    pub(crate) clock: Arc<ManualClock>,
}

impl Bench {
    /// The backing store knows an app `a` with key `k`.
    pub(crate) fn new(
        settings: impl FnOnce(
            CachedCredentialsBuilder<Arc<Backing>>,
        ) -> CachedCredentialsBuilder<Arc<Backing>>,
    ) -> Self {
        let backing = Arc::new(Backing::default());
        backing.apps.insert(app("a", "k")).unwrap();
        let clock = Arc::new(ManualClock::at(NOW));
        let builder = CachedCredentials::builder(Arc::clone(&backing));
        let cached = settings(builder.with_clock(Arc::clone(&clock))).build();
        Self { cached, backing, clock }
    }

    /// The id of the app with this key.
    pub(crate) async fn id(&self, key: &str) -> Option<String> {
        id(self.cached.app_by_key(key).await)
    }

    pub(crate) async fn id_by_code(&self, text: &str) -> Option<String> {
        id(self.cached.app_by_code(&code(text)).await)
    }

    pub(crate) async fn id_by_access_key(&self, access_key: &str) -> Option<String> {
        id(self.cached.app_by_access_key(access_key).await)
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

pub(crate) fn id(found: Result<Option<Arc<App>>, StoreError>) -> Option<String> {
    found.unwrap().map(|app| app.id().to_owned())
}

/// Lets every task run until it waits.
pub(crate) async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}
