//! What a person gets to read with a temporary password.

use zeroize::Zeroizing;

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
}

const TEMPLATE: &str = include_str!("letter.txt");
/// The lines of the template by which a letter is known to be for the same person.
const USER_NAME: &str = "    User name:           ";
const PROFILE: &str = "    Profile: ";
const SANDBOX: &str = " (sandbox: nothing of this exists at Microsoft)";

impl Letter {
    /// The letter as it is written. The memory is overwritten when it goes.
    pub(super) fn text(&self) -> Zeroizing<String> {
        let sandbox = if self.is_sandbox { SANDBOX } else { "" };
        let profile = format!("{}{sandbox}", self.profile);
        let first_sign_in = self.first_sign_in();
        let display_name = on_one_line(&self.display_name);
        let values = [
            ("display_name", display_name.as_str()),
            ("user_name", &self.user_name),
            ("online_id", self.online_id.as_deref().unwrap_or("none")),
            ("password", self.password.expose()),
            ("first_sign_in", &first_sign_in),
            ("profile", &profile),
        ];
        fill(TEMPLATE, &values)
    }

    fn first_sign_in(&self) -> String {
        let online = format!(
            "Go to {} and sign in with your online ID and\n\
             this password.",
            self.sign_in_url
        );
        let steps = match self.set_on {
            SetOn::Local => {
                "Sign in to your computer with your user name and this password.".to_owned()
            }
            SetOn::LocalFirst => {
                return "Sign in to your computer with your user name and this password.\n\
                        When you are asked for a new one, choose one that you use nowhere\n\
                        else. It opens your online account as well, a little later: wait\n\
                        with signing in there until then."
                    .to_owned();
            }
            SetOn::Online => online,
            SetOn::Both => format!(
                "{online} The same password opens your computer, with\n\
                 your user name."
            ),
        };
        format!("{steps} When you are asked for a new one,\nchoose one that you use nowhere else.")
    }

    /// Whether the text is an earlier letter to this person, under this profile.
    pub(super) fn is_for_same_person(&self, text: &str) -> bool {
        let after = |label: &str| text.lines().find_map(|line| line.strip_prefix(label));
        let profile = after(PROFILE).map(|name| name.strip_suffix(SANDBOX).unwrap_or(name));
        let same_name = |name: &str| name.to_lowercase() == self.user_name.to_lowercase();
        profile == Some(self.profile.as_str()) && after(USER_NAME).is_some_and(same_name)
    }
}

/// A name with line ends in it could look like other lines of the letter.
fn on_one_line(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Puts the values in place of their `{name}`s. A value is never looked into, so that a person
/// called `{password}` gets no second one.
fn fill(template: &str, values: &[(&str, &str)]) -> Zeroizing<String> {
    let room = template.len() + values.iter().map(|(_, value)| value.len()).sum::<usize>();
    let mut text = Zeroizing::new(String::with_capacity(room));
    let mut rest = template;
    while let Some((before, name, after)) = next_place(rest) {
        text.push_str(before);
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            text.push_str(value);
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let (before, place) = text.split_once('{')?;
    let (name, after) = place.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(set_on: SetOn, online_id: Option<&str>, display_name: &str) -> String {
        let letter = Letter {
            display_name: display_name.to_owned(),
            user_name: "eva.li".to_owned(),
            online_id: online_id.map(str::to_owned),
            password: Secret::new("Hk7m-Rw4t-Pn9x-Yc3b".to_owned()),
            set_on,
            profile: "contoso".to_owned(),
            is_sandbox: set_on == SetOn::Both,
            sign_in_url: "https://www.office.com".to_owned(),
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

        Nobody needs this password from you: not your administrator, not
        support, not Microsoft. If anyone asks for it, tell your
        administrator.

            Profile: contoso (sandbox: nothing of this exists at Microsoft)
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
