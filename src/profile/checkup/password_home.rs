//! Whether passwords that are changed in the directory arrive, where the profile says that they do.

use super::{Cause, Finding, State};
use crate::model::PasswordHome;
use crate::profile::Profile;

/// Looks it over; `None` where passwords are changed online.
pub(super) async fn checked(profile: &Profile) -> Option<Finding> {
    if profile.password_home() == PasswordHome::Online {
        return None;
    }
    // Whatever keeps it from being known is said of the directory and of the journal.
    let directory = profile.sources().directory().ok()?.identity().await.ok()?;
    let seen = profile.journal().ok()?.password_change_seen(directory.id).await.ok()?;
    Some(match seen {
        Some(seen) => Finding::good(
            "password_home",
            format!("passwords changed in the directory arrive: first seen {seen:.0}"),
        ),
        None => Finding::new(
            "password_home",
            State::Wrong(Cause::Other),
            "passwords are to be changed in the directory, and no change made there has been seen to arrive",
        )
        .advice("set password_home = \"online\" in the profile: nobody gets an online account until then"),
    })
}
