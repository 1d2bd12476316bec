//! The README's table of causes is the library's.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what fails here fails a test")]

use std::collections::BTreeSet;

use countersign::explain::Cause;

const README: &str = include_str!("../README.md");

/// The second column of the rows under "Troubleshooting".
fn causes() -> impl Iterator<Item = &'static str> {
    let section = README.split("\n## ").find(|it| it.starts_with("Troubleshooting\n")).unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|'));
    rows.skip(2).map(|row| row.split(" | ").nth(1).unwrap())
}

/// What looks like a cause's name, between backticks.
fn named() -> Vec<&'static str> {
    let quoted = causes().flat_map(|column| column.split('`').skip(1).step_by(2));
    let is_name = |text: &&str| text.bytes().all(|b| b.is_ascii_lowercase() || b"-5".contains(&b));
    quoted.filter(is_name).collect()
}

#[test]
fn the_readme_names_every_cause_once_and_nothing_else() {
    let names: BTreeSet<_> = Cause::ALL.iter().map(|cause| cause.name()).collect();
    assert_eq!(names.len(), Cause::ALL.len(), "two causes have one name");
    let named = named();
    let in_readme: BTreeSet<_> = named.iter().copied().collect();
    assert_eq!(in_readme, names);
    assert_eq!(named.len(), in_readme.len(), "a cause is in two rows");
}

#[test]
fn a_cause_and_its_remedy_are_a_line_each() {
    for cause in Cause::ALL {
        for text in [cause.to_string(), cause.remedy().to_owned()] {
            assert!((8..=110).contains(&text.chars().count()), "{}: {text}", cause.name());
            assert!(!text.ends_with('.') && !text.contains('\n'), "{}: {text}", cause.name());
        }
    }
}

#[test]
fn the_readme_shows_what_is_printed() {
    let cause = Cause::AcceptAdded;
    let lines = format!("cause   {}: {cause}\nremedy  {}\n", cause.name(), cause.remedy());
    assert!(README.contains(&lines), "{lines}");
}
