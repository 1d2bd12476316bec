//! From text to document: YAML or JSON.
//!
//! 1. What begins like JSON is read as JSON, because YAML reads tabs and escapes otherwise; if it is
//!    no JSON after all, it is YAML in braces. Aliases and depth are bounded by the YAML parser.
//! 2. A message is made of the place, the names of known fields and our own words. The parsers'
//!    messages repeat values, and a name that is not known may be a secret with a colon forgotten.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_path_to_error::{Segment, Track};

use super::document::{Document, FIELDS};
use super::error::AppsFileError;
use super::secret::NO_SECRET;

pub(super) fn document(text: &str) -> Result<Document, AppsFileError> {
    if text.trim().is_empty() {
        return Err(AppsFileError::at("", "it is empty"));
    }
    let json = text.trim_start().starts_with('{').then(|| json(text)).flatten();
    json.unwrap_or_else(|| yaml(text))
}

/// `None` if it is no JSON.
fn json(text: &str) -> Option<Result<Document, AppsFileError>> {
    let mut json = serde_json::Deserializer::from_str(text);
    match read(&mut json) {
        Ok(document) => json.end().is_ok().then_some(Ok(document)),
        Err((_, error)) if error.is_syntax() || error.is_eof() => None,
        Err((place, error)) => Some(Err(problem(
            place,
            &error.to_string(),
            Some((error.line() as u64, error.column() as u64)),
        ))),
    }
}

fn yaml(text: &str) -> Result<Document, AppsFileError> {
    // Without snippets: they would show secrets.
    let options = serde_saphyr::options! { with_snippet: false };
    let mut place = String::new();
    serde_saphyr::with_deserializer_from_str_with_options(text, options, |yaml| {
        read(yaml).map_err(|(path, error)| {
            place = path;
            error
        })
    })
    .map_err(|error| {
        let at = error.location().map(|at| (at.line(), at.column()));
        problem(place, &error.to_string(), at)
    })
}

fn read<'de, D: Deserializer<'de>>(source: D) -> Result<Document, (String, D::Error)> {
    let mut track = Track::new();
    let source = serde_path_to_error::Deserializer::new(source, &mut track);
    Document::deserialize(source).map_err(|error| (known_place(&track.path()), error))
}

/// A path like `apps[0].appKey`, as far as its names are known.
fn known_place(path: &serde_path_to_error::Path) -> String {
    let mut place = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => place.push_str(&format!("[{index}]")),
            Segment::Map { key } if FIELDS.contains(&key.as_str()) => {
                let point = if place.is_empty() { "" } else { "." };
                place.push_str(&format!("{point}{key}"));
            }
            _ => break,
        }
    }
    place
}

fn problem(place: String, message: &str, at: Option<(u64, u64)>) -> AppsFileError {
    let problem = words(message);
    AppsFileError::at(
        place,
        match at {
            Some((line, column)) => format!("{problem} (line {line}, column {column})").into(),
            None => problem,
        },
    )
}

fn words(message: &str) -> Cow<'static, str> {
    let missing = |field: &&&str| message.contains(&format!("missing field `{field}`"));
    if let Some(field) = FIELDS.iter().find(missing) {
        format!("missing field `{field}`").into()
    } else if message.contains(NO_SECRET) {
        NO_SECRET.into()
    } else if message.contains("unknown field") {
        "a field that is not known".into()
    } else if message.contains("budget") {
        "it has more parts than are read, or they are nested too deep".into()
    } else if message.contains("duplicate") {
        "a field is given twice".into()
    } else {
        "it has another type, or is not readable".into()
    }
}
