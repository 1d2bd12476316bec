//! What all schemes share: a request is presented, known, timely, authentic, intact and then claimed,
//! whoever has signed it.
//!
//! | step | shared | a scheme's own |
//! |---|---|---|
//! | presented | [`strict_row`](super::refuse::strict_row), limits | what it reads of the head |
//! | known | [`Apps`]: the store that is asked | which credential is looked up |
//! | timely | [`check_window`], both directions | where the timestamp stands |
//! | authentic | [`StringBudget`] over the strings that may be signed | the strings, and what signs them |
//! | authorized | [`Apps`]: expiry and availability are the app's | the codes |
//! | intact | [`DigestCheck`], as the body arrives | which digest |
//! | verified | [`Claimable`], [`ReplayStage`], [`PendingClaim`], [`ClaimRecord`] | what is claimed |
//!
//! A [`Shell`] is a verifier around these: its name, its clock, its replay store, and copies that are
//! the same verifier.

mod apps;
mod claim;
mod claim_record;
mod digest_check;
mod longest_window;
mod made_claim;
mod shell;
mod string_budget;
mod verifier_id;
mod window;

pub(super) use apps::Apps;
pub(super) use claim::Identity;
pub(super) use claim::{Claimable, Proven};
pub(super) use claim::{PendingClaim, ReplayStage};
pub(super) use claim_record::ClaimRecord;
use claim_record::Outstanding;
pub(super) use digest_check::{AnotherBody, DigestCheck};
use longest_window::LongestWindow;
pub(super) use made_claim::MadeClaim;
pub(super) use shell::{Shell, Windowed};
pub(super) use string_budget::StringBudget;
pub(crate) use verifier_id::VerifierId;
pub(super) use window::check_window;
