//! reqwest's requests and answers.

use http::{HeaderMap, Method, Uri};
use reqwest::{Body, Request, Response};

use super::SignedBody;
use super::message::sealed;

impl sealed::Message for Request {
    type Head = Self;
    type Body = Body;
    type Signed = Self;

    fn take_apart(mut self) -> (Self, Option<Body>) {
        let body = self.body_mut().take();
        (self, body)
    }

    fn method(head: &Self) -> &Method {
        head.method()
    }

    /// As reqwest makes it of the URL.
    fn target(head: &Self) -> Option<Uri> {
        head.url().as_str().parse().ok()
    }

    fn headers(head: &Self) -> &HeaderMap {
        head.headers()
    }

    fn headers_mut(head: &mut Self) -> &mut HeaderMap {
        head.headers_mut()
    }

    fn duplicate(head: &Self) -> Option<Self> {
        head.try_clone()
    }

    fn put_together(mut head: Self, body: Option<SignedBody<Body>>) -> Self {
        *head.body_mut() = body.map(SignedBody::into_reqwest);
        head
    }
}

impl sealed::Answer for Response {
    fn headers(&self) -> &HeaderMap {
        self.headers()
    }
}
