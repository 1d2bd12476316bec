//! The rules that gateways read in two ways.

use countersign::error::ErrorCode;
use countersign::verify::RepeatedParameters;
use countersign::verify::backend::BackendPolicy;

use crate::support::{
    BareStyle, BehindGateway, ClashWinner, DigestLine, Forwarded, GatewayStyle, SignedPath,
};

#[test]
fn every_combination_of_readings_verifies() {
    let policy = BackendPolicy::strict().with_repeated_parameters(RepeatedParameters::FirstValue);
    let service = BehindGateway::new(policy);
    for path in [SignedPath::Decoded, SignedPath::Raw] {
        for clash in [ClashWinner::Query, ClashWinner::Form] {
            for bare in [BareStyle::WithEquals, BareStyle::Bare] {
                for line in [DigestLine::AsForwarded, DigestLine::OfBody, DigestLine::Empty] {
                    let style = GatewayStyle { path, clash, line, bare };
                    let call = Forwarded::post("/%E4%BD%A0?a=query&b").form("a=form&c");
                    service.accepts(&call.style(style).sign());
                }
            }
        }
    }
}

#[test]
fn no_reading_is_the_request_signatures() {
    let service = BehindGateway::strict();
    // An empty value keeps its `=`, and a bare name may be signed like one.
    let empty = Forwarded::get("/?a=").sign();
    service.accepts(&empty);
    service.accepts(&empty.to("/?a"));
    let bare = GatewayStyle { bare: BareStyle::Bare, ..GatewayStyle::default() };
    let bare = Forwarded::get("/?a").style(bare).sign();
    service.accepts(&bare);
    service.refuses(&bare.to("/?a="), ErrorCode::A403IS);
}

#[test]
fn what_is_built_for_one_request_is_bounded() {
    // The last of the readings that are tried.
    let style = GatewayStyle {
        path: SignedPath::Raw,
        clash: ClashWinner::Form,
        line: DigestLine::Empty,
        bare: BareStyle::Bare,
    };
    let call = |size, style| {
        let form = format!("a=form&c&v={}", "x".repeat(size));
        Forwarded::post("/%E4%BD%A0?a=query&b").form(form).style(style).sign()
    };
    let service = BehindGateway::compatible();
    service.accepts(&call(10_000, style));
    service.accepts(&call(900_000, GatewayStyle::default()));
    // Eight strings of this size would be seven megabytes.
    service.refuses(&call(900_000, style), ErrorCode::A403IS);
}
