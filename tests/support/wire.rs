//! A request as it arrives.

use countersign::protocol::{BodyLength, RequestHead};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

/// A request as it arrives: what an attacker between client and server can change.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) method: Method,
    pub(crate) target: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) length: BodyLength,
}

impl Wire {
    pub(crate) fn head(&self) -> RequestHead<'_> {
        RequestHead::new(&self.method, &self.target, &self.headers, self.length)
    }

    /// Another target.
    pub(crate) fn to(mut self, target: &str) -> Self {
        self.target = uri(target);
        self
    }

    /// Another value of a header, or a new header.
    pub(crate) fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.insert(header_name(name), header_value(value));
        self
    }

    /// A header once more.
    pub(crate) fn and(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.append(header_name(name), header_value(value));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        assert!(self.headers.remove(name).is_some(), "{name} is not there to be removed");
        self
    }

    /// Another body; its length is told by the head.
    pub(crate) fn with_body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self.length = BodyLength::Known(self.body.len() as u64);
        self
    }

    /// The body's length is not told.
    pub(crate) fn chunked(mut self) -> Self {
        self.length = BodyLength::Unknown;
        self
    }

    pub(crate) fn header(&self, name: &str) -> &[u8] {
        self.headers.get(name).map_or(b"", HeaderValue::as_bytes)
    }

    /// The head on an HTTP/1 connection, with more lines: what says where the body ends is not in it.
    pub(crate) fn http1_head(&self, more: &str) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\nhost: localhost\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
        }
        head + more + "\r\n"
    }

    pub(crate) fn signature(&self) -> String {
        String::from_utf8(self.header("x-ca-signature").to_vec()).unwrap()
    }
}

pub(crate) fn uri(target: &str) -> Uri {
    target.parse().unwrap_or_else(|error| panic!("{target:?} is no request target: {error}"))
}

fn header_name(name: &str) -> HeaderName {
    name.parse().unwrap()
}

fn header_value(value: impl AsRef<[u8]>) -> HeaderValue {
    HeaderValue::from_bytes(value.as_ref()).unwrap()
}
