//! Opening a user that wrong passwords have locked.

use serde::{Deserialize, Serialize};

use super::whom::Whom;
use super::{ChangeNo, Impact, Intent};
use crate::accounts::R;
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::view::View;

/// Opens the user again. Its password stays; online nobody but the tenant itself can unlock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlock {
    /// Whom.
    pub whom: Whom,
}

impl Intent for Unlock {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let Some(person) = self.whom.person(view, out)? else { return Ok(()) };
        if person.user.is_some_and(|user| user.is_locked) {
            out.add(What::Unlocked);
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}
