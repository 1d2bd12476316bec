//! The client's string as a whole.

use countersign::explain::Cause;

use crate::broken::Broken;
use crate::support::Call;

fn get() -> Broken {
    Broken::new(Call::get("/a?b=c"))
}

#[test]
fn lines_that_end_with_carriage_returns() {
    let windows = get().signs(|string| string.replace('\n', "\r\n"));
    windows.told(Cause::CarriageReturns, "the method");
}

#[test]
fn lines_that_are_joined_by_something_else() {
    for end in ["\\n", "#", "", "\r"] {
        let joined = get().signs(move |string| string.replace('\n', end));
        joined.told(Cause::LineEnds, "the method");
    }
}

#[test]
fn a_line_feed_at_the_end() {
    for end in ["\n", "\r\n", "\n\n"] {
        let ended = get().signs(move |string| string + end);
        ended.told(Cause::TrailingLineFeed, "the end");
    }
}

#[test]
fn empty_lines_that_are_left_out() {
    let only_filled = get().signs(|string| {
        let filled: Vec<_> = string.split('\n').filter(|line| !line.is_empty()).collect();
        filled.join("\n")
    });
    only_filled.told(Cause::EmptyLineMissing, "the Content-MD5 line");
    let no_accept = Broken::new(Call::get("/a").without("accept"));
    let one_less = no_accept.signs_instead("GET\n\n", "GET\n");
    one_less.told(Cause::EmptyLineMissing, "the Date line");
}

#[test]
fn a_line_too_many() {
    let call = || Broken::new(Call::get("/a?b=c").declare_nothing());
    call().signs_instead("\n/a", "\n\n/a").told(Cause::ExtraLine, "the path");
    call().signs_instead("\n/a", "\n:\n/a").told(Cause::ExtraLine, "the path");
    get().signs_instead("\n/a", "\n\n/a").told(Cause::ExtraLine, "the path");
}
