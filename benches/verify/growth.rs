//! How the cost grows with what callers choose, and with what the service has.

use crate::each;
use crate::harness::rounds::{Row, compare};
use crate::request::{Kind, Signed};
use crate::subject::Subject;

pub(crate) fn run() {
    bodies();
    parameters();
    keys();
    nonces();
}

fn bodies() {
    let sizes = [0, 1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20];
    let kinds = sizes.map(|bytes| (format!("{bytes} bytes"), Kind::Json(bytes)));
    kinds_of("growth, the body of a JSON POST", &kinds);
}

fn parameters() {
    let kinds = [0, 5, 20, 100].map(|count| (format!("{count} parameters"), Kind::GetWith(count)));
    kinds_of("growth, the parameters of a GET", &kinds);
}

/// Each with its cryptography.
fn kinds_of(title: &str, kinds: &[(String, Kind)]) {
    let subject = Subject::new(1, 0);
    let mut rows = Vec::new();
    for (name, kind) in kinds {
        let make = |number| Signed::new(*kind, 1, number);
        let accept = each(|request| subject.accept(request));
        rows.push(Row::new(name, make, accept).in_batches_of(kind.batch()));
        let name = format!("{name}, cryptography");
        let check = each(Signed::check_cryptography);
        rows.push(Row::new(name, make, check).in_batches_of(kind.batch()));
    }
    compare(title, 1, &rows);
}

fn keys() {
    let subjects = [1, 1_000, 100_000].map(|apps| (apps, Subject::new(apps, 0)));
    let rows = subjects.each_ref().map(|(apps, subject)| {
        let make = move |number| Signed::new(Kind::Get, *apps, number);
        Row::new(format!("{apps} keys"), make, each(|request| subject.accept(request)))
    });
    compare("growth, the keys, a GET", 1_000, &rows);
}

fn nonces() {
    const APPS: usize = 1_000;
    let counts = [10_000, 1_000_000, 5_000_000];
    let subjects = counts.map(|live| (live, Subject::new(APPS, live)));
    let rows = subjects.each_ref().map(|(live, subject)| {
        let make = |number| Signed::new(Kind::Get, APPS, number);
        Row::new(format!("{live} live nonces"), make, each(|request| subject.accept(request)))
    });
    compare("growth, the live nonces, a GET", 100, &rows);
}
