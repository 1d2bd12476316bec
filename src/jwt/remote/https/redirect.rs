//! Which redirects are followed: few, and none to another origin. Whoever answers there could else
//! be made the issuer by an open redirect.

use std::fmt;

use reqwest::redirect::{Action, Attempt, Policy};

/// The most redirects of one fetch.
const MAX: usize = 3;

pub(super) fn policy() -> Policy {
    Policy::custom(follow)
}

fn follow(attempt: Attempt<'_>) -> Action {
    // The first of the previous URLs is the one that was asked.
    if attempt.previous().len() > MAX {
        return attempt.error(Refused("there are more than 3 redirects"));
    }
    let origin = attempt.previous().first().map(|asked| asked.origin());
    match origin == Some(attempt.url().origin()) {
        true => attempt.follow(),
        false => attempt.error(Refused("it leads to another origin")),
    }
}

#[derive(Debug)]
struct Refused(&'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Refused {}
