//! Why two parameters differ, by their texts and by the request.

use std::collections::{HashMap, HashSet};

use super::{Segment, segments};
use crate::explain::Cause;
use crate::explain::compare::Sides;
use crate::explain::fixed::value_cause;
use crate::explain::text::{form_decoded, percent_decoded};
use crate::protocol::{Source, is_form};

/// What is known of the parameters beside their texts.
pub(super) struct Known<'a> {
    of_server: HashSet<&'a str>,
    client_counts: HashMap<&'a str, usize>,
    /// The values that were sent, by decoded name, in the order in which they were sent.
    sent: HashMap<String, Vec<(Source, String)>>,
    request_is_known: bool,
    body_is_form: bool,
    /// The names in a body that is not declared a form, as if it were one.
    undeclared: HashSet<String>,
    may_be_undeclared_form: bool,
    client_is_utf_8: Result<(), &'a [u8]>,
}

impl<'a> Known<'a> {
    pub(super) fn of(sides: &'a Sides<'_>, client: &[Segment<'a>], server: &[Segment<'a>]) -> Self {
        let mut client_counts = HashMap::new();
        for segment in client {
            *client_counts.entry(segment.name).or_default() += 1;
        }
        let mut sent: HashMap<String, Vec<_>> = HashMap::new();
        if let Some(request) = sides.sent {
            for param in request.params().iter() {
                let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                let values = sent.entry(text(param.name())).or_default();
                values.push((param.source(), text(param.value())));
            }
        }
        let rest = sides.client.rest;
        let [method, _, content_md5, content_type, _] = sides.server.fixed;
        let body_is_form = is_form(content_type.as_bytes());
        let body = sides.sent.filter(|_| !body_is_form).map(|sent| sent.body).unwrap_or_default();
        let body = String::from_utf8_lossy(body);
        let has_body = ["POST", "PUT", "PATCH"].contains(&method);
        Self {
            of_server: server.iter().map(|segment| segment.name).collect(),
            client_counts,
            sent,
            request_is_known: sides.sent.is_some(),
            body_is_form,
            undeclared: segments(&body).map(|s| form_decoded(s.name).into_owned()).collect(),
            may_be_undeclared_form: sides.sent.is_none()
                && has_body
                && !body_is_form
                && content_md5.is_empty(),
            client_is_utf_8: std::str::from_utf8(rest).map(drop).map_err(|_| rest),
        }
    }

    /// The name by which a client's parameter is looked for: decoded, if it is signed with its
    /// escapes.
    pub(super) fn key(&self, name: &str) -> String {
        if self.of_server.contains(name) {
            name.to_owned()
        } else {
            form_decoded(name).into_owned()
        }
    }

    pub(super) fn cause(&self, client: &Segment<'_>, server: &Segment<'_>) -> Cause {
        let spaced = |text: &str| text.replace('+', " ");
        if client.value.is_empty() && server.value.is_empty() && client.name == server.name {
            return Cause::EmptyValue;
        }
        if spaced(client.text) == spaced(server.text) {
            return Cause::PlusSign;
        }
        if form_decoded(client.text) == server.text || percent_decoded(client.text) == server.text {
            return Cause::ParameterEncoded;
        }
        if form_decoded(server.text) == client.text || percent_decoded(server.text) == client.text {
            return Cause::ParameterEscapedTwice;
        }
        if self.is_repeated(client, server) {
            return Cause::RepeatedParameter;
        }
        if self.clashes(client, server) {
            return Cause::QueryFormClash;
        }
        let bytes = self.client_is_utf_8.err().unwrap_or(client.text.as_bytes());
        value_cause(bytes, server.text).unwrap_or(Cause::ParameterChanged)
    }

    /// Whether the client signs another occurrence than the first, or several joined.
    fn is_repeated(&self, client: &Segment<'_>, server: &Segment<'_>) -> bool {
        let occurs_twice = self.client_counts.get(client.name).is_some_and(|count| *count > 1);
        let joined = client.value.strip_prefix(server.value);
        let is_joined =
            joined.is_some_and(|after| after.starts_with(',')) && !server.value.is_empty();
        let mut sent = self.sent.get(server.name).into_iter().flatten();
        let first = sent.next();
        let is_later = sent.any(|(source, value)| {
            first.is_some_and(|(other, _)| other == source) && value == client.value
        });
        occurs_twice || is_joined || is_later
    }

    /// Whether the client signs the form's value and the server the query's.
    fn clashes(&self, client: &Segment<'_>, server: &Segment<'_>) -> bool {
        let mut sent = self.sent.get(server.name).into_iter().flatten();
        sent.any(|(source, value)| *source == Source::Form && value == client.value)
            && self.is_in(server.name, Source::Query)
    }

    fn is_in(&self, name: &str, source: Source) -> bool {
        let mut sent = self.sent.get(name).into_iter().flatten();
        sent.any(|(other, _)| *other == source)
    }

    pub(super) fn only_server(&self, segment: &Segment<'_>) -> Cause {
        let is_in_form = !self.request_is_known || self.is_in(segment.name, Source::Form);
        match self.body_is_form && is_in_form {
            true => Cause::FormNotSigned,
            false => Cause::ParameterNotSigned,
        }
    }

    pub(super) fn only_client(&self, segment: &Segment<'_>) -> Cause {
        let occurs_twice = self.client_counts.get(segment.name).is_some_and(|count| *count > 1);
        if occurs_twice && self.of_server.contains(segment.name) {
            return Cause::RepeatedParameter;
        }
        match self.may_be_undeclared_form || self.undeclared.contains(segment.name) {
            true => Cause::FormTypeMissing,
            false => Cause::ParameterNotSent,
        }
    }
}
