//! Why a call is refused.

use countersign::explain::{Answer, ClientSide, Explanation, Part, ServerString};
use countersign::header;
use countersign::protocol::ContentMd5;
use countersign::sign::Stage;
use http::{HeaderName, HeaderValue};

use crate::args::Args;
use crate::call::Call;
use crate::send::Answered;
use crate::{Outcome, Problem};

/// Explains an answer that was copied.
pub(crate) fn copied(args: &Args, text: &str) -> Result<String, Problem> {
    let answer = Answer::from_text(text);
    let own = own_string(args)?;
    let mut taken = Vec::new();
    let mut call = args.url.is_some().then(|| Call::described(args)).transpose()?;
    if let Some(call) = &mut call {
        set_what_is_told(call, args);
        if let Some(server) = answer.server_string() {
            taken = set_what_is_not_told(call, server);
            if own.is_none() {
                call.sign_for_comparison(args)?;
            }
        }
    }
    let explained = explained(args, call.as_ref(), own.as_deref(), &answer).to_string();
    Ok(match taken.is_empty() {
        true => format!("{explained}\n"),
        false => format!("{explained}\ntaken   from the server's string: {}\n", taken.join(", ")),
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
