//! A ROA request, signed and changed in any way, is refused or means what was signed.
//!
//! The input is as that of `backend`.

#![no_main]

use countersign::credential::OpenApiScheme;
use countersign_fuzz::openapi;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| openapi::sign_and_change(OpenApiScheme::Roa, input));
