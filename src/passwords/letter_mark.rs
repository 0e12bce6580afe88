//! The last line of every letter, which acctsh adds by itself: by it, a letter is known again in
//! whatever language and form it is written.

/// Whose letters they are: those of one profile.
#[derive(Debug, Clone, Copy)]
pub(super) struct LetterMark<'a> {
    /// The profile.
    pub(super) profile: &'a str,
    /// Whether its tenant is the sandbox.
    pub(super) is_sandbox: bool,
}

const PROGRAM: &str = "acctsh";
const BETWEEN: &str = " / ";

impl LetterMark<'_> {
    /// The line for that run's letter to that person.
    pub(super) fn line(&self, run: &str, user_name: &str) -> String {
        format!("{}{run}{BETWEEN}{}", self.beginning(), on_one_line(user_name))
    }

    /// The run and the person of a letter; `None` for a letter of another profile and for whatever
    /// isn't a letter.
    pub(super) fn read<'t>(&self, letter: &'t str) -> Option<(&'t str, &'t str)> {
        let last = letter.trim_end().lines().next_back()?;
        last.strip_prefix(&self.beginning())?.split_once(BETWEEN)
    }

    fn beginning(&self) -> String {
        let sandbox = if self.is_sandbox { " (sandbox)" } else { "" };
        format!("{PROGRAM}{BETWEEN}{}{sandbox}{BETWEEN}", on_one_line(self.profile))
    }
}

/// A name with line ends in it could look like other lines of the letter.
pub(super) fn on_one_line(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTOSO: LetterMark<'_> = LetterMark { profile: "contoso", is_sandbox: false };

    #[test]
    fn a_letter_is_known_by_its_last_line_alone() {
        let line = CONTOSO.line("20270131-0900-kcth", "eva / li\n");
        insta::assert_snapshot!(line, @"acctsh / contoso / 20270131-0900-kcth / eva / li ");
        let letter = format!("acctsh / contoso / x / tim\n\nBonjour,\n\n{line}\n");
        assert_eq!(CONTOSO.read(&letter), Some(("20270131-0900-kcth", "eva / li")));
        assert_eq!(CONTOSO.read(&format!("{line}\nmy notes\n")), None);
        assert_eq!(CONTOSO.read(""), None);
    }

    #[test]
    fn the_same_name_in_another_profile_or_in_the_sandbox_is_somebody_else() {
        let line = CONTOSO.line("20270131-0900-kcth", "eva");
        for (profile, is_sandbox) in [("fabrikam", false), ("contoso", true), ("con", false)] {
            assert_eq!(LetterMark { profile, is_sandbox }.read(&line), None, "{profile}");
        }
    }
}
