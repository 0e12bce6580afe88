//! What a person gets to read with a temporary password.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::letter_mark::{LetterMark, on_one_line};
use super::letter_template::{LetterTemplate, Values};
use crate::model::Secret;

/// On which halves the password was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOn {
    /// On the user in the directory.
    Local,
    /// On the online account.
    Online,
    /// On both.
    Both,
    /// On the user in the directory, whose next one becomes that of the online account too.
    LocalFirst,
}

/// One person's temporary password and what goes with it.
pub struct Letter {
    /// Its form, in the person's language.
    pub template: Arc<LetterTemplate>,
    /// The person, as a letter greets them.
    pub display_name: String,
    /// The name in the directory.
    pub user_name: String,
    /// The sign-in name of the online account, where there is one.
    pub online_id: Option<String>,
    /// The password.
    pub password: Secret,
    /// Where it holds.
    pub set_on: SetOn,
    /// The profile of the run.
    pub profile: String,
    /// Whether the tenant is the sandbox, so that nobody takes the letter for real.
    pub is_sandbox: bool,
    /// Where to sign in online.
    pub sign_in_url: String,
    /// The run that set the password.
    pub run: String,
}

impl Letter {
    /// The letter as it is written. The memory is overwritten when it goes.
    pub(super) fn text(&self) -> Zeroizing<String> {
        let display_name = on_one_line(&self.display_name);
        let values = Values {
            display_name: &display_name,
            user_name: &self.user_name,
            online_id: self.online_id.as_deref(),
            password: self.password.expose(),
            sign_in_url: &self.sign_in_url,
            profile: &self.profile,
            set_on: self.set_on,
            is_sandbox: self.is_sandbox,
        };
        self.template.fill(&values, &self.mark().line(&self.run, &self.user_name))
    }

    /// Whether the text is an earlier letter to this person, under this profile.
    pub(super) fn is_for_same_person(&self, text: &str) -> bool {
        let own = on_one_line(&self.user_name).to_lowercase();
        self.mark().read(text).is_some_and(|(_, name)| name.to_lowercase() == own)
    }

    fn mark(&self) -> LetterMark<'_> {
        LetterMark { profile: &self.profile, is_sandbox: self.is_sandbox }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passwords::LetterLanguages;

    fn text(set_on: SetOn, online_id: Option<&str>, display_name: &str) -> String {
        let letter = Letter {
            template: LetterLanguages::load(None, None).unwrap().of(None),
            display_name: display_name.to_owned(),
            user_name: "eva.li".to_owned(),
            online_id: online_id.map(str::to_owned),
            password: Secret::new("Hk7m-Rw4t-Pn9x-Yc3b".to_owned()),
            set_on,
            profile: "contoso".to_owned(),
            is_sandbox: set_on == SetOn::Both,
            sign_in_url: "https://www.office.com".to_owned(),
            run: "20270131-0900-kcth".to_owned(),
        };
        letter.text().to_string()
    }

    #[test]
    fn a_letter_for_both_halves_says_all_that_a_person_needs() {
        insta::assert_snapshot!(text(SetOn::Both, Some("eva.li@contoso.com"), "Eva Li"), @r"
        Hello Eva Li,

        this letter has what you need to sign in for the first time.
        Keep it to yourself, and destroy it once you have signed in.

            User name:           eva.li
            Online ID:           eva.li@contoso.com
            Temporary password:  Hk7m-Rw4t-Pn9x-Yc3b

        Type the password exactly as it stands: capital and small letters
        are not the same, and hyphens belong to it.

        At your first sign-in

        Go to https://www.office.com and sign in with your online ID and
        this password. The same password opens your computer, with
        your user name. When you are asked for a new one,
        choose one that you use nowhere else.

        Your computer does not learn of the new password that you choose
        online: this one opens it until you choose a new one there, too.

        Nobody needs this password from you: not your administrator, not
        support, not Microsoft. If anyone asks for it, tell your
        administrator.

            Profile: contoso (sandbox: nothing of this exists at Microsoft)

        acctsh / contoso (sandbox) / 20270131-0900-kcth / eva.li
        ");
    }

    #[test]
    fn a_letter_for_the_directory_alone_speaks_of_no_page() {
        let text = text(SetOn::Local, None, "Eva Li");
        assert!(text.contains("Sign in to your computer"), "{text}");
        assert!(!text.contains("office.com") && !text.contains("sandbox"), "{text}");
        assert!(text.contains("Online ID:           none"), "{text}");
    }

    #[test]
    fn a_name_cannot_look_like_other_lines_of_the_letter() {
        let text = text(SetOn::Local, None, "Eva\n    User name:           tim");
        assert!(text.starts_with("Hello Eva     User name:           tim,\n"), "{text}");
    }

    #[test]
    fn every_place_of_the_template_is_filled_and_values_are_not_looked_into() {
        let text = text(SetOn::Online, Some("eva.li@contoso.com"), "{password}");
        assert!(text.starts_with("Hello {password},"), "{text}");
        assert_eq!(text.matches(['{', '}']).count(), 2, "{text}");
        assert_eq!(text.matches("Hk7m-Rw4t-Pn9x-Yc3b").count(), 1, "{text}");
    }
}
