//! Why a call is refused.

use countersign::explain::{Answer, Cause, ClientSide, Explanation, Part, ServerString};
use countersign::header;
use countersign::protocol::ContentMd5;
use countersign::sign::Stage;
use http::{HeaderName, HeaderValue};

use crate::args::Args;
use crate::call::Call;
use crate::print::printable;
use crate::send::Answered;
use crate::{Outcome, Problem};

/// Explains an answer that was copied.
pub(crate) fn copied(args: &Args, text: &str) -> Result<String, Problem> {
    let answer = Answer::from_text(text);
    let own = own_string(args)?;
    let mut notes = Vec::new();
    let mut call = args.url.is_some().then(|| Call::described(args)).transpose()?;
    if let Some(call) = &mut call {
        set_what_is_told(call, args);
        if let Some(server) = answer.server_string() {
            let taken = set_what_is_not_told(call, server);
            if !taken.is_empty() {
                notes.push(format!("taken   from the server's string: {}", taken.join(", ")));
            }
            if own.is_none() {
                notes.extend(args.accept.is_none().then(|| assume_accept(call, server)).flatten());
                call.sign_for_comparison(args)?;
            }
        }
    }
    let explanation = explained(args, call.as_ref(), own.as_deref(), &answer);
    let is_judged = call.is_some_and(|call| call.headers.contains_key(header::SIGNATURE))
        && args.secret.is_some();
    if is_inconclusive(&explanation) && !is_judged {
        notes.push(GIVE_ALL.to_owned());
    }
    let lines = std::iter::once(explanation.to_string()).chain(notes);
    Ok(lines.map(|line| line + "\n").collect())
}

/// What tells whether the secret is right, where the strings do not.
const GIVE_ALL: &str = "\
next    give the whole call, each of its headers by -H, X-Ca-Signature among them, and the AppSecret
        that it was signed with: then the secret is judged, too";

fn is_inconclusive(explanation: &Explanation) -> bool {
    let Explanation::Signature(diagnosis) = explanation else { return false };
    matches!(diagnosis.cause(), Cause::SameString | Cause::NotShown)
}

/// Most clients sign the `Accept` that arrives, of which who calls may know nothing: the server's is
/// taken where there is none, and a line says so.
fn assume_accept(call: &mut Call, server: &ServerString) -> Option<String> {
    let lines = server.lines();
    let (_, accept) = lines.into_iter().find(|(part, _)| *part == Part::Accept)?;
    let is_assumed = !accept.is_empty() && set(call, header::ACCEPT, accept);
    is_assumed.then(|| {
        format!(
            "assumed Accept `{}`, as in the server's string; if the client signs another, give it by\n        \
             --accept, and if it signs none, --accept ''",
            printable(accept)
        )
    })
}

/// Explains the answer to a call that was just sent.
pub(crate) fn answered(
    args: &Args,
    call: &Call,
    answered: &Answered,
) -> Result<(String, Outcome), Problem> {
    let own = own_string(args)?;
    let explain = |answer: &Answer| explained(args, Some(call), own.as_deref(), answer);
    let mut explanation = explain(&answered.answer);
    if !matches!(explanation, Explanation::Accepted(_) | Explanation::Signature(_)) {
        // Some servers say it in the body; some proxies drop headers.
        let of_body = Answer::from_text(&answered.body);
        if of_body.server_string().is_some()
            || (matches!(explanation, Explanation::Foreign(_)) && of_body.code().is_some())
        {
            explanation = explain(&of_body);
        }
    }
    let outcome = match explanation {
        Explanation::Accepted(_) => Outcome::Fine,
        _ => Outcome::Refused,
    };
    Ok((format!("{explanation}\n"), outcome))
}

fn own_string(args: &Args) -> Result<Option<Vec<u8>>, Problem> {
    args.string.as_ref().map(|text| text.bytes()).transpose()
}

fn explained(args: &Args, call: Option<&Call>, own: Option<&[u8]>, answer: &Answer) -> Explanation {
    let string = own.or_else(|| call.map(Call::string_to_sign)).unwrap_or_default();
    let mut side = ClientSide::new(string);
    if let Some(call) = call {
        side = side.with_request(call.head(), &call.body);
        let is_signed = call.headers.contains_key(header::SIGNATURE);
        if let Some(secret) = args.secret.as_ref().filter(|_| is_signed) {
            side = side.with_secret(&secret.0);
        }
    }
    side.explain(answer)
}

