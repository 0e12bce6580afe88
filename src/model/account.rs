//! One person: a user, an online account, or both.

use super::{OnlineAccount, User};

/// Both halves of a person as far as they exist, borrowed from whoever read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account<'a> {
    /// The local half.
    pub user: Option<&'a User>,
    /// The online half: the one the user is linked to, or one without user.
    pub online: Option<&'a OnlineAccount>,
}
