//! Rules about a user's texts that every directory has.

use super::DirectoryFault;
use crate::model::{Details, Field, MailAddresses};

/// Refuses what is no text of a person, and texts that are too long.
pub(super) fn check_details(details: &Details) -> Result<(), DirectoryFault> {
    for (field, text) in details.iter() {
        if !field.is_detail() {
            return Err(DirectoryFault::Refused {
                field,
                reason: "it is not one of a user's texts".to_owned(),
            });
        }
        let length = text.chars().count();
        if let Some(limit) = field.spec().max_chars.filter(|limit| length > *limit) {
            return Err(DirectoryFault::Refused {
                field,
                reason: format!("it has {length} characters, at most {limit} are allowed"),
            });
        }
    }
    Ok(())
}

/// Refuses what is no e-mail address, and a second primary one.
pub(super) fn check_mail(mail: &MailAddresses) -> Result<(), DirectoryFault> {
    let refused = |reason: String| Err(DirectoryFault::Refused { field: Field::Email, reason });
    let entries = mail.entries();
    let is_email = |entry: &&String| entry.starts_with("SMTP:") || entry.starts_with("smtp:");
    if let Some(other) = entries.iter().find(|entry| !is_email(entry)) {
        return refused(format!("{other} is no e-mail address (smtp:)"));
    }
    match entries.iter().filter(|entry| entry.starts_with("SMTP:")).count() {
        0 | 1 => Ok(()),
        many => refused(format!("{many} addresses are primary, only one can be")),
    }
}