/// The headers that are flags of their own.
fn set_what_is_told(call: &mut Call, args: &Args) {
    let timestamp = args.timestamp.map(|at| at.to_string());
    let told = [
        (header::KEY, args.key.as_deref()),
        (header::NONCE, args.nonce.as_deref()),
        (header::TIMESTAMP, timestamp.as_deref()),
        (header::STAGE, args.stage.map(Stage::as_str)),
        (header::ACCEPT, args.accept.as_deref().filter(|accept| !accept.is_empty())),
    ];
    for (name, value) in told {
        if let Some(value) = value {
            set(call, name, value);
        }
    }
}

/// What the command line leaves out, as the server has seen it: which headers are signed, and the
/// values that no two calls share. Their names.
fn set_what_is_not_told(call: &mut Call, server: &ServerString) -> Vec<String> {
    let mut taken = Vec::new();
    let mut names = Vec::new();
    for (part, value) in server.lines() {
        match part {
            Part::ContentMd5 if !value.is_empty() && !call.body.is_empty() && !call.is_form() => {
                let digest = ContentMd5::of(&call.body).encode();
                set(call, header::CONTENT_MD5, &digest);
            }
            Part::Header(name) => {
                let parsed: Result<HeaderName, _> = name.parse();
                let own = parsed.ok().filter(|name| name.as_str().starts_with("x-ca-"));
                if own.is_some_and(|own| set(call, own, value)) {
                    taken.push(name.clone());
                }
                names.push(name);
            }
            _ => {}
        }
    }
    if !names.is_empty() {
        set(call, header::SIGNATURE_HEADERS, &names.join(","));
    }
    taken
}

/// Sets a header that is not there yet, and says whether it did.
fn set(call: &mut Call, name: HeaderName, value: &str) -> bool {
    match HeaderValue::from_bytes(value.as_bytes()) {
        Ok(value) if !call.headers.contains_key(&name) => {
            call.headers.insert(name, value);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::args::Command;

    /// What is said of a refusal that shows this string.
    fn told(string: &str, words: &[&str]) -> String {
        let message = format!("Invalid Signature, Server StringToSign:`{string}`");
        let words = ["sign", "PUT", "/a", "--explain", &message].into_iter().chain(words.to_vec());
        match Args::parse(words.map(OsString::from)).unwrap() {
            Command::Run(args) => copied(&args, &message).unwrap(),
            Command::Help => String::new(),
        }
    }

    const ADDED: &str = "cause   accept-added: ";
    const SAME: &str = "cause   same-string: ";
    const ASSUMED: &str = "\nassumed Accept `*/*`, as in the server's string; ";

    #[test]
    fn an_accept_that_is_not_given_is_the_servers_and_a_line_says_so() {
        let text = told("PUT#*/*####x-ca-key:1#/a", &[]);
        assert!(text.contains(SAME) && text.contains(ASSUMED), "{text}");
        let text = told("PUT#*/*####x-ca-key:1#/b", &[]);
        assert!(text.contains("cause   path-changed: ") && !text.contains("also"), "{text}");
        let text = told("PUT#a\u{9b}b####/a", &[]);
        assert!(text.contains(r"assumed Accept `a\u{9b}b`"), "{text}");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
    }

    #[test]
    fn an_accept_that_is_given_or_needs_no_guess_is_not_assumed() {
        for (string, words, cause) in [
            ("PUT#*/*####/a", &["--accept", ""][..], ADDED),
            ("PUT#*/*####/a", &["--accept", "a/b"], "cause   accept-changed: "),
            ("PUT#*/*####/a", &["-H", "Accept: a/b"], "cause   accept-changed: "),
            ("PUT#*/*####/a", &["--accept", "*/*"], SAME),
            ("PUT#####/a", &[], SAME),
            // Another program's string needs no guess.
            ("PUT#*/*####/a", &["--string", "PUT\n\n\n\n\n/a"], ADDED),
        ] {
            let text = told(string, words);
            assert!(text.contains(cause) && !text.contains("assumed"), "{words:?}: {text}");
        }
    }

    #[test]
    fn where_the_strings_are_the_same_the_whole_call_and_the_secret_are_asked_for() {
        const STRING: &str = "PUT#*/*####/a";
        const SIGNED: [&str; 4] = ["-H", "X-Ca-Signature: eA==", "-H", "X-Ca-Key: 1"];
        let asks = |words: &[&str]| told(STRING, words).contains(GIVE_ALL);
        assert!(asks(&[]) && asks(&["--secret", "hush"]) && asks(&SIGNED));
        let own = ["--string", "PUT\n*/*\n\n\n\n/a"];
        assert!(asks(&own));
        let whole = told(STRING, &[&SIGNED[..], &["--secret", "hush"]].concat());
        assert!(whole.contains("cause   signed-another-string: ") && !whole.contains(GIVE_ALL));
        assert!(!asks(&["--accept", ""]), "a difference is enough");
    }
}
