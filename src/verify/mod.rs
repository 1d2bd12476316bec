//! The checks, in a fixed order, sans IO but for the two stores.
//!
//! Each step is a type that only the step before can make, so a skipped check does not compile.
//! When several things are wrong, the earlier step answers.
//!
//! | step | module | type | codes |
//! |---|---|---|---|
//! | 1 presented | [`Presented`] | what the head alone can decide | `I413UL` `A400MA` `I400HD` `I400MH` `I400RU` `I400NC` `I400I5` `I413RL` `I400IP` |
//! | 2 credential | [`Known`] | the app behind it | `A400IK` `A401AC` |
//! | 3 freshness | [`Timely`] | the timestamp against the clock | `S403TE` |
//! | 4 signature | [`Authentic`] | the MAC, in constant time | `I413RL` `I400HD` `I400IP` `A403IS` |
//! | 5 authority | [`Authorized`] | expiry, grant, the service's own rules | `A403EP` `A403PR`, any |
//! | 6 body | [`Intact`] | Content-MD5 against the bytes | `I413RL` `I400I5` |
//! | 7 replay | [`Verified`] | the claim, last | `S403NU` `S403TE` |
//!
//! A store that cannot answer is `X503BZ`, a body that cannot be read `I400BD`. An AppCode request
//! takes steps 1, 2, 5 and 6: there is nothing else to check, and it can be replayed.
//!
//! What a gateway in front has signed is verified by steps of its own: [`backend`]. So are the requests
//! of OpenAPI clients: [`openapi`]. All of them share one pipeline.
//!
//! # Security
//!
//! The verifier proves who signed what. It does not hide anything: use TLS. It does not cover what
//! the protocol does not sign: scheme, host, headers that are not declared, trailers, and under a
//! compatible [`Policy`] bodies without a digest.

mod authentic;
mod authorized;
mod authorizer;
pub mod backend;
mod claiming;
mod covered;
mod form_budget;
mod intact;
mod known;
pub mod openapi;
mod pipeline;
mod policy;
mod presented;
mod refuse;
mod replay;
mod signed;
mod timely;
mod verified;
mod verifier;

pub use authentic::Authentic;
pub use authorized::{Authorized, BodyStage};
pub use authorizer::{AuthorizeFn, Authorizer, DynAuthorizer, authorize_fn};
pub use form_budget::{FormBudget, FormReservation};
pub use intact::{BodyCheck, Intact};
pub use known::Known;
pub use policy::{
    Ambiguity, AmbiguousPath, AppCodeCarriers, ContentMd5Rule, EmptyBodyMd5, KeyCoverage, Limits,
    Policy, Presence, RepeatedParameters, ReplayIdentity, RestartRule, SignatureMethods,
    SignedContentType, StrictFindings, StrictRow, TimestampUnit, UnknownKey, Window,
};
pub use presented::{Lookup, Presented};
pub use replay::{PendingClaim, ReplayStage};
pub use timely::Timely;
pub use verified::{Mechanism, Verified};
pub use verifier::Verifier;

use covered::Covered;
#[cfg(feature = "jwt")]
pub(crate) use pipeline::VerifierId;
use signed::SignedRequest;
