//! The parameters of query and form.

use countersign::explain::Cause;

use crate::broken::Broken;
use crate::support::Call;

fn get(target: &str) -> Broken {
    Broken::new(Call::get(target))
}

fn form(body: &str) -> Broken {
    Broken::new(Call::post("/a?q=1").form(body))
}

#[test]
fn parameters_in_the_order_in_which_they_are_sent() {
    let unsorted = get("/a?b=1&a=2&c=3").signs_instead("?a=2&b=1", "?b=1&a=2");
    unsorted.told(Cause::ParameterOrder, "the parameter a");
}

#[test]
fn an_equals_sign_without_a_value() {
    let equals = get("/a?k=&z=1").signs_instead("?k&", "?k=&");
    equals.told(Cause::EmptyValue, "the parameter k");
}

#[test]
fn a_plus_sign_for_a_space() {
    let plus = get("/a?q=x+y").signs_instead("?q=x y", "?q=x+y");
    plus.told(Cause::PlusSign, "the parameter q");
    let space = get("/a?q=x%2By").signs_instead("?q=x+y", "?q=x y");
    space.told(Cause::PlusSign, "the parameter q");
}

#[test]
fn values_and_names_with_their_escapes() {
    for (target, right, wrong, part) in [
        ("/a?q=x%20y", "q=x y", "q=x%20y", "the parameter q"),
        ("/a?q=%E4%BD%A0", "q=你", "q=%E4%BD%A0", "the parameter q"),
        ("/a?q%5B0%5D=1", "q[0]=1", "q%5B0%5D=1", "the parameter q[0]"),
    ] {
        let encoded = get(target).signs_instead(right, wrong);
        encoded.told(Cause::ParameterEncoded, part);
    }
}

#[test]
fn values_that_the_http_stack_escapes_again() {
    let twice = get("/a?q=x%20y").sends(|wire| wire.to("/a?q=x%2520y"));
    twice.told(Cause::ParameterEscapedTwice, "the parameter q");
}

#[test]
fn a_form_that_is_not_signed() {
    let unsigned = form("f=2&g=3").signs_instead("?f=2&g=3&q=1", "?q=1");
    let diagnosis = unsigned.told(Cause::FormNotSigned, "the parameter f");
    assert_eq!(diagnosis.differences().len(), 2);
}

#[test]
fn a_form_that_is_not_declared_one() {
    let undeclared = form("f=2")
        .sends(|wire| wire.with("content-type", "text/plain"))
        .told_by_the_request(Cause::ContentTypeChanged, "the Content-Type line");
    assert_eq!(undeclared.differences()[1].cause(), Cause::FormTypeMissing);
    let none = Broken::new(Call::post("/a?q=1").body("f=2")).signs_instead("?q=1", "?f=2&q=1");
    none.told(Cause::FormTypeMissing, "the parameter f");
}

#[test]
fn a_clash_of_query_and_form_matters_only_to_some_servers() {
    let clash = || form("q=2").signs_instead("?q=1", "?q=2");
    clash().literally().told_by_the_request(Cause::QueryFormClash, "the parameter q");
}

#[test]
fn the_last_of_several_values_or_all_of_them() {
    for wrong in ["?a=2", "?a=1,2", "?a=1&a=2"] {
        let signed = move |string: String| string.replace("?a=1", wrong);
        let repeated = get("/a?a=1&a=2").signs(signed);
        repeated.told_by_the_request(Cause::RepeatedParameter, "the parameter a");
    }
}

#[test]
fn a_parameter_that_is_added_dropped_or_changed_on_the_way() {
    const PART: &str = "the parameter b";
    let sends = |from: &str, to: &'static str| get(from).sends(move |wire| wire.to(to));
    sends("/?a=1", "/?a=1&b=2").told(Cause::ParameterNotSigned, PART);
    sends("/?a=1&b=2", "/?a=1").told(Cause::ParameterNotSent, PART);
    sends("/?a=1&b=2", "/?a=1&b=3").told(Cause::ParameterChanged, PART);
}

#[test]
fn a_value_in_another_character_encoding() {
    let call = Call::get("/a?q=%E4%BD%A0&r=1");
    let gbk = Broken::new(call).signs_bytes(|string| {
        let (before, after) = string.split_once("你").unwrap();
        [before.as_bytes(), b"\xc4\xe3", after.as_bytes()].concat()
    });
    gbk.told(Cause::CharacterEncoding, "the parameter q");
}

#[test]
fn a_long_form_is_compared_as_far_as_it_is_shown() {
    let body = || format!("f={}", "x%0D%0Ay".repeat(2000));
    let wrong_secret = form(&body()).secret("another");
    wrong_secret.told(Cause::NotShown, "");
    let early = form(&body()).signs_instead("f=x", "f=z");
    early.told(Cause::ParameterChanged, "the parameter f");
}

#[test]
fn blanks_at_the_end_are_no_difference_where_they_are_not_shown() {
    get("/a?q=x%20").secret("another").told_by_the_request(Cause::WrongSecret, "");
}
