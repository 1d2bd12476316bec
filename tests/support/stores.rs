//! Stores that count what they are asked, and fail when told to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use countersign::clock::{Clock, UnixMillis};
use countersign::credential::{App, AppCode};
use countersign::store::{
    Claim, Claimed, CredentialStore, MemoryCredentials, ReplayStore, StoreError,
};

/// The apps of a test, and how often they were looked up.
#[derive(Debug)]
pub(crate) struct TestCredentials {
    apps: MemoryCredentials,
    lookups: AtomicUsize,
    down: AtomicBool,
}

impl TestCredentials {
    pub(crate) fn new(apps: impl IntoIterator<Item = App>) -> Self {
        Self {
            apps: MemoryCredentials::new(apps).unwrap(),
            lookups: AtomicUsize::new(0),
            down: AtomicBool::new(false),
        }
    }

    pub(crate) fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }

    pub(crate) fn go_down(&self) {
        self.down.store(true, Ordering::SeqCst);
    }

    fn ask(&self) -> Result<(), StoreError> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        match self.down.load(Ordering::SeqCst) {
            true => Err(StoreError::unavailable("the database is away")),
            false => Ok(()),
        }
    }
}

impl CredentialStore for TestCredentials {
    async fn app_by_key(&self, key: &str) -> Result<Option<Arc<App>>, StoreError> {
        self.ask()?;
        self.apps.app_by_key(key).await
    }

    async fn app_by_code(&self, code: &AppCode) -> Result<Option<Arc<App>>, StoreError> {
        self.ask()?;
        self.apps.app_by_code(code).await
    }

    async fn app_by_access_key(&self, id: &str) -> Result<Option<Arc<App>>, StoreError> {
        self.ask()?;
        self.apps.app_by_access_key(id).await
    }
}

/// Scope, AppKey, nonce.
type Key = (String, String, Vec<u8>);

/// The replay store's contract, word by word: a map behind a lock.
#[derive(Debug)]
pub(crate) struct TestReplayStore {
    clock: Arc<dyn Clock>,
    used: Mutex<HashMap<Key, UnixMillis>>,
    claims: AtomicUsize,
    outage: Mutex<Option<StoreError>>,
    remembers_since: Mutex<UnixMillis>,
}

impl TestReplayStore {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            used: Mutex::default(),
            claims: AtomicUsize::new(0),
            outage: Mutex::default(),
            remembers_since: Mutex::new(UnixMillis::ZERO),
        }
    }

    /// How many claims were made, whatever the answer.
    pub(crate) fn claims(&self) -> usize {
        self.claims.load(Ordering::SeqCst)
    }

    /// How many nonces were written.
    pub(crate) fn written(&self) -> usize {
        self.used.lock().unwrap().len()
    }

    /// Every key that was written, with the instant through which it is kept.
    pub(crate) fn entries(&self) -> Vec<(Key, UnixMillis)> {
        let used = self.used.lock().unwrap();
        used.iter().map(|(key, until)| (key.clone(), *until)).collect()
    }

    pub(crate) fn fail_with(&self, error: StoreError) {
        *self.outage.lock().unwrap() = Some(error);
    }

    /// Forgets everything, as a restart does, and remembers from `now` on.
    pub(crate) fn restart(&self, now: UnixMillis) {
        self.used.lock().unwrap().clear();
        *self.remembers_since.lock().unwrap() = now;
    }
}

impl ReplayStore for TestReplayStore {
    async fn claim(&self, claim: Claim<'_>) -> Result<Claimed, StoreError> {
        self.claims.fetch_add(1, Ordering::SeqCst);
        if let Some(error) = self.outage.lock().unwrap().clone() {
            return Err(error);
        }
        let mut used = self.used.lock().unwrap();
        let now = self.clock.wall();
        if claim.until < now {
            return Ok(Claimed::Expired);
        }
        let remembers_since = *self.remembers_since.lock().unwrap();
        if claim.remembered_since.is_some_and(|since| since < remembers_since) {
            return Ok(Claimed::Expired);
        }
        let key = (claim.scope.to_owned(), claim.app_key.to_owned(), claim.nonce.to_vec());
        if used.get(&key).is_some_and(|until| now <= *until) {
            return Ok(Claimed::Used);
        }
        used.insert(key, claim.until);
        Ok(Claimed::Fresh)
    }
}
