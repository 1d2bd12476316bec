//! Fills the `${placeholders}` of a documented message.

/// `template` with the placeholders replaced by `args` in order; white space before an empty last
/// argument is dropped.
pub(super) fn fill<'a>(template: &str, mut args: impl Iterator<Item = &'a str>) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    let mut last = "";
    while let Some((before, placeholder)) = rest.split_once("${") {
        let Some((_name, after)) = placeholder.split_once('}') else {
            break;
        };
        filled.push_str(before);
        last = args.next().unwrap_or_default();
        filled.push_str(last);
        rest = after;
    }
    filled.push_str(rest);
    if rest.is_empty() && last.is_empty() {
        filled.truncate(filled.trim_end().len());
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn placeholders_are_filled_in_order_and_only_once() {
        let args = ["${Reason}", "twice"];
        assert_eq!(
            fill("Invalid Header `${HeaderName}` ${Reason}", args.into_iter()),
            "Invalid Header `${Reason}` twice"
        );
    }

    #[test]
    fn what_an_argument_ends_with_is_its_own() {
        assert_eq!(fill("is:${StringToSign}", ["/?a= \n"].into_iter()), "is:/?a= \n");
    }

    #[test]
    fn a_missing_argument_leaves_no_trailing_space() {
        assert_eq!(fill("Invalid AppCode ${Reason}", std::iter::empty()), "Invalid AppCode");
    }
}
