//! A mailbox that loses its licence is gone for good about 30 days later, unless it is shared or held
//! (`exchange.md §12.3`): that is said before.

use super::whom::Whom;
use crate::accounts::R;
use crate::model::{AssignedLicense, Field, Problem, RecipientKind, gives_mailbox};
use crate::plan::edit::Edits;
use crate::plan::mail::Exchange;
use crate::plan::person::Person;
use crate::plan::view::View;

/// Warns if the licences afterwards come with no mailbox, and those before did.
pub(super) fn warn_of_mailbox(
    whom: &Whom,
    person: &Person,
    after: &[AssignedLicense],
    view: &View<'_>,
    out: &mut Edits,
) -> R<()> {
    let subscribed = view.licenses()?;
    let gives = |license: &AssignedLicense| gives_mailbox(license, subscribed);
    let before = person.online.as_ref().map(|online| online.licenses.as_slice());
    if after.iter().any(gives) || !before.unwrap_or_default().iter().any(gives) {
        return Ok(());
    }
    let mailbox = view.mailbox(person)?;
    let kept = match (&view.exchange()?, &mailbox) {
        (Exchange::There, Ok(mailbox)) if mailbox.state.kind == RecipientKind::SharedMailbox => {
            Some("keeps its mailbox: it is shared")
        }
        (Exchange::There, Ok(mailbox)) if mailbox.state.is_held => {
            Some("keeps its mailbox: it is on hold")
        }
        _ => None,
    };
    match kept {
        Some(message) => whom.note("mailbox_kept", message, out),
        None => out.problem(
            Problem::warning(
                "mailbox_goes",
                &whom.label,
                "loses its mailbox for good about 30 days after the licence, unless it is shared or held",
            )
            .field(Field::Licenses)
            .advice("to keep mail and data, disable instead, or make the mailbox shared first"),
        ),
    }
    Ok(())
}

/// Names what goes with a mailbox whose account is deleted, where others may miss it.
pub(super) fn warn_of_deleted_mailbox(
    whom: &Whom,
    person: &Person,
    view: &View<'_>,
    out: &mut Edits,
) -> R<()> {
    let mailbox = view.mailbox(person)?;
    let (Exchange::There, Ok(mailbox)) = (view.exchange()?, mailbox) else { return Ok(()) };
    if mailbox.state.kind == RecipientKind::SharedMailbox {
        let message = "its mailbox is shared: whoever works in it loses it too";
        out.problem(Problem::warning("shared_mailbox", &whom.label, message));
    }
    let to = super::leavers_mailbox::forwarded_to(&mailbox.state);
    if mailbox.state.forwards_to.is_some() || mailbox.state.forwards_outside.is_some() {
        let message = format!("its mail is forwarded to {to}: that ends");
        out.problem(Problem::warning("forwarded_mailbox", &whom.label, message));
    }
    Ok(())
}
