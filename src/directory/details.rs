//! Rules about a user's texts that every directory has.

use super::DirectoryFault;
use crate::model::Details;

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
