//! How scripts read what Exchange knows, and whose mailbox an online account's is. What can be done
//! with it is in the file of its object.

use crate::accounts::R;
use crate::plan::change::Subject;
use crate::plan::mail::{Exchange, OnlineRef};
use crate::plan::view::View;
use crate::script::raise::Fault;
use crate::script::session::Session;

/// Answers a question about mail. That there is no Exchange, or that it refuses, is an error: it
/// would look like a tenant without groups and aliases.
pub(super) fn look<T>(session: &Session, question: impl Fn(&View<'_>) -> R<T>) -> Result<T, Fault> {
    reachable(session)?;
    let answer = session.look(question)?;
    // A refusal shows when something is read for the first time.
    reachable(session)?;
    Ok(answer)
}

fn reachable(session: &Session) -> Result<(), Fault> {
    match session.look(|view| view.exchange())? {
        Exchange::There => Ok(()),
        Exchange::NotSubscribed => {
            Err(Fault::new("no_exchange", "the tenant has no Exchange Online")
                .hint("nothing that it subscribes to comes with mailboxes: see licenses()"))
        }
        Exchange::Refused(why) => {
            Err(Fault::new("permission", format!("the app may not use Exchange: {why}"))
                .hint("acctsh doctor says which permission and which role are missing"))
        }
    }
}

/// The person behind an online account: its user, if it has one.
pub(super) fn whose(view: &View<'_>, of: OnlineRef) -> R<Subject> {
    match of {
        OnlineRef::MadeBy(no) => view.identity(Subject::New(no)),
        OnlineRef::Known(id) => match view.facts().online(id, view.needs())? {
            Some(online) => view.whose(online),
            None => Ok(Subject::Online(id)),
        },
    }
}
