//! Setting one person's password from a command, without a script.

use std::sync::Arc;

use super::exit::Exit;
use super::finish::finish;
use super::raise::Fault;
use super::session::Session;
use crate::model::{Account, OnlineId, Origin, Secret, User, UserName, nearest};
use crate::plan::change::{Change, SetPassword, Subject, Whom};
use crate::plan::results::PASSWORD_ARRIVED;

/// Whose password it is.
pub struct Person {
    /// Who.
    whom: Whom,
    /// The user.
    user: Option<User>,
}

impl Person {
    /// The name.
    pub fn name(&self) -> &str {
        &self.whom.label
    }

    /// Whether it is the password that the user has in the directory. Without a user there is none.
    pub fn has_password(&self, session: &Session, password: &Secret) -> Result<bool, Fault> {
        let Some(user) = &self.user else { return Ok(false) };
        let directory = session.profile().sources().directory()?;
        let has = session.block_on(directory.has_password(user, password))?;
        has.map_err(super::raise::directory_fault)
    }
}

/// Finds a person by user name or online ID.
pub fn find_person(session: &Session, name: &str) -> Result<Person, Fault> {
    let nobody = || {
        let fault = Fault::new("no_such_account", format!("there is nobody called {name}"));
        match session.look(|view| {
            Ok(view.facts().users(view.needs())?.iter().map(|it| it.name.to_string()).collect())
        }) {
            Ok(names) => {
                let names: Vec<String> = names;
                match nearest(name, names.iter().map(String::as_str)) {
                    Some(near) => fault.hint(format!("did you mean {near}?")),
                    None => fault,
                }
            }
            Err(_) => fault,
        }
    };
    if let Ok(user_name) = UserName::parse(name) {
        let found =
            session.look(|view| Ok(view.facts().user_named(&user_name, view.needs())?.cloned()))?;
        if let Some(user) = found {
            let whom = Whom { account: Subject::User(user.guid), label: user.name.to_string() };
            return Ok(Person { whom, user: Some(User::clone(&user)) });
        }
    }
    let online_id = OnlineId::parse(name).map_err(|_| nobody())?;
    let found = session.look(|view| {
        let Some(online) = view.facts().online_called(&online_id, view.needs())?.cloned() else {
            return Ok(None);
        };
        let user = view.facts().user_of(&online, view.needs())?.cloned();
        Ok(Some((online, user)))
    })?;
    let (online, user) = found.ok_or_else(nobody)?;
    let account = Account { user: user.as_deref(), online: Some(&online) };
    let whom = match account.user {
        Some(user) => Whom { account: Subject::User(user.guid), label: user.name.to_string() },
        None => Whom { account: Subject::Online(online.id), label: online.online_id.to_string() },
    };
    Ok(Person { whom, user: user.as_deref().cloned() })
}

/// Sets the password on both halves; `is_own` if whoever does knows the present one. Where the tenant is out of reach, the directory's is set, and the
/// online one waits in the outbox.
pub fn set_password(
    session: &Arc<Session>,
    person: &Person,
    password: &Secret,
    is_own: bool,
) -> Result<Exit, Fault> {
    let record = |online_later: bool| {
        let change = SetPassword { whom: person.whom.clone(), is_own, online_later };
        let origin = Origin { file: Some("passwd".to_owned()), line: 0, row: None };
        session.discard();
        session.record(Change::SetPassword(change), origin, None, Some(password.clone()));
        finish(session, false, None)
    };
    let finished = match record(false) {
        Err(fault) if person.user.is_some() && Exit::of_kind(&fault.kind) == Exit::OutOfReach => {
            session.console().warn(&fault.message);
            session.console().say("The online password will have to wait.");
            record(true)?
        }
        finished => finished?,
    };
    super::report::show_undone(session.console(), &finished.results);
    let done = |what: &str| {
        finished.results.iter().any(|result| result.done.iter().any(|done| done == what))
    };
    match (done("password"), done(PASSWORD_ARRIVED), finished.exit) {
        (true, true, Exit::Done) => session.console().say("It counts in the directory and online."),
        (true, false, Exit::Done) => session.console().say("It counts in the directory."),
        (false, true, Exit::Done) => session.console().say("It counts online."),
        _ => {}
    }
    Ok(finished.exit)
}
