//! Another level of the directory's password policy. What holds a given password against it is a rule
//! over the whole plan (`check`): a password may come before the change, or after it.

use serde::{Deserialize, Serialize};

use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::directory::active_directory::SET_IN_THE_DOMAIN;
use crate::model::{PasswordHome, PasswordPolicy, Problem};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::view::View;

/// What problems and results call it.
const LABEL: &str = "the directory";

/// Sets the directory's password policy to a level. Passwords that are there stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetPasswordPolicy {
    /// The level.
    pub level: PasswordPolicy,
    /// Where people change their passwords.
    #[serde(default, skip_serializing_if = "PasswordHome::is_online")]
    pub password_home: PasswordHome,
    /// Nobody asked: the plan needs it, since online accounts are to follow the directory.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_needed: bool,
}

impl SetPasswordPolicy {
    /// What a plan needs in which online accounts are to follow the directory.
    pub fn for_followers() -> Self {
        Self {
            level: PasswordPolicy::Strong,
            password_home: PasswordHome::Directory,
            is_needed: true,
        }
    }
}

impl Intent for SetPasswordPolicy {
    fn subject(&self, _: ChangeNo) -> Subject {
        Subject::Directory
    }

    fn label(&self) -> String {
        LABEL.to_owned()
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        self.replace(view.password_policy()?, out);
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}

impl SetPasswordPolicy {
    fn replace(&self, old: PasswordPolicy, out: &mut Edits) {
        let new = self.level;
        if let PasswordPolicy::Domain { .. } = old {
            let message = "its password policy is the domain's own, which acctsh doesn't set";
            out.problem(
                Problem::error("password_policy", LABEL, message)
                    .value(new)
                    .advice(SET_IN_THE_DOMAIN),
            );
            return;
        }
        if old == new {
            return;
        }
        if new.is_below(old) {
            out.problem(self.lowered(old));
        } else if self.is_needed {
            let message = format!(
                "its password policy is raised from {old} to {new} first: passwords are changed in the \
                 directory, and the tenant would refuse weaker ones"
            );
            out.problem(Problem::note("policy_raised", LABEL, message));
        }
        out.add(What::PasswordPolicy { old, new });
    }

    /// A warning; an error where online accounts follow the directory.
    fn lowered(&self, old: PasswordPolicy) -> Problem {
        let new = self.level;
        match self.password_home {
            PasswordHome::Online => {
                let message = format!(
                    "from now on passwords can be chosen that the tenant refuses: {new} takes {}, the \
                     tenant {}",
                    new.wants(),
                    PasswordPolicy::Tenant.wants()
                );
                Problem::warning("policy_lowered", LABEL, message).value(new).advice(
                    "leave it where it is if passwords are ever to be the same on both sides",
                )
            }
            PasswordHome::Directory => {
                let message = format!(
                    "its password policy can't be lowered from {old} to {new}: passwords are changed in \
                     the directory, and the tenant would refuse weaker ones"
                );
                Problem::error("policy_lowered", LABEL, message)
                    .value(new)
                    .advice("set password_home = \"online\" in the profile first")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(level: PasswordPolicy, password_home: PasswordHome, old: PasswordPolicy) -> Edits {
        let mut out = Edits::new(ChangeNo(0), Subject::Directory);
        SetPasswordPolicy { level, password_home, is_needed: false }.replace(old, &mut out);
        out
    }

    #[test]
    fn the_policy_of_a_domain_is_refused_before_anything_is_written_and_it_says_where_it_is_set() {
        let domain = PasswordPolicy::Domain { least: 7, is_complex: true };
        for level in PasswordPolicy::LEVELS {
            let out = wanted(level, PasswordHome::Online, domain);
            assert!(out.has_errors() && out.edits.is_empty());
            let advice = out.problems[0].advice.as_ref().unwrap();
            assert!(advice.contains("Default Domain Policy"), "{advice}");
            assert!(advice.contains("samba-tool domain passwordsettings"), "{advice}");
        }
    }

    #[test]
    fn raising_is_done_without_a_word_lowering_is_warned_of_and_the_same_is_nothing() {
        use PasswordPolicy::{Medium, Strong};
        let raised = wanted(Strong, PasswordHome::Online, Medium);
        assert_eq!((raised.edits.len(), raised.problems), (1, Vec::new()));
        let lowered = wanted(Medium, PasswordHome::Online, Strong);
        assert!(!lowered.has_errors() && lowered.problems.len() == 1 && lowered.edits.len() == 1);
        let same = wanted(Medium, PasswordHome::Online, Medium);
        assert_eq!((same.edits, same.problems), (Vec::new(), Vec::new()));
    }

    #[test]
    fn where_online_accounts_follow_the_directory_it_can_only_be_raised() {
        use PasswordPolicy::{Medium, MediumStrong, Strong};
        assert!(wanted(MediumStrong, PasswordHome::Directory, Strong).has_errors());
        assert!(!wanted(MediumStrong, PasswordHome::Directory, Medium).has_errors());
    }
}
