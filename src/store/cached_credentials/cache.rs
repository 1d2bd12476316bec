//! What is remembered. All of it may be forgotten at any time: moka decides, by how often each entry
//! is asked for, once there are more than may be.
//!
//! 1. An app is held once, under its AppKey. A digest of an AppCode leads to the AppKey, and counts
//!    only if the app found there has the AppCode: so nothing but the one entry needs to be forgotten.
//!    An AccessKeyId does the same.
//! 2. What is unknown has a place of its own: a flood of it drives out nothing else.
//! 3. moka's own clock bounds memory only. What is served is decided by the times in the entries.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache as Moka;

use super::entry::Entry;
use super::name::{Name, Wanted, owns};

/// How long a name is remembered after its entry may be served no more: it is no stranger's yet.
const REMEMBERED: Duration = Duration::from_secs(600);
/// moka refuses more than 1,000 years by a panic.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

pub(super) struct Cache {
    apps: Moka<Arc<str>, Arc<Entry>>,
    codes: Moka<[u8; 32], Arc<str>>,
    access_keys: Moka<Arc<str>, Arc<str>>,
    /// Until when, by the monotonic clock, each is taken to be unknown.
    unknown: Moka<Name, Duration>,
}

impl Cache {
    pub(super) fn new(apps: u64, served: Duration, unknown: u64, negative_ttl: Duration) -> Self {
        let remembered = served.saturating_add(REMEMBERED).min(LONGEST);
        Self {
            apps: Moka::builder().max_capacity(apps).time_to_live(remembered).build(),
            codes: Moka::builder().max_capacity(apps).time_to_live(remembered).build(),
            access_keys: Moka::builder().max_capacity(apps).time_to_live(remembered).build(),
            unknown: Moka::builder()
                .max_capacity(unknown)
                .time_to_live(negative_ttl.saturating_add(REMEMBERED).min(LONGEST))
                .build(),
        }
    }

    pub(super) fn app(&self, wanted: Wanted<'_>) -> Option<Arc<Entry>> {
        match wanted {
            Wanted::Key(key) => self.apps.get(key),
            Wanted::Code(code) => {
                let key = self.codes.get(code.digest())?;
                self.apps.get(&key).filter(|entry| owns(&entry.app, code))
            }
            Wanted::AccessKey(id) => {
                let key = self.access_keys.get(id)?;
                self.apps.get(&key).filter(|entry| entry.app.access_key(id).is_some())
            }
        }
    }

    pub(super) fn is_unknown(&self, name: &Name, now: Duration) -> bool {
        self.unknown.get(name).is_some_and(|until| now < until)
    }

    pub(super) fn put_app(&self, entry: Entry) {
        let key: Arc<str> = entry.app.key().as_str().into();
        for code in entry.app.app_codes() {
            self.codes.insert(*code.digest(), Arc::clone(&key));
        }
        for access_key in entry.app.access_keys() {
            self.access_keys.insert(access_key.id().into(), Arc::clone(&key));
        }
        self.apps.insert(key, Arc::new(entry));
    }

    pub(super) fn put_unknown(&self, name: Name, until: Duration) {
        match &name {
            Name::Key(key) => self.apps.invalidate(key),
            Name::Code(code) => self.codes.invalidate(code.digest()),
            Name::AccessKey(id) => self.access_keys.invalidate(id),
        }
        self.unknown.insert(name, until);
    }

    /// Everything unknown goes, too: which of the AppCodes are this app's, nobody here knows.
    pub(super) fn forget(&self, key: &str) {
        self.apps.invalidate(key);
        self.unknown.invalidate_all();
    }

    /// The same, of the app that the AccessKeyId leads to.
    pub(super) fn forget_access_key(&self, id: &str) {
        if let Some(key) = self.access_keys.remove(id) {
            self.apps.invalidate(&key);
        }
        self.unknown.invalidate_all();
    }

    pub(super) fn forget_all(&self) {
        self.apps.invalidate_all();
        self.codes.invalidate_all();
        self.access_keys.invalidate_all();
        self.unknown.invalidate_all();
    }

    /// About how many apps and how many unknown names are held.
    pub(super) fn len(&self) -> (u64, u64) {
        (self.apps.entry_count(), self.unknown.entry_count())
    }
}
