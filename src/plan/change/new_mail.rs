//! Aliases and groups that somebody gets together with the account.

use super::ChangeNo;
use super::edit_addresses::add_aliases;
use super::exchange::{AddressWish, has_exchange, no_mailbox};
use super::memberships::{GroupWish, account_in_groups, groups_wanted};
use crate::accounts::R;
use crate::plan::edit::Edits;
use crate::plan::view::View;

/// What is asked for.
pub(super) struct NewMail<'a> {
    pub(super) aliases: &'a [AddressWish],
    pub(super) groups: &'a [GroupWish],
}

impl NewMail<'_> {
    fn is_empty(&self) -> bool {
        self.aliases.is_empty() && self.groups.is_empty()
    }

    /// Asks for the facts that [`give`](Self::give) wants of everybody, so that one round of reading
    /// serves them.
    pub(super) fn note_needs(&self, view: &View<'_>) {
        if self.is_empty() {
            return;
        }
        let _ = view.exchange();
        if !self.aliases.is_empty() {
            let _ = view.mail_domains();
        }
        if !self.groups.is_empty() {
            let _ = view.groups();
        }
    }

    /// Adds them to what the change has found so far: the mailbox is the one that the person will have.
    pub(super) fn give(
        &self,
        no: ChangeNo,
        label: &str,
        view: &View<'_>,
        out: &mut Edits,
    ) -> R<()> {
        if self.is_empty() || out.has_errors() || !has_exchange(label, view, out)? {
            return Ok(());
        }
        let mut person = view.person(out.subject).or_else(|missing| match out.subject {
            super::Subject::New(new) if new == no => Ok(crate::plan::person::Person::default()),
            _ => Err(missing),
        })?;
        for edit in out.edits.iter().filter(|edit| edit.subject == out.subject) {
            person.apply(no, &edit.what);
        }
        let mailbox = view.mailbox(&person);
        let groups = groups_wanted(label, self.groups, view, out);
        let mailbox = match mailbox? {
            Ok(mailbox) => mailbox,
            Err(why) => {
                out.problem(no_mailbox(label, why));
                return Ok(());
            }
        };
        let groups = groups?;
        add_aliases(label, self.aliases, &person, &mailbox, view, out)?;
        account_in_groups(label, groups, &mailbox, view, out)
    }
}
