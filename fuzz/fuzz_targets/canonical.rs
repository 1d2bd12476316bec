//! The string to sign of any request: its lines are what they should be, whatever is in them.

#![no_main]

use countersign::protocol::{
    CaHeaders, CanonicalRequest, Clash, Params, Reading, Readings, SignedHeaders, Variant,
};
use countersign_fuzz::Wire;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let Some(wire) = Wire::parse(text) else { return };
    let head = wire.head();
    let ca = CaHeaders::collect(&wire.headers);
    let list = ca.signature_headers.unwrap_or_default();
    let Ok(signed) = SignedHeaders::parse(list, &wire.headers) else { return };
    let Ok(params) = Params::query(&head).and_then(|query| query.with_form(&wire.body)) else {
        return;
    };
    let names: Vec<_> =
        params.signed(Clash::QueryWins).map(|param| param.name().to_vec()).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "signed names are sorted and unique");

    let count = signed.iter().count();
    let request = CanonicalRequest::new(&head, &ca, &signed, &params);
    let primary = request.string_to_sign(Variant::PRIMARY);
    let lines: Vec<_> = primary.split(|byte| *byte == b'\n').collect();
    assert_eq!(lines[0], wire.method.as_str().as_bytes());
    assert_eq!(lines[1], ca.accept.unwrap_or_default());
    // Header lines cannot contain a line feed, so the path begins exactly behind them.
    for (line, header) in lines[5..].iter().zip(signed.iter()) {
        assert_eq!(*line, [header.name().as_bytes(), b":", header.value()].concat());
    }
    assert!(lines[5 + count].starts_with(b"/") || wire.target.path() == "*");

    let all = Reading::ALL.into_iter().fold(Readings::NONE, Readings::with);
    for variant in request.alternates(all) {
        assert_ne!(variant, Variant::PRIMARY);
        let _ = request.string_to_sign(variant);
    }
    let _ = request.disclosed(|_| false);
});
