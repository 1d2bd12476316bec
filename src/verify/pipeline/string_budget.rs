use std::ops::Deref;

/// How many bytes of strings to sign are built for one request: 1 MiB. The first is always built, and
/// each other one if it fits, at the length of the longest so far.
#[derive(Debug, Default)]
pub(in crate::verify) struct StringBudget {
    spent: usize,
    longest: usize,
}

impl StringBudget {
    const MAX: usize = 1024 * 1024;

    /// Builds one more string, if there is room for it.
    pub(in crate::verify) fn build<S: Deref<Target = [u8]>>(
        &mut self,
        string: impl FnOnce() -> S,
    ) -> Option<S> {
        if self.spent.saturating_add(self.longest) > Self::MAX {
            return None;
        }
        let string = string();
        let len = string.len();
        (self.spent, self.longest) = (self.spent.saturating_add(len), self.longest.max(len));
        Some(string)
    }
}

#[cfg(test)]
mod tests {
    use super::StringBudget;

    #[test]
    fn strings_are_built_while_they_stay_under_a_mebibyte_together() {
        let mut budget = StringBudget::default();
        let mut builds = |len: usize| budget.build(|| vec![0; len]).is_some();
        assert!(builds(512 * 1024));
        assert!(builds(500 * 1024), "together they are just below");
        assert!(!builds(1), "and what is next may be as long as the longest");
        assert!(StringBudget::default().build(|| vec![0; 2 * 1024 * 1024]).is_some(), "the first");
    }
}
