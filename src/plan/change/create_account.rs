//! A person gets a user and, usually, an online account with licences. What is there already stays;
//! what is missing is made.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::exchange::AddressWish;
use super::link::takeable;
use super::memberships::GroupWish;
use super::new_mail::NewMail;
use super::online_half::OnlineHalf;
use super::online_wish::OnlineWish;
use super::same_person::same_person;
use super::whom::Whom;
use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::directory::NewUser;
use crate::model::{AccessLevel, Details, Field, OnlineId, Problem, User, UserGuid, UserName};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::person::Person;
use crate::plan::view::View;

/// Makes a person's account, or what is missing of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateAccount {
    /// The GUID for a new user, drawn when the change was recorded.
    pub guid: UserGuid,
    /// The user's name.
    pub user_name: UserName,
    /// The person's texts.
    pub details: Details,
    /// Whether a new user may sign in.
    pub enabled: bool,
    /// Whether the password must be changed at the first sign-in.
    pub must_change_password: bool,
    /// Last day of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// What the person may do.
    #[serde(default)]
    pub access_level: AccessLevel,
    /// The online half; `None` makes the user only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<OnlineWish>,
    /// An online account that is there and becomes this person's, in place of a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub existing: Option<ExistingOnline>,
    /// More addresses of its mailbox.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<AddressWish>,
    /// Groups to come into.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupWish>,
    /// Whether a password was given with the change. The password itself is never part of it.
    #[serde(default)]
    pub password_given: bool,
}

/// An online account that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExistingOnline {
    /// Its online ID.
    pub online_id: OnlineId,
    /// Whether one that is anchored elsewhere or has an administrator's role may be taken.
    #[serde(default)]
    pub take_over: bool,
}

impl Intent for CreateAccount {
    fn label(&self) -> String {
        self.user_name.to_string()
    }

    fn effect(&self, no: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let mail = self.mail();
        mail.note_needs(view);
        self.halves(view, out)?;
        mail.give(no, self.user_name.as_str(), view, out)
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}

impl CreateAccount {
    fn mail(&self) -> NewMail<'_> {
        NewMail { aliases: &self.aliases, groups: &self.groups }
    }

    fn halves(&self, view: &View<'_>, out: &mut Edits) -> R<()> {
        // The online half notes its needs even when the look-up of the user still lacks facts, so
        // that one round of reading serves both.
        let there = view.user_in_directory(&self.user_name);
        let existing = self.existing.as_ref().map(|it| view.people_called(&it.online_id));
        if let (Err(_), Some(wish)) = (&there, &self.online) {
            let details = shown(&self.details);
            self.half(self.guid, &details, None, wish).note_needs(view);
        }
        // Whoever has given the name up in this plan, by another name or by leaving, isn't meant.
        let there = match there? {
            Some(user) => {
                let now = view.user(Subject::User(user.guid))?;
                now.is_some_and(|now| now.name == self.user_name).then_some(user)
            }
            None => None,
        };
        let guid = match there {
            Some(user) => {
                if !self.is_welcome(user, out) {
                    return Ok(());
                }
                out.subject = Subject::User(user.guid);
                user.guid
            }
            None => {
                out.add(What::UserMade(self.new_user()));
                self.guid
            }
        };
        if let (Some(existing), Some(found)) = (&self.existing, existing) {
            return self.take(existing, &found?, view, out);
        }
        let Some(wish) = &self.online else {
            self.remark_on_password(out);
            return Ok(());
        };
        let person = match out.subject {
            Subject::New(_) => None,
            there => Some(view.person(there)?),
        };
        // An existing user's own texts count too: the row may name only some.
        let details = match person.as_ref().and_then(|person| person.user.as_deref()) {
            Some(user) => merged(&user.details, &self.details),
            None => shown(&self.details),
        };
        let half = self.half(guid, &details, person.as_ref(), wish);
        half.give(view, out)?;
        self.remark_on_password(out);
        Ok(())
    }

    fn new_user(&self) -> NewUser {
        NewUser {
            guid: self.guid,
            name: self.user_name.clone(),
            details: shown(&self.details),
            enabled: self.enabled,
            must_change_password: self.must_change_password,
            expires: self.expires,
            access_level: self.access_level,
        }
    }

