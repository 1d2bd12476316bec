//! Whatever a server answers and whatever a client has signed, the explanation is text for a terminal.

#![no_main]

use countersign::explain::{Answer, ClientSide};
use countersign_fuzz::Wire;
use libfuzzer_sys::fuzz_target;

// The client's string, NUL, the answer, NUL, the request.
fuzz_target!(|text: &[u8]| {
    let mut parts = text.splitn(3, |byte| *byte == 0).chain(std::iter::repeat(&b""[..]));
    let [string, answer, request] = std::array::from_fn(|_| parts.next().unwrap_or_default());
    let answer = Answer::from_text(&String::from_utf8_lossy(answer));
    let wire = Wire::parse(request);
    let bare = ClientSide::new(string);
    let whole = wire.as_ref().map(|wire| bare.with_request(wire.head(), &wire.body));
    for side in [Some(bare), whole, whole.map(|side| side.with_secret("a secret"))] {
        let Some(side) = side else { continue };
        let explained = side.explain(&answer).to_string();
        assert!(explained.chars().all(|c| c == '\n' || !c.is_control()), "{explained:?}");
        assert!(explained.len() < 16 * 1024, "it is a few lines");
    }
});
