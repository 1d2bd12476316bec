//! Signs a call and prints it, or says why a signed call is refused.
//!
//! `cargo run --release --example sign -- GET 'http://127.0.0.1:8080/hello?from=curl' --key 203710001`
//! with the AppSecret in `COUNTERSIGN_SECRET` prints the string to sign line by line, the headers and
//! a `curl` command. `--explain` takes the answer of a refused call, `--against` sends the call itself;
//! both name the first difference between the two strings to sign, and its usual cause. `-- --help`
//! lists the options.
//!
//! Exit code 0: printed, or accepted. 1: refused and explained. 2: neither could be done.

mod args;
mod call;
mod curl;
mod explain;
mod input;
mod print;
mod send;
#[path = "../common/shell.rs"]
mod shell;
mod values;

use std::io::{self, Write};
use std::process::ExitCode;

use args::{Args, Command, Task};
use call::Call;
use input::Secret;

/// What cannot be done, as one line.
#[derive(Debug, PartialEq, Eq)]
struct Problem(String);

impl<E: std::error::Error> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Fine,
    Refused,
}

fn main() -> ExitCode {
    const REFUSED: u8 = 1;
    const PROBLEM: u8 = 2;
    let outcome = match Args::parse(std::env::args_os()) {
        Ok(Command::Help) => print::print(args::USAGE).map(|()| Outcome::Fine),
        Ok(Command::Run(mut args)) => {
            args.secret = args.secret.take().or_else(Secret::of_environment);
            run(&args)
        }
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Refused) => ExitCode::from(REFUSED),
        Err(Problem(line)) => {
            // There is nobody to tell if stderr is closed.
            let _ = writeln!(io::stderr(), "sign: {line}");
            ExitCode::from(PROBLEM)
        }
    }
}

fn run(args: &Args) -> Result<Outcome, Problem> {
    match &args.task {
        Task::Print => {
            let call = Call::described(args)?.signed(args)?;
            print::print(&format!("{call}\n{}", call.curl()))?;
            Ok(Outcome::Fine)
        }
        Task::Explain(answer) => {
            let explained = explain::copied(args, &answer.text()?)?;
            print::print(&explained)?;
            Ok(Outcome::Refused)
        }
        Task::Against(url) => {
            let call = Call::described(args)?.signed(args)?;
            print::print(&format!("{call}\nsent to {url}\n\n"))?;
            let answer = send::send(&call, url)?;
            let (explained, outcome) = explain::answered(args, &call, &answer)?;
            print::print(&explained)?;
            Ok(outcome)
        }
    }
}
