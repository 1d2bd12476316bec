//! JSON of texts. It is the protocol's own format, so that it asks for no feature, and it is five
//! texts in an object, so that it asks for no dependency either.

use std::fmt::Write;

pub(super) fn object<'a>(members: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut json = String::from("{");
    for (name, value) in members {
        if json.len() > 1 {
            json.push(',');
        }
        string(name, &mut json);
        json.push(':');
        string(value, &mut json);
    }
    json.push('}');
    json
}

/// RFC 8259 §7: quotes, backslashes and control characters are escaped. So are `<` and `>`, for
/// whoever takes the text for markup, and the two line ends that JavaScript knows beyond ASCII.
fn string(text: &str, json: &mut String) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '<' | '>' | '\u{2028}' | '\u{2029}' => escape(c, json),
            c if c.is_control() => escape(c, json),
            c => json.push(c),
        }
    }
    json.push('"');
}

/// None of them is above U+FFFF, so four digits do. Writing to a text does not fail.
fn escape(c: char, json: &mut String) {
    let _ = write!(json, "\\u{:04x}", u32::from(c));
}
