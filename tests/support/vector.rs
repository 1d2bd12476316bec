//! Reads the files of `tests/data/vectors`; their format is described there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use countersign::protocol::{BodyLength, Reading};
use http::{HeaderMap, Method, Uri};

use super::Wire;

/// One vector.
#[derive(Debug)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) expected: Expected,
    lines: BTreeMap<String, String>,
    sections: BTreeMap<String, String>,
}

/// What a vector is evidence for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Accept,
    AcceptBy(Reading),
    Reject,
    StringToSignOnly,
    TokenVerifies,
    ContentMd5,
    Renders,
    AcceptUncovered,
    AcceptByAnother,
    SignatureOnly,
    UnknownMethod,
}

impl Vector {
    /// Every vector of a request signature, and the single values, by name.
    pub(crate) fn all() -> Vec<Self> {
        Self::read_all("tests/data/vectors")
    }

    /// Every vector of a back-end signature, by name.
    pub(crate) fn backend() -> Vec<Self> {
        Self::read_all("tests/data/vectors/backend")
    }

    /// Every vector of the signatures of OpenAPI requests, by name.
    pub(crate) fn openapi() -> Vec<Self> {
        Self::read_all("tests/data/vectors/openapi")
    }

    fn read_all(folder: &str) -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut vectors: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "txt"))
            .map(|path| Self::read(&path))
            .collect();
        vectors.sort_by(|a, b| a.name.cmp(&b.name));
        vectors
    }

    fn read(path: &Path) -> Self {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(path).unwrap();
        let text = text.strip_suffix('\n').unwrap();
        let mut parts = text.split("\n--- ");
        let lines: BTreeMap<_, _> = parts
            .next()
            .unwrap()
            .lines()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let sections = parts
            .map(|part| part.split_once('\n').unwrap())
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
        Self { expected: expected(&lines["expected"]), name, lines, sections }
    }

    /// A line's value.
    #[track_caller]
    pub(crate) fn line(&self, name: &str) -> &str {
        match self.lines.get(name) {
            Some(value) => value,
            None => panic!("{} has no {name}", self.name),
        }
    }

    /// A section's text.
    #[track_caller]
    pub(crate) fn section(&self, name: &str) -> &str {
        match self.sections.get(name) {
            Some(text) => text,
            None => panic!("{} has no {name}", self.name),
        }
    }

    pub(crate) fn string_to_sign(&self) -> &str {
        self.section("string to sign")
    }

    /// What the client signed: most often the server's string to sign.
    pub(crate) fn signed_by_the_client(&self) -> &str {
        match self.sections.get("signed by the client instead") {
            Some(text) => text,
            None => self.string_to_sign(),
        }
    }

    /// The request with its signature.
    pub(crate) fn request(&self) -> Wire {
        self.unsigned_request().with("x-ca-signature", self.line("signature"))
    }

    /// The request as it is in the file.
    pub(crate) fn unsigned_request(&self) -> Wire {
        let text = self.section("request");
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let (first, headers) = head.split_once('\n').unwrap();
        let [method, target, "HTTP/1.1"] = first.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{}: {first}", self.name);
        };
        let mut wire = Wire {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            target: target.parse::<Uri>().unwrap(),
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
            length: BodyLength::Known(body.len() as u64),
        };
        for line in headers.lines() {
            let (name, value) = line.split_once(": ").unwrap_or_else(|| {
                let name = line.strip_suffix(':').unwrap();
                (name, "")
            });
            wire = wire.and(name, value);
        }
        wire
    }
}

fn expected(text: &str) -> Expected {
    match text {
        "accept" => Expected::Accept,
        "accept by reading raw-path" => Expected::AcceptBy(Reading::RawPath),
        "accept by reading form-wins" => Expected::AcceptBy(Reading::FormWins),
        "accept by reading empty-with-equals" => Expected::AcceptBy(Reading::EmptyWithEquals),
        "accept by reading literal-plus" => Expected::AcceptBy(Reading::DangerousLiteralPlus),
        "reject" => Expected::Reject,
        "string to sign only" => Expected::StringToSignOnly,
        "token verifies" => Expected::TokenVerifies,
        "content-md5 accepts" => Expected::ContentMd5,
        "renders" => Expected::Renders,
        "accept with an uncovered body" => Expected::AcceptUncovered,
        "accept by another reading" => Expected::AcceptByAnother,
        "signature only" => Expected::SignatureOnly,
        "unknown method" => Expected::UnknownMethod,
        other => panic!("{other:?} is no expectation"),
    }
}
