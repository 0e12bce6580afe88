//! What differences of mailboxes, addresses and groups are called in a preview.

use super::change::Subject;
use super::edit::{Edit, What};
use super::mail::MailEdit;
use crate::model::{EmailAddress, Group};
use crate::online::Forwarding;

/// One difference in words.
pub(super) fn mail_words(edit: &MailEdit) -> Vec<String> {
    let from_to = |what: &str, old: &str, new: &str| vec![format!("{what}: {old} → {new}")];
    let yes_no = |what: &str, now: bool| {
        if now { from_to(what, "no", "yes") } else { from_to(what, "yes", "no") }
    };
    match edit {
        MailEdit::Awaited { .. } => vec!["mailbox waited for".to_owned()],
        MailEdit::Aliases { add, remove, .. } => {
            let added = add.iter().map(|address| format!("alias: + {address}"));
            added.chain(remove.iter().map(|address| format!("alias: − {address}"))).collect()
        }
        MailEdit::Primary { old, new, .. } => {
            from_to("primary address", old.as_str(), new.as_str())
        }
        MailEdit::Shared { shared: true, .. } => from_to("mailbox", "a person's", "shared"),
        MailEdit::Shared { shared: false, .. } => from_to("mailbox", "shared", "a person's"),
        MailEdit::Forwarded { old, label, new, .. } => {
            let copy = match new {
                Forwarding::Inside { keeps_a_copy: true, .. }
                | Forwarding::Outside { keeps_a_copy: true, .. } => ", with a copy here",
                _ => "",
            };
            vec![format!("forwarded to: {old} → {label}{copy}")]
        }
        MailEdit::AutoReply { old, new, .. } => {
            let shown = |reply: bool| if reply { "on" } else { "off" };
            match (old, new) {
                (Some(_), Some(_)) => vec!["automatic reply: another text".to_owned()],
                (old, new) => {
                    from_to("automatic reply", shown(old.is_some()), shown(new.is_some()))
                }
            }
        }
        MailEdit::Delegate { address, granted: true, .. } => vec![format!("access: + {address}")],
        MailEdit::Delegate { address, granted: false, .. } => vec![format!("access: − {address}")],
        MailEdit::Hidden { hidden, .. } => yes_no("hidden", *hidden),
        MailEdit::GroupMade { after, .. } => {
            let address = after.addresses.primary();
            vec![format!("group {}", address.as_ref().map_or("", EmailAddress::as_str))]
        }
        MailEdit::GroupChanged { old, after, owner_names, .. } => {
            let mut words = group_words(old, after);
            if let Some((old, new)) = owner_names {
                words.push(format!("owners: {old} → {new}"));
            }
            words
        }
        MailEdit::GroupDeleted { .. } => vec!["group deleted for good".to_owned()],
        // All of them in one line: see below.
        MailEdit::MemberAdded { .. } | MailEdit::MemberRemoved { .. } => Vec::new(),
    }
}

/// So many members are named one by one.
const NAMED: usize = 10;

/// Who comes into groups and leaves them, in two lines at most: for a group its members, for a person
/// its groups.
pub(super) fn member_words(edits: &[Edit], subject: Subject) -> Vec<String> {
    let names = |is_added: bool| -> Vec<&str> {
        let mut names = Vec::new();
        for edit in edits {
            let (it, group) = match &edit.what {
                What::Mail(MailEdit::MemberAdded { it, group }) if is_added => (it, group),
                What::Mail(MailEdit::MemberRemoved { it, group }) if !is_added => (it, group),
                _ => continue,
            };
            names.push(if edit.subject == subject { it.label.as_str() } else { group });
        }
        names
    };
    let of_group = edits.iter().any(|edit| {
        let is_member = matches!(
            edit.what,
            What::Mail(MailEdit::MemberAdded { .. } | MailEdit::MemberRemoved { .. })
        );
        is_member && edit.subject == subject
    });
    let what = if of_group { "members" } else { "groups" };
    let sides = [("+", names(true)), ("−", names(false))];
    let told = sides.into_iter().filter(|(_, names)| !names.is_empty());
    told.map(|(sign, names)| {
        let more = names.len().saturating_sub(NAMED);
        let shown = names[..names.len() - more].join(", ");
        if more == 0 {
            format!("{what}: {sign} {shown}")
        } else {
            format!("{what}: {sign} {shown} and {more} more")
        }
    })
    .collect()
}

fn group_words(old: &Group, new: &Group) -> Vec<String> {
    let shown = |text: &str| if text.is_empty() { "empty" } else { text }.to_owned();
    let outside = |group: &Group| if group.outside_senders { "may send" } else { "may not send" };
    let hidden = |group: &Group| if group.is_hidden { "yes" } else { "no" };
    let differences = [
        ("name", shown(&old.display_name), shown(&new.display_name)),
        ("alias", shown(&old.alias), shown(&new.alias)),
        ("description", shown(&old.description), shown(&new.description)),
        ("outsiders", outside(old).to_owned(), outside(new).to_owned()),
        ("hidden", hidden(old).to_owned(), hidden(new).to_owned()),
    ];
    let changed = differences.into_iter().filter(|(_, old, new)| old != new);
    changed.map(|(what, old, new)| format!("{what}: {old} → {new}")).collect()
}
