//! What the tests of the verifier share: a signer that is written from the protocol's text alone, a
//! server with a clock that stands still, and stores that count.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(unused_imports, reason = "every test file uses a part of what is re-exported")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod answer;
mod call;
mod gateway;
#[cfg(feature = "jwt")]
mod issuer;
mod scattered;
mod server;
mod signer;
mod stores;
#[cfg(feature = "jwt")]
mod token;
mod until;
mod vector;
mod wire;

pub(crate) use answer::{assert_accepted, assert_code, assert_refused};
pub(crate) use call::Call;
pub(crate) use gateway::{
    BACKEND_KEY, BACKEND_SECRET, BareStyle, BehindGateway, DigestLine, Forwarded, GatewayStyle,
    OTHER_BACKEND_KEY, OTHER_BACKEND_SECRET, TestBackendVerifier, backend_pair,
    backend_string_to_sign,
};
#[cfg(feature = "jwt")]
pub(crate) use issuer::{
    NOW_SECS, TestJwtVerifier, TokenServer, assert_token_accepted, assert_token_code,
    assert_token_refused, bearer, claims, plain_get,
};
pub(crate) use scattered::scattered;
pub(crate) use server::{
    APP_CODE, DISABLED_KEY, EXPIRED_KEY, KEY, NOW, OTHER_KEY, SECRET, Server, TestVerifier,
    WINDOW_MILLIS, answered, demo_app, demo_apps,
};
pub(crate) use signer::{
    ClashWinner, SignedPath, Style, hmac_sha1, hmac_sha256, md5_base64, string_to_sign,
};
pub(crate) use stores::{TestCredentials, TestReplayStore};
#[cfg(feature = "jwt")]
pub(crate) use token::{ALGORITHMS, TokenKey, decode, encode, jwks};
pub(crate) use until::{comes_true, until};
pub(crate) use vector::{Expected, Vector};
pub(crate) use wire::{Wire, uri};
