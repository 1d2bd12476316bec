//! How many keys each app has in a bucket.

use std::collections::HashMap;
use std::io;

use super::fingerprint::{BuildIdentity, Fingerprint};
use super::occupants::Occupants;
use super::state::codec::{In, Out};

/// The first apps to come, which are the busy ones mostly, are kept beside the bucket's other
/// figures. The rest has a table.
///
/// The counts come first, so that they end a line of memory, and the names, which seldom change,
/// begin the next: see [`Bucket`](super::bucket::Bucket).
#[derive(Default)]
#[repr(C)]
pub(super) struct AppCounts {
    /// A place whose count is zero is vacant.
    counts: [u32; 2],
    names: [Fingerprint; 2],
    others: HashMap<Fingerprint, u32, BuildIdentity>,
}

impl AppCounts {
    /// With room for as many as `before`, but no more than `most` in the table.
    pub(super) fn with_room_of(before: &Self, most: usize) -> Self {
        let room = before.others.len().min(most);
        let others = HashMap::with_capacity_and_hasher(room, BuildIdentity::default());
        Self { others, ..Self::default() }
    }

    pub(super) fn of(&self, app: Fingerprint) -> usize {
        let beside = self.iter_first().find(|(name, _)| *name == app);
        let count = beside.map_or_else(|| self.others.get(&app).copied(), |(_, count)| Some(count));
        count.unwrap_or_default() as usize
    }

    /// One key more.
    pub(super) fn add(&mut self, app: Fingerprint) {
        self.add_many(app, 1);
    }

    fn add_many(&mut self, app: Fingerprint, keys: u32) {
        let mut places = self.counts.iter_mut().zip(&mut self.names);
        if let Some((count, _)) = places.find(|(count, name)| **count > 0 && **name == app) {
            *count = count.saturating_add(keys);
            return;
        }
        let mut places = self.counts.iter_mut().zip(&mut self.names);
        match places.find(|(count, _)| **count == 0) {
            Some((count, name)) if !self.others.contains_key(&app) => (*count, *name) = (keys, app),
            _ => {
                let count = self.others.entry(app).or_default();
                *count = count.saturating_add(keys);
            }
        }
    }

    /// One key less.
    pub(super) fn remove(&mut self, app: Fingerprint) {
        let mut places = self.counts.iter_mut().zip(&self.names);
        if let Some((count, _)) = places.find(|(count, name)| **count > 0 && **name == app) {
            *count -= 1;
        } else if let Some(count) = self.others.get_mut(&app) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.others.remove(&app);
            }
        }
    }

    pub(super) fn occupants(&self) -> Occupants {
        let apps = self.iter().take(2).map(|(app, _)| Occupants::One(app));
        apps.fold(Occupants::Nobody, Occupants::and)
    }

    pub(super) fn save(&self, out: &mut Out<'_>) -> io::Result<()> {
        out.len(self.iter().count())?;
        self.iter().try_for_each(|(app, count)| {
            out.u64(app.bits())?;
            out.u32(count)
        })
    }

    pub(super) fn load(from: &mut In<'_>) -> Option<Self> {
        let mut counts = Self::default();
        for _ in 0..from.len(size_of::<u64>() + size_of::<u32>())? {
            counts.add_many(Fingerprint::new(from.u64()?), from.u32()?);
        }
        Some(counts)
    }

    fn iter(&self) -> impl Iterator<Item = (Fingerprint, u32)> {
        self.iter_first().chain(self.others.iter().map(|(app, count)| (*app, *count)))
    }

    fn iter_first(&self) -> impl Iterator<Item = (Fingerprint, u32)> {
        let places = self.names.iter().copied().zip(self.counts.iter().copied());
        places.filter(|(_, count)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{AppCounts, Fingerprint, Occupants};

    #[test]
    fn every_app_is_counted_once_wherever_it_stands() {
        let [a, b, c, d] = [0, 1, 2, 3].map(Fingerprint::new);
        let mut counts = AppCounts::default();
        assert_eq!(counts.occupants(), Occupants::Nobody);
        counts.add(a);
        assert_eq!(counts.occupants(), Occupants::One(a));
        for app in [b, c, a, c, b, c] {
            counts.add(app);
        }
        assert_eq!([a, b, c, d].map(|app| counts.of(app)), [2, 2, 3, 0]);
        // The place of one that is gone goes to a new app, not to one that has its own already.
        counts.remove(b);
        counts.remove(b);
        counts.remove(d);
        for app in [c, d, c] {
            counts.add(app);
        }
        assert_eq!([a, b, c, d].map(|app| counts.of(app)), [2, 0, 5, 1]);
        for _ in 0..5 {
            counts.remove(c);
        }
        assert_eq!([a, b, c, d].map(|app| counts.of(app)), [2, 0, 0, 1]);
        assert_eq!(counts.iter().count(), 2);
        assert_eq!(counts.occupants(), Occupants::Several);
    }
}
