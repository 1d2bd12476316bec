//! The dependencies between modules point one way.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Each module with the modules below it that it may use. Lower layers come first.
const LAYERS: &[(&str, &[&str])] = &[
    ("random", &[]),
    ("few", &[]),
    ("header", &[]),
    ("clock", &[]),
    ("error", &["header"]),
    ("credential", &["clock", "error"]),
    ("protocol", &["few", "header", "clock", "error", "credential"]),
    ("store", &["random", "clock", "error", "credential"]),
    ("verify", &["few", "header", "clock", "error", "credential", "protocol", "store"]),
    ("jwt", &["header", "clock", "error", "protocol", "store", "verify"]),
    ("sign", &["header", "clock", "error", "credential", "protocol"]),
    ("explain", &["header", "clock", "error", "credential", "protocol"]),
    (
        "middleware",
        &[
            "random",
            "header",
            "clock",
            "error",
            "credential",
            "protocol",
            "store",
            "verify",
            "jwt",
            "sign",
        ],
    ),
];

/// Words that a layer's code may not contain.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    (
        "protocol",
        &["async ", ".await", "Future", "Clock", "tokio", "tower"],
        "the protocol waits for nothing and reads no clock",
    ),
    ("store", &["http::", "http_body", "HeaderMap"], "stores know no HTTP"),
    ("verify", &["tower", "tokio", "hyper", "http_body"], "the verifier does no IO of its own"),
    ("jwt", &["tower", "hyper", "http_body"], "tokens are verified without a server"),
    ("credential", &["http::", "async ", "Future"], "credentials are plain values"),
    (
        "sign",
        &["async ", ".await", "Future", "tokio", "tower", "hyper", "http_body"],
        "signing waits for nothing",
    ),
    (
        "explain",
        &["async ", ".await", "Future", "tokio", "tower", "hyper", "http_body"],
        "an answer is explained whoever has read it",
    ),
];

/// What the name of a header looks like in a string.
const HEADER_NAMES: &[&str] = &[
    "x-ca-",
    "content-md5",
    "content-type",
    "content-length",
    "authorization",
    "cache-control",
    "retry-after",
    "accept",
    "date",
];

/// A source file: its module path and its code without comments and tests.
struct Source {
    path: PathBuf,
    module: Vec<String>,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let relative = path.strip_prefix(&root).unwrap().with_extension("");
            let mut module: Vec<String> =
                relative.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
                module.pop();
            }
            Source { module, code: code(&fs::read_to_string(&path).unwrap()), path: relative }
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

/// The lines that are no comment, up to the tests, which come last in a file.
fn code(text: &str) -> String {
    text.lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .map(|line| match line.trim_start().starts_with("//") {
            true => "",
            false => line.split(" // ").next().unwrap_or(line),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// The top-level modules of this crate that a file names.
fn uses(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in source.code.match_indices("crate::") {
        found.extend(first_names(&source.code[at + "crate::".len()..]));
    }
    // `super` leaves the module only if there are as many as the module is deep.
    let to_the_root = "super::".repeat(source.module.len().max(1));
    for (at, _) in source.code.match_indices(&to_the_root) {
        let inside_a_longer_path = source.code[..at].ends_with("::");
        if !inside_a_longer_path {
            found.extend(first_names(&source.code[at + to_the_root.len()..]));
        }
    }
    found
}

/// The first names of a path, or of each path in a group.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        let is_name = |c: &char| c.is_alphanumeric() || *c == '_';
        text.trim_start().chars().take_while(is_name).collect()
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![name(path)];
    };
    let mut depth = 0;
    let mut names = vec![name(group)];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name(&group[at + 1..])),
            _ => {}
        }
    }
    names
}

fn allowed(layer: &str) -> Option<&'static [&'static str]> {
    let row = LAYERS.iter().find(|(name, _)| *name == layer)?;
    Some(row.1)
}

/// A module's name, as opposed to a macro's or a type's.
fn is_layer(name: &str) -> bool {
    allowed(name).is_some()
}

/// What is wrong with where a file reaches.
fn layering_violations(source: &Source) -> Vec<String> {
    let Some(layer) = source.module.first() else {
        return Vec::new(); // The crate's root re-exports from everywhere.
    };
    let Some(allowed) = allowed(layer) else {
        return vec![format!("{}: no layer is named {layer}", source.path.display())];
    };
    uses(source)
        .into_iter()
        .filter(|used| is_layer(used) && used != layer && !allowed.contains(&used.as_str()))
        .map(|used| format!("{}: {layer} may not use {used}", source.path.display()))
        .collect()
}

