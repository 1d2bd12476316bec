//! A call as a command line that any POSIX shell takes.

use http::Method;

use crate::Problem;
use crate::call::Call;
use crate::shell::quoted;

/// A `curl` command line. curl adds `Accept` and, with a body, `Content-Type` unless told otherwise;
/// it reads brackets in a URL as patterns, and removes dots from its path.
pub(crate) fn line(call: &Call, body_file: Option<&str>) -> Result<String, Problem> {
    let mut words = vec!["curl -sS -i --globoff --path-as-is".to_owned()];
    match call.method {
        Method::HEAD => words.push("--head".to_owned()),
        Method::GET if call.body.is_empty() => {}
        _ => words.push(format!("-X {}", quoted(call.method.as_str()))),
    }
    for (name, value) in &call.headers {
        let value = std::str::from_utf8(value.as_bytes())
            .map_err(|_| Problem(format!("the header {name} is not UTF-8")))?;
        words.push(format!(
            "-H {}",
            quoted(&match value {
                "" => format!("{name};"),
                value => format!("{name}: {value}"),
            })
        ));
    }
    for name in ["accept", "content-type"] {
        let adds = name == "accept" || !call.body.is_empty();
        if adds && !call.headers.contains_key(name) {
            words.push(format!("-H {}", quoted(&format!("{name}:"))));
        }
    }
    if !call.body.is_empty() {
        words.push(body(call, body_file)?);
    }
    words.push(quoted(&call.target.to_string()));
    Ok(words.join(" "))
}

fn body(call: &Call, body_file: Option<&str>) -> Result<String, Problem> {
    match (body_file, std::str::from_utf8(&call.body)) {
        (Some(file), _) => Ok(format!("--data-binary {}", quoted(file))),
        (None, Ok(text)) if !text.contains('\0') => Ok(format!("--data-raw {}", quoted(text))),
        _ => Err(Problem("no shell can be given this body: put it into a file".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Uri};

    use super::*;

    fn call(method: Method, url: &'static str, body: &[u8]) -> Call {
        Call::new(method, Uri::from_static(url), HeaderMap::new(), body.to_vec())
    }

    #[test]
    fn curl_is_told_to_add_nothing() {
        let mut get = call(Method::GET, "http://h/a?b[]=it's", b"");
        assert_eq!(
            line(&get, None).unwrap(),
            r"curl -sS -i --globoff --path-as-is -H 'accept:' 'http://h/a?b[]=it'\''s'"
        );
        get.headers.insert("accept", HeaderValue::from_static("a/b"));
        get.headers.insert("x-empty", HeaderValue::from_static(""));
        let text = line(&get, None).unwrap();
        assert!(text.contains(" -H 'accept: a/b' -H 'x-empty;' 'http"), "{text}");

        let head = line(&call(Method::HEAD, "http://h/", b""), None).unwrap();
        assert!(head.contains(" --head ") && !head.contains("-X"), "{head}");

        let post = line(&call(Method::POST, "http://h/", b"@a b"), None).unwrap();
        let expected = "-X 'POST' -H 'accept:' -H 'content-type:' --data-raw '@a b' 'http";
        assert!(post.contains(expected), "{post}");
    }

    #[test]
    fn a_body_that_no_shell_can_be_given_is_read_from_its_file() {
        let binary = call(Method::POST, "http://h/", b"\0");
        assert!(line(&binary, Some("@it.bin")).unwrap().contains("--data-binary '@it.bin'"));
        assert!(line(&binary, None).is_err());
        assert!(line(&call(Method::POST, "http://h/", b"\xff"), None).is_err());
    }
}
