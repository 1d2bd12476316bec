//! A request without its body, as the caller sent it.

use std::fmt;

use http::{HeaderMap, Method, Uri};

/// What the head of a request tells about its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// There is no body, or one of zero bytes.
    Empty,
    /// The body has this many bytes.
    Known(u64),
    /// The body is chunked, or a stream of frames: only its end tells. It counts as a body, even
    /// if it turns out to be empty.
    Unknown,
}

/// The head of a request: everything that is decided before a body byte is read.
#[derive(Clone, Copy)]
pub struct RequestHead<'r> {
    method: &'r Method,
    target: &'r Uri,
    headers: &'r HeaderMap,
    body: BodyLength,
    operation: Option<&'r Operation<'r>>,
}

/// What an OpenAPI request asks for, as its signature covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation<'r> {
    /// `Action`
    pub action: &'r str,
    /// `Version`: the version of the API.
    pub version: &'r str,
}

impl<'r> RequestHead<'r> {
    /// A request's head.
    ///
    /// `target` must be what the caller sent and signed: behind a router that strips a prefix, the
    /// original target. Its scheme and authority are never signed.
    #[must_use]
    pub const fn new(
        method: &'r Method,
        target: &'r Uri,
        headers: &'r HeaderMap,
        body: BodyLength,
    ) -> Self {
        let body = match body {
            BodyLength::Known(0) => BodyLength::Empty,
            body => body,
        };
        Self { method, target, headers, body, operation: None }
    }

    /// The same head of a request that asks for this.
    pub(crate) const fn asking_for<'o>(
        self,
        operation: Option<&'o Operation<'o>>,
    ) -> RequestHead<'o>
    where
        'r: 'o,
    {
        RequestHead { operation, ..self }
    }

    /// The head of a request whose whole body is at hand: a body that is there is not empty, whatever
    /// was said of it.
    pub(crate) const fn with_whole_body(self, body: &[u8]) -> Self {
        match (self.body, body) {
            (BodyLength::Empty, [_, ..]) => {
                Self { body: BodyLength::Known(body.len() as u64), ..self }
            }
            _ => self,
        }
    }

    /// What an authentic OpenAPI request asks for, as an
    /// [`Authorizer`](crate::verify::Authorizer) is told; nothing of any other request.
    #[must_use]
    pub const fn operation(&self) -> Option<&'r Operation<'r>> {
        self.operation
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &'r Method {
        self.method
    }

    /// The request target.
    #[must_use]
    pub const fn target(&self) -> &'r Uri {
        self.target
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &'r HeaderMap {
        self.headers
    }

    /// What the head tells about the body.
    #[must_use]
    pub const fn body(&self) -> BodyLength {
        self.body
    }

    /// The path on the wire, still encoded; an empty one is `/` (protocol §1.4).
    #[must_use]
    pub fn path(&self) -> &'r str {
        match self.target.path() {
            "" => "/",
            path => path,
        }
    }

    /// The query on the wire, still encoded.
    #[must_use]
    pub fn query(&self) -> &'r str {
        self.target.query().unwrap_or_default()
    }

    /// The length of path and query in bytes.
    #[must_use]
    pub fn target_len(&self) -> usize {
        self.target.path_and_query().map_or(0, |target| target.as_str().len())
    }
}

/// Without query and header values: they hold credentials.
impl fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", self.method)
            .field("path", &self.path())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
