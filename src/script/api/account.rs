//! `account`: one person, local and online together, as a handle.

use std::sync::Arc;

use rhai::{Dynamic, Engine, NativeCallContext, export_module, exported_module};

use super::fields::{self, Unreadable};
use super::values::dynamic;
use crate::accounts::R;
use crate::model::field::{FIELDS, FieldSpec};
use crate::model::{Field, OnlineAccount, OnlineId, Origin, User, UserName, UserType, nearest};
use crate::plan::change::Subject;
use crate::plan::view::View;
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::{Handle, Session};
use crate::table::Value;

/// A person: an identity, never a copy.
#[derive(Clone)]
pub(in crate::script) struct AccountHandle {
    pub(super) session: Arc<Session>,
    /// `None`: the row that it was recorded from was refused.
    pub(super) handle: Option<Handle>,
    /// The list that it is an element of: what one lacks is read for all.
    pub(super) list: Option<Arc<Vec<Handle>>>,
    /// Whether a verb gave it back, so that verbs can follow each other.
    pub(super) is_of_verb: bool,
}

impl AccountHandle {
    pub(super) fn new(session: &Arc<Session>, handle: Option<Handle>) -> Self {
        Self { session: Arc::clone(session), handle, list: None, is_of_verb: false }
    }

    /// What a verb gives back. As the value of a whole script it says nothing: the results do.
    pub(super) fn of_verb(&self) -> Self {
        Self { is_of_verb: true, ..self.clone() }
    }

    pub(in crate::script) fn is_of_verb(&self) -> bool {
        self.is_of_verb
    }

    pub(in crate::script) fn handle(&self) -> Option<Handle> {
        self.handle
    }

    /// The person in terms of the current plan.
    pub(super) fn subject(&self) -> Result<Subject, Fault> {
        let handle = self
            .handle
            .ok_or_else(|| Fault::new("bad_row", "the row of this account has problems"))?;
        let subject = self.session.subject(handle);
        subject.ok_or_else(|| Fault::new("not_made", "this account was not made"))
    }

    fn online(&self) -> Result<Option<Arc<OnlineAccount>>, Fault> {
        let subject = self.subject()?;
        Ok(self.session.look(|view| view.person(subject))?.online)
    }

    fn user(&self) -> Result<Option<Arc<User>>, Fault> {
        let subject = self.subject()?;
        self.session.look(|view| view.user(subject))
    }

    pub(super) fn read(&self, spec: &'static FieldSpec) -> Result<Value, Fault> {
        let subject = self.subject()?;
        let others = self.list.as_deref().map(Vec::as_slice).unwrap_or_default();
        let value = self.session.look(|view| {
            let value = fields::read(view, subject, spec);
            if value.is_err() {
                // A miss on an element of a list asks for the whole list.
                for other in others.iter().filter_map(|other| self.session.subject(*other)) {
                    let _ = fields::read(view, other, spec);
                }
            }
            value
        })?;
        value.map_err(|why| match why {
            Unreadable::KnownAfterApply => Fault::new(
                "known_after_apply",
                format!("{} is known only after the plan is applied", spec.name),
            )
            .hint("call apply() first")
            .field(spec.name),
            Unreadable::NoExchange => {
                Fault::new("no_exchange", "the tenant has no Exchange Online").field(spec.name)
            }
            Unreadable::ExchangeRefused(why) => {
                Fault::new("permission", format!("the app may not use Exchange: {why}"))
                    .hint("acctsh doctor says what is missing")
                    .field(spec.name)
            }
            Unreadable::Deleted => {
                Fault::new("deleted", "this account is deleted").field(spec.name)
            }
        })
    }
}

