//! Any head is either a well-formed credential or a documented code; no input panics.

#![no_main]

use std::sync::LazyLock;

use countersign::verify::{AppCodeCarriers, Policy, Presented};
use countersign_fuzz::Wire;
use libfuzzer_sys::fuzz_target;

static POLICIES: LazyLock<[Policy; 3]> = LazyLock::new(|| {
    let gateway = Policy::gateway_compatible();
    [Policy::strict(), gateway.clone(), gateway.with_app_code(AppCodeCarriers::HeaderAndQuery)]
});

fuzz_target!(|text: &[u8]| {
    let Some(wire) = Wire::parse(text) else { return };
    let refused = POLICIES.each_ref().map(|policy| match Presented::new(policy, wire.head()) {
        Ok(presented) => {
            let _ = presented.lookup();
            false
        }
        Err(rejection) => {
            assert!(rejection.status().is_client_error());
            assert!(!rejection.message().contains("${"), "an argument is missing");
            true
        }
    });
    // What the strict policy takes, the compatible one takes.
    assert!(refused[0] || !refused[1]);
});
