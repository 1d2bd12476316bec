//! What Redis runs for us: each script is one atomic step on one hash slot.
//!
//! A script is sent by its digest, and once more with its text if the server does not know it: in
//! that case it has not run, so nothing is asked twice.

use std::sync::LazyLock;

use redis::Script;

use crate::clock::UnixMillis;

/// The last instant that a script can tell from its neighbours: its numbers are floating-point. It
/// is in the year 287396.
pub(super) const LAST: UnixMillis = UnixMillis::new((1 << 53) - 1);

pub(super) static CLAIM: LazyLock<Script> = LazyLock::new(|| {
    Script::new(concat!(include_str!("lua/memory.lua"), include_str!("lua/claim.lua")))
});

pub(super) static RELEASE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("lua/release.lua")));

pub(super) static BEGIN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(concat!(include_str!("lua/memory.lua"), include_str!("lua/begin.lua")))
});
