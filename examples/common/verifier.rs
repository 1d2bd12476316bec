//! Which verifier the arguments ask for.

use countersign::credential::App;
use countersign::store::{MemoryCredentials, MemoryReplayStore};
use countersign::verify::{Limits, Policy, Verifier, Window};

use super::Problem;
use super::args::{Args, PolicyName};

/// The verifier of both servers.
pub(crate) type AppVerifier = Verifier<MemoryCredentials, MemoryReplayStore>;

/// The verifier for these apps.
pub(crate) fn verifier(args: &Args, apps: Vec<App>) -> Result<AppVerifier, Problem> {
    let credentials = MemoryCredentials::new(apps).map_err(|error| Problem(error.to_string()))?;
    let verifier = Verifier::new(credentials, MemoryReplayStore::new());
    Ok(verifier.with_policy(policy(args)))
}

fn policy(args: &Args) -> Policy {
    let mut policy = match args.policy {
        PolicyName::Strict => Policy::strict(),
        PolicyName::Gateway => Policy::gateway_compatible(),
    };
    if let Some(window) = args.window {
        policy = policy.with_window(Window::symmetric(window));
    }
    if let Some(bytes) = args.max_body {
        policy = policy.with_limits(Limits::default().with_max_body(bytes));
    }
    if let Some(rule) = args.restart_rule {
        policy = policy.with_restart_rule(rule);
    }
    policy
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use countersign::verify::RestartRule;

    use super::*;

    #[test]
    fn the_restart_rule_follows_the_policy_unless_given() {
        let gateway = Args { policy: PolicyName::Gateway, ..Args::default() };
        assert_eq!(policy(&Args::default()), Policy::strict());
        assert_eq!(policy(&gateway), Policy::gateway_compatible());

        let refusing = Args { restart_rule: Some(RestartRule::Refuse), ..gateway };
        let expected = Policy::gateway_compatible().with_restart_rule(RestartRule::Refuse);
        assert_eq!(policy(&refusing), expected);
    }

    #[test]
    fn the_window_has_two_sides_and_the_body_has_a_limit() {
        let longest = Duration::from_secs(u64::MAX);
        let args = Args { window: Some(longest), max_body: Some(7), ..Args::default() };
        let expected = Policy::strict()
            .with_window(Window::symmetric(longest))
            .with_limits(Limits::default().with_max_body(7));
        assert_eq!(policy(&args), expected);
    }
}
