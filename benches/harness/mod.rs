//! What the benchmarks share: a clock, rows that take turns, and what is kept of them.

#![allow(dead_code, reason = "each benchmark takes its part")]

pub(crate) mod cpu;
pub(crate) mod ready;
pub(crate) mod record;
pub(crate) mod rounds;

/// Whether the arguments name a part of `name`, or nothing. cargo adds `--bench`.
pub(crate) fn is_wanted(name: &str) -> bool {
    let mut wanted = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).peekable();
    wanted.peek().is_none() || wanted.any(|part| name.contains(part.as_str()))
}