/// Makes the functions and properties known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<AccountHandle>("Account");
    for spec in FIELDS.iter().filter(|spec| !matches!(spec.field, Field::Password | Field::Without))
    {
        engine.register_get(
            spec.name,
            move |account: &mut AccountHandle| -> Result<Dynamic, Raised> {
                account.read(spec).map(dynamic).map_err(Fault::raise)
            },
        );
    }
    // `account[field]` with a name that is only known while the script runs.
    engine.register_indexer_get(
        |account: &mut AccountHandle, name: &str| -> Result<Dynamic, Raised> {
            let known = |spec: &&FieldSpec| {
                spec.name == name && !matches!(spec.field, Field::Password | Field::Without)
            };
            if let Some(spec) = FIELDS.iter().find(known) {
                return account.read(spec).map(dynamic).map_err(Fault::raise);
            }
            let names = FIELDS.iter().map(|spec| spec.name);
            let fault =
                Fault::new("unknown_property", format!("an account has no property {name:?}"))
                    .field(name);
            Err(match nearest(name, names) {
                Some(near) => fault.hint(format!("did you mean {near}?")),
                None => fault,
            }
            .raise())
        },
    );
    engine.register_global_module(exported_module!(account_api).into());
}

/// The person of that name: a user name or an online ID.
fn look_up(view: &View<'_>, name: &str) -> R<Vec<Subject>> {
    if name.contains('@') {
        return view.people_called(&OnlineId::received(name));
    }
    match UserName::parse(name) {
        Ok(name) => view.users_named(&name),
        Err(_) => Ok(Vec::new()),
    }
}

fn free_name(session: &Session, text: &str) -> Result<String, Fault> {
    // Twenty characters are what Active Directory takes (`active-directory.md §3`); two are for a number.
    const CHARACTERS: usize = 18;
    let local = text.split('@').next().unwrap_or_default();
    let plain = deunicode::deunicode(local).to_lowercase();
    let kept = plain.chars().filter(|c| c.is_ascii_alphanumeric() || ".-_".contains(*c));
    let base: String = kept.take(CHARACTERS).collect();
    let base = base.trim_matches('.');
    for number in 1..100 {
        let name = if number == 1 { base.to_owned() } else { format!("{base}{number}") };
        let Ok(parsed) = UserName::parse(&name) else { break };
        if session.look(|view| Ok(view.users_named(&parsed)?.is_empty()))? {
            return Ok(name);
        }
    }
    let message = format!("no free user name can be made of {text:?}");
    Err(Fault::new("name_taken", message).value(text))
}

/// A person of the plan by the name it is shown under and the row or line that makes it.
fn known_as(session: &Session, subject: Subject) -> Result<String, Fault> {
    let user = session.look(|view| view.user(subject))?;
    let shown = user.as_ref().and_then(|user| user.details.get(Field::DisplayName));
    let origin = match subject {
        Subject::New(no) => {
            session.with_planner(|planner| planner.origin_of(no).map(Origin::label))
        }
        _ => None,
    };
    let whence = origin.unwrap_or_else(|| "there already".to_owned());
    Ok(shown.map_or_else(|| whence.clone(), |shown| format!("{shown} ({whence})")))
}

