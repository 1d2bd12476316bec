//! What the benchmarks share: a clock, rows that take turns, and what is kept of them.

#![allow(dead_code, reason = "each benchmark takes its part")]

pub(crate) mod cpu;
pub(crate) mod record;
pub(crate) mod rounds;
