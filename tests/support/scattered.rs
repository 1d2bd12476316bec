//! Choices that meet all ages and places, and are the same in every run.

/// One of `0..below`, which a small change of `number` moves far.
pub(crate) fn scattered(number: usize, below: usize) -> usize {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    ((number as u64).wrapping_mul(GOLDEN) >> 32) as usize % below
}