pub(super) fn find(session: &Arc<Session>, name: &str) -> Result<AccountHandle, Fault> {
    match session.look(|view| look_up(view, name))?.as_slice() {
        [one] => Ok(AccountHandle::new(session, Some(session.handle(*one)))),
        [] => {
            let fault = Fault::new("no_such_account", format!("there is nobody called {name:?}"))
                .value(name);
            let everybody = session.look(|view| {
                let all = view.everybody()?;
                all.into_iter().map(|subject| view.user(subject)).collect::<R<Vec<_>>>()
            })?;
            let names: Vec<String> =
                everybody.iter().flatten().map(|user| user.name.to_string()).collect();
            Err(match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => fault.hint(format!("did you mean {near:?}?")),
                None => fault,
            })
        }
        several => {
            let people = several.iter().map(|subject| known_as(session, *subject));
            let people = people.collect::<Result<Vec<_>, _>>()?;
            let message = format!(
                "{name:?} means {} people at this point of the plan: {}",
                several.len(),
                people.join(" and ")
            );
            Err(Fault::new("ambiguous", message).value(name))
        }
    }
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod account_api {
    /// The person of that user name or online ID. Throws `no_such_account` if there is nobody.
    ///
    /// ```rhai
    /// account("ada").display_name
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn account(context: NativeCallContext, name: &str) -> Result<AccountHandle, Raised> {
        find(&session(&context)?, name).map_err(Fault::raise)
    }

    /// Whether the user was made by the directory itself, such as Administrator.
    ///
    /// ```rhai
    /// account("ada").is_built_in
    /// ```
    #[rhai_fn(get = "is_built_in", return_raw, pure)]
    pub(crate) fn is_built_in(account: &mut AccountHandle) -> Result<bool, Raised> {
        Ok(account.user().map_err(Fault::raise)?.is_some_and(|user| user.is_built_in))
    }

    /// Why the user gets nothing unless it is named: `service` where a program signs in with it,
    /// `privileged` where it runs the directory; else `()`. Only a domain of Active Directory knows.
    ///
    /// ```rhai
    /// account("ada").set_apart
    /// ```
    #[rhai_fn(get = "set_apart", return_raw, pure)]
    pub(crate) fn set_apart(account: &mut AccountHandle) -> Result<Dynamic, Raised> {
        let user = account.user().map_err(Fault::raise)?;
        let set_apart = user.and_then(|user| user.set_apart);
        Ok(set_apart.map_or(Dynamic::UNIT, |why| why.word().into()))
    }

    /// Whether the online account is a guest's, who belongs to another organisation.
    ///
    /// ```rhai
    /// account("ada").is_guest
    /// ```
    #[rhai_fn(get = "is_guest", return_raw, pure)]
    pub(crate) fn is_guest(account: &mut AccountHandle) -> Result<bool, Raised> {
        let online = account.online().map_err(Fault::raise)?;
        Ok(online.is_some_and(|online| online.user_type == Some(UserType::Guest)))
    }

    /// Whether the online account is run by directory synchronisation.
    ///
    /// ```rhai
    /// account("ada").is_synchronized
    /// ```
    #[rhai_fn(get = "is_synchronized", return_raw, pure)]
    pub(crate) fn is_synchronized(account: &mut AccountHandle) -> Result<bool, Raised> {
        Ok(account.online().map_err(Fault::raise)?.is_some_and(|online| online.is_synchronized))
    }

    /// Whether the online account holds an administrator's role in the tenant.
    ///
    /// ```rhai
    /// account("ada").is_administrator
    /// ```
    #[rhai_fn(get = "is_administrator", return_raw, pure)]
    pub(crate) fn is_administrator(account: &mut AccountHandle) -> Result<bool, Raised> {
        let Some(online) = account.online().map_err(Fault::raise)? else { return Ok(false) };
        let roles = account.session.look(|view| Ok(view.roles_of(online.id)?.is_some()));
        roles.map_err(Fault::raise)
    }

    /// A user name made of the text that nobody has at this point of the plan: where it is taken, a
    /// number follows it. Letters that user names don't take are written as others or left out.
    ///
    /// ```rhai
    /// free_user_name("ada@contoso.com")
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn free_user_name(context: NativeCallContext, text: &str) -> Result<String, Raised> {
        let session = session(&context)?;
        free_name(&session, text).map_err(Fault::raise)
    }

    /// Whether the profile says that the user is never touched.
    ///
    /// ```rhai
    /// account("ada").is_protected
    /// ```
    #[rhai_fn(get = "is_protected", return_raw, pure)]
    pub(crate) fn is_protected(account: &mut AccountHandle) -> Result<bool, Raised> {
        let user = account.user().map_err(Fault::raise)?;
        let protected = account.session.profile().protected();
        Ok(user.is_some_and(|user| protected.contains(&user.name.key())))
    }

    /// Whether the last day of the account is over.
    ///
    /// ```rhai
    /// account("ada").is_expired
    /// ```
    #[rhai_fn(get = "is_expired", return_raw, pure)]
    pub(crate) fn is_expired(account: &mut AccountHandle) -> Result<bool, Raised> {
        let today = jiff::ZonedDateTime::now().date();
        let expires = account.user().map_err(Fault::raise)?.and_then(|user| user.expires);
        Ok(expires.is_some_and(|last| last < today))
    }
}
