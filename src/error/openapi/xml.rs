//! XML of texts: elements in a root. Without a declaration, which says nothing that the
//! `Content-Type` does not, and which a parser may refuse in a text that is decoded already.

pub(super) fn document<'a>(
    root: &str,
    children: impl Iterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut xml = format!("<{root}>");
    for (name, value) in children {
        xml.extend(["<", name, ">"]);
        text(value, &mut xml);
        xml.extend(["</", name, ">"]);
    }
    xml.extend(["</", root, ">"]);
    xml
}

/// XML 1.0 §2.2 and §2.4: markup is escaped, `>` too because of `]]>`; a CR, which a parser would
/// read as LF, is a reference; what no document may hold, not even as a reference, becomes `?`.
fn text(value: &str, xml: &mut String) {
    for c in value.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&apos;"),
            '\r' => xml.push_str("&#13;"),
            '\n' | '\t' => xml.push(c),
            '\u{fffe}' | '\u{ffff}' => xml.push('?'),
            c if c.is_control() => xml.push('?'),
            c => xml.push(c),
        }
    }
}