fn forbidden_words(source: &Source) -> Vec<String> {
    let layer = source.module.first();
    let rules = FORBIDDEN.iter().filter(|(name, ..)| layer.is_some_and(|layer| layer == name));
    rules
        .flat_map(|(_, words, reason)| words.iter().map(move |word| (word, reason)))
        .filter(|(word, _)| source.code.contains(*word))
        .map(|(word, reason)| format!("{}: {word:?}: {reason}", source.path.display()))
        .collect()
}

/// The header names among a file's string literals.
fn header_literals(source: &Source) -> Vec<String> {
    // Every second part between quotation marks is a literal.
    let literals = source.code.split('"').skip(1).step_by(2);
    literals
        .filter(|literal| {
            let literal = literal.to_ascii_lowercase();
            HEADER_NAMES.iter().any(|name| match name.ends_with('-') {
                true => literal.contains(name),
                false => literal == *name,
            })
        })
        .map(|literal| format!("{}: the header name {literal:?}", source.path.display()))
        .collect()
}

fn report(find: fn(&Source) -> Vec<String>, only: Option<&str>) -> Vec<String> {
    sources()
        .iter()
        .filter(|source| only.is_none_or(|only| source.module.first().is_some_and(|m| m == only)))
        .flat_map(find)
        .collect()
}

#[test]
fn modules_use_only_the_layers_below_them() {
    assert_eq!(report(layering_violations, None), [""; 0]);
}

#[test]
fn a_layer_keeps_to_its_own_means() {
    assert_eq!(report(forbidden_words, None), [""; 0]);
}

#[test]
fn the_middleware_knows_no_headers_name() {
    assert_eq!(report(header_literals, Some("middleware")), [""; 0]);
}

#[test]
fn lower_layers_come_first_in_the_table() {
    for (at, (layer, allowed)) in LAYERS.iter().enumerate() {
        let lower: Vec<_> = LAYERS[..at].iter().map(|(name, _)| *name).collect();
        for used in *allowed {
            assert!(lower.contains(used), "{layer} uses {used}");
        }
    }
}

#[test]
fn every_module_of_the_crate_is_looked_at() {
    let sources = sources();
    for module in [
        "random",
        "header",
        "clock",
        "error",
        "credential",
        "protocol",
        "store",
        "verify",
        "jwt",
        "sign",
        "explain",
        "middleware",
    ] {
        assert!(
            sources.iter().any(|source| source.module[..].first().is_some_and(|m| m == module))
        );
    }
    let used: usize = sources.iter().map(|source| uses(source).len()).sum();
    assert!(used > 50, "only {used} paths were found");
}

#[test]
fn a_violation_would_be_found() {
    let source = |module: &[&str], text: &str| Source {
        path: module.iter().collect(),
        module: module.iter().map(|part| (*part).to_owned()).collect(),
        code: code(text),
    };
    for (module, text) in [
        (&["store"][..], "use crate::protocol::Params;"),
        (&["store", "memory"], "use crate::{clock::Clock, header::{KEY, NONCE}};"),
        (&["protocol", "canonical", "path"], "fn f() { super::super::super::verify::g() }"),
        (&["clock"], "use super::store::Claim;"),
        (&["verify", "known"], "    let x = crate::middleware::f();"),
        (&["nowhere"], ""),
    ] {
        assert_eq!(layering_violations(&source(module, text)).len(), 1, "{text}");
    }
    for text in [
        "use super::{Param, Clash};",
        "// use crate::verify::Policy;",
        "use crate::clock::UnixMillis;\n#[cfg(test)]\nmod tests { use crate::store::X; }",
    ] {
        assert_eq!(layering_violations(&source(&["protocol", "head"], text)), [""; 0]);
    }
    assert_eq!(forbidden_words(&source(&["protocol"], "pub async fn f() {}")).len(), 1);
    assert_eq!(forbidden_words(&source(&["store"], "use http::Uri;")).len(), 1);
    let middleware = |text| header_literals(&source(&["middleware"], text));
    assert_eq!(middleware("a(\"X-Ca-Nonce\"); b(\"content-md5\"); c(\"hello\")").len(), 2);
    assert_eq!(middleware("/// \"x-ca-key\"\nlet x = header::KEY;"), [""; 0]);
}
