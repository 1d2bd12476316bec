//! What a comparison finds.

use std::fmt;

use super::{Cause, Difference, Part};

/// How a client's string to sign differs from the server's, and why it usually does.
///
/// `Display` is three to eight lines for a terminal: the first difference, its cause, the remedy,
/// and what else differs. They repeat what the request says, so they are for the developer's eyes;
/// `Debug` does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    differences: Vec<Difference>,
    /// Where nothing differs that could be the reason.
    otherwise: Cause,
    hidden: Vec<String>,
}

impl Diagnosis {
    pub(super) fn new(differences: Vec<Difference>, otherwise: Cause, hidden: Vec<String>) -> Self {
        Self { differences, otherwise, hidden }
    }

    /// The cause to look at first: that of the first difference, or if nothing differs, what can be
    /// said about secret and signature.
    ///
    /// A difference that servers often accept counts only if there is no other reason
    /// ([`Cause::is_often_accepted`]).
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self.first() {
            Some(difference) => difference.cause(),
            None => self.otherwise,
        }
    }

    /// The difference that [`cause`](Self::cause) is about; nothing if the strings are the same.
    #[must_use]
    pub fn first(&self) -> Option<&Difference> {
        let telling = |difference: &&Difference| !difference.cause().is_often_accepted();
        let inconclusive =
            matches!(self.otherwise, Cause::SameString | Cause::WrongSecret | Cause::NotShown);
        let accepted = if inconclusive { self.differences.first() } else { None };
        self.differences.iter().find(telling).or(accepted)
    }

    /// All differences, in the order of the string to sign.
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// The names of signed headers whose values the server does not show: they may differ, although
    /// their lengths do not.
    #[must_use]
    pub fn hidden(&self) -> &[String] {
        &self.hidden
    }

    fn others(&self) -> impl Iterator<Item = &Difference> {
        let first = self.first();
        self.differences
            .iter()
            .filter(move |other| !first.is_some_and(|it| std::ptr::eq(it, *other)))
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 6;
        let cause = self.cause();
        match self.first() {
            Some(difference) => writeln!(f, "{difference}")?,
            None => writeln!(f, "no difference")?,
        }
        writeln!(f, "cause   {}: {cause}", cause.name())?;
        write!(f, "remedy  {}", cause.remedy())?;
        if cause.is_often_accepted() {
            write!(f, "\nnote    many servers accept this; if yours does, look at the AppSecret")?;
        }
        let others: Vec<_> = self.others().collect();
        if !others.is_empty() {
            let name = |other: &&Difference| format!("{} ({})", other.part(), other.cause().name());
            let names: Vec<_> = others.iter().take(MOST).map(name).collect();
            let more = if others.len() > MOST { ", …" } else { "" };
            write!(f, "\nalso    {}{more}", names.join(", "))?;
        }
        if !self.hidden.is_empty() {
            let names: Vec<_> = self.hidden.iter().map(|name| Part::header(name)).collect();
            let names: Vec<_> = names.iter().take(MOST).map(Part::to_string).collect();
            write!(f, "\nhidden  the server shows only the length of {}", names.join(", "))?;
        }
        Ok(())
    }
}
