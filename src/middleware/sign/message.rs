//! What the layer must know of a request and an answer, whosever types they are.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body::Body;

use super::SignedBody;
use crate::middleware::request_body::BoxError;

/// A request that [`Sign`](super::Sign) can sign: `http::Request` and, with the feature `reqwest`,
/// `reqwest::Request`.
pub trait SignableMessage: sealed::Message {}

/// An answer to one: `http::Response` and `reqwest::Response`.
pub trait Answer: sealed::Answer {}

impl<T: sealed::Message> SignableMessage for T {}
impl<T: sealed::Answer> Answer for T {}

pub(super) mod sealed {
    use super::*;

    // Here, because this is the bound that a foreign type misses.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is no request that can be signed",
        note = "an `http::Request<B>` of http 1 can, if `B` is a `Body` of `Bytes`",
        note = "a `reqwest::Request` of reqwest 0.13 can, with the feature `reqwest`; one of reqwest 0.12 cannot"
    )]
    pub trait Message {
        /// All but the body.
        type Head;
        type Body: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static;
        /// What the inner service gets.
        type Signed;

        /// No body is `None`.
        fn take_apart(self) -> (Self::Head, Option<Self::Body>);
        fn method(head: &Self::Head) -> &Method;
        /// The target as it will be sent.
        fn target(head: &Self::Head) -> Option<Uri>;
        fn headers(head: &Self::Head) -> &HeaderMap;
        fn headers_mut(head: &mut Self::Head) -> &mut HeaderMap;
        fn duplicate(head: &Self::Head) -> Option<Self::Head>;
        fn put_together(head: Self::Head, body: Option<SignedBody<Self::Body>>) -> Self::Signed;
    }

    #[diagnostic::on_unimplemented(
        message = "`{Self}` is no answer to a signed request",
        note = "an `http::Response` of http 1 is one; a `reqwest::Response` of reqwest 0.13 is, with the feature `reqwest`"
    )]
    pub trait Answer {
        fn headers(&self) -> &HeaderMap;
    }
}

impl<B> sealed::Message for Request<B>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Head = Parts;
    type Body = B;
    type Signed = Request<SignedBody<B>>;

    fn take_apart(self) -> (Parts, Option<B>) {
        let (head, body) = self.into_parts();
        (head, Some(body))
    }

    fn method(head: &Parts) -> &Method {
        &head.method
    }

    fn target(head: &Parts) -> Option<Uri> {
        Some(head.uri.clone())
    }

    fn headers(head: &Parts) -> &HeaderMap {
        &head.headers
    }

    fn headers_mut(head: &mut Parts) -> &mut HeaderMap {
        &mut head.headers
    }

    fn duplicate(head: &Parts) -> Option<Parts> {
        Some(head.clone())
    }

    fn put_together(head: Parts, body: Option<SignedBody<B>>) -> Self::Signed {
        Request::from_parts(head, body.unwrap_or_else(|| SignedBody::buffered(Default::default())))
    }
}

impl<B> sealed::Answer for Response<B> {
    fn headers(&self) -> &HeaderMap {
        self.headers()
    }
}
