//! Rows for whoever draws them: where `COUNTERSIGN_BENCH_OUT` names a file, a line of JSON for each is
//! appended to it.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;

/// A row with a time, in nanoseconds, and its ratio to the table's first row.
pub(crate) fn time(table: &str, row: &str, min: f64, median: f64, ratio: f64) {
    line(table, row, &[("min_ns", min), ("median_ns", median), ("ratio", ratio)]);
}

/// A row with anything else: the unit is the member's name.
pub(crate) fn value(table: &str, row: &str, unit: &str, value: f64) {
    line(table, row, &[(unit, value)]);
}

fn line(table: &str, row: &str, members: &[(&str, f64)]) {
    let Some(path) = std::env::var_os("COUNTERSIGN_BENCH_OUT") else { return };
    let bench = env!("CARGO_CRATE_NAME");
    // Rust's quotes are JSON's for the names that rows have.
    let mut line = format!("{{\"bench\":{bench:?},\"table\":{table:?},\"row\":{row:?}");
    for (name, number) in members {
        write!(line, ",{name:?}:{number:.4}").unwrap();
    }
    line.push_str("}\n");
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(line.as_bytes()).unwrap();
}