    /// Links the online account that is there to the user.
    fn take(
        &self,
        existing: &ExistingOnline,
        found: &[Subject],
        view: &View<'_>,
        out: &mut Edits,
    ) -> R<()> {
        let whom = Whom { account: out.subject, label: self.user_name.to_string() };
        let user = match out.subject {
            Subject::New(_) => None,
            there => {
                let person = view.person(there)?;
                if person.online.as_ref().is_some_and(|has| has.online_id == existing.online_id) {
                    return Ok(());
                }
                if let Some(has) = person.online {
                    let message = format!("has the online account {} already", has.online_id);
                    out.problem(
                        Problem::error("has_online_account", &whom.label, message)
                            .field(Field::OnlineId)
                            .value(&has.online_id),
                    );
                    return Ok(());
                }
                person.user
            }
        };
        let ExistingOnline { online_id, take_over } = existing;
        if let Some(online) = takeable(&whom, online_id, found, *take_over, view, out)? {
            out.add(What::OnlineTaken(online));
            out.add(What::Linked { old: user.and_then(|user| user.link) });
        }
        self.remark_on_password(out);
        Ok(())
    }

    fn half<'a>(
        &'a self,
        guid: UserGuid,
        details: &'a Details,
        person: Option<&'a Person>,
        wish: &'a OnlineWish,
    ) -> OnlineHalf<'a> {
        OnlineHalf {
            guid,
            user_name: &self.user_name,
            details,
            person,
            wish,
            must_change_password: self.must_change_password,
        }
    }

    /// A half that is there already keeps its password.
    fn remark_on_password(&self, out: &mut Edits) {
        if !self.password_given || out.has_errors() {
            return;
        }
        let makes = |made: fn(&What) -> bool| out.edits.iter().any(|edit| made(&edit.what));
        let user = makes(|what| matches!(what, What::UserMade(_)));
        let online = makes(|what| matches!(what, What::OnlineMade(_)));
        let message = match (user, online) {
            (true, _) => return,
            (false, true) => "the user keeps its password; the one given is for the online account",
            (false, false) => "is there already and keeps its password; the one given is not used",
        };
        out.problem(Problem::note("password_kept", &self.user_name, message));
    }

    /// Whether the user of that name is the person meant; problems and remarks are added.
    fn is_welcome(&self, user: &User, out: &mut Edits) -> bool {
        if user.is_built_in {
            let message = "is built into the directory and is never touched";
            out.problem(
                Problem::error("protected", &self.user_name, message).field(Field::UserName),
            );
            return false;
        }
        if let Err(field) = same_person(&self.details, &user.details) {
            let given = self.details.get(field).unwrap_or_default();
            let there = user.details.get(field).unwrap_or("nothing");
            let shown = user.details.get(Field::DisplayName).unwrap_or("no display name");
            out.problem(
                Problem::error(
                    "name_taken",
                    &self.user_name,
                    format!(
                        "the user name is held by somebody else ({shown}): \
                         {field} is {there} there, {given} here"
                    ),
                )
                .field(field)
                .value(given)
                .advice("choose another user name, or correct the row if it is the same person"),
            );
            return false;
        }
        if !user.enabled {
            let message = "is disabled in the directory";
            out.problem(Problem::warning("user_disabled", &self.user_name, message));
        }
        for (field, given) in self.details.iter() {
            // The usage location lives on the online half.
            if field != Field::UsageLocation && user.details.get(field) != Some(given) {
                let there = user.details.get(field).unwrap_or("empty");
                let message = format!("{field} stays {there}; the row says {given}");
                out.problem(
                    Problem::note("differs", &self.user_name, message).field(field).value(given),
                );
            }
        }
        true
    }
}

/// The texts with a display name: made of first and last name where none was given.
fn shown(details: &Details) -> Details {
    let mut details = details.clone();
    if details.get(Field::DisplayName).is_none() {
        let names = [details.get(Field::FirstName), details.get(Field::LastName)];
        let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        details.set(Field::DisplayName, name);
    }
    details
}

fn merged(there: &Details, given: &Details) -> Details {
    let mut all = there.clone();
    for (field, text) in given.iter() {
        if all.get(field).is_none() {
            all.set(field, text);
        }
    }
    all
}
