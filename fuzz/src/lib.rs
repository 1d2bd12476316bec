//! What the fuzz targets share: a request as text, which is also how the vectors are kept.

pub mod openapi;

use countersign::protocol::{BodyLength, RequestHead};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

/// A request as a fuzzer writes it.
#[derive(Clone, Debug)]
pub struct Wire {
    pub method: Method,
    pub target: Uri,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Wire {
    /// `METHOD target …`, header lines, an empty line, the body. What an HTTP implementation would
    /// not let through is left out; a request line that it would refuse is no request.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (head, body) = match text.windows(2).position(|pair| pair == b"\n\n") {
            Some(end) => (&text[..end], &text[end + 2..]),
            None => (text, &b""[..]),
        };
        let mut lines = head.split(|byte| *byte == b'\n');
        let mut request_line = lines.next()?.split(|byte| *byte == b' ');
        let method = Method::from_bytes(request_line.next()?).ok()?;
        let target = Uri::try_from(request_line.next()?).ok()?;
        let mut headers = HeaderMap::new();
        for line in lines {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let name = HeaderName::from_bytes(&line[..colon]);
            let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
            if let (Ok(name), Ok(value)) = (name, value) {
                headers.append(name, value);
            }
        }
        Some(Self { method, target, headers, body: body.to_vec() })
    }

    pub fn head(&self) -> RequestHead<'_> {
        let length = BodyLength::Known(self.body.len() as u64);
        RequestHead::new(&self.method, &self.target, &self.headers, length)
    }

    /// The request as a handler reads it: method, decoded path, decoded parameters in the order of
    /// their names, equal ones once; the media type; and the body, decoded if it is a form.
    pub fn as_handled(&self) -> impl PartialEq + std::fmt::Debug + use<> {
        let path = match self.target.path() {
            "" => "/",
            path => path,
        };
        let path = percent_encoding::percent_decode_str(path).collect::<Vec<u8>>();
        let is_form = self.content_type().to_ascii_lowercase().contains("x-www-form-urlencoded");
        let body = if is_form {
            pairs(&self.body)
        } else {
            vec![(String::new(), format!("{:?}", self.body))]
        };
        let query = pairs(self.target.query().unwrap_or_default().as_bytes());
        (self.method.clone(), path, query, self.content_type(), body)
    }

    fn content_type(&self) -> String {
        let value = self.headers.get("content-type").map(HeaderValue::as_bytes);
        String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
    }
}

/// The request with some bytes changed, each change a place (two bytes) and a byte.
pub fn changed(wire: &Wire, changes: &[u8]) -> Option<Wire> {
    let mut text = format!("{} {}\n", wire.method, wire.target).into_bytes();
    for (name, value) in &wire.headers {
        text.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
    }
    text.push(b'\n');
    text.extend(&wire.body);
    for change in changes.chunks_exact(3).take(8) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % text.len();
        text[at] = change[2];
    }
    Wire::parse(&text)
}

fn pairs(raw: &[u8]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = form_urlencoded::parse(raw).into_owned().collect();
    pairs.sort();
    pairs.dedup();
    pairs
}
