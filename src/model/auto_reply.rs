//! What a mailbox answers while its owner is away.

use serde::{Deserialize, Serialize};

/// Who outside gets an automatic reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyAudience {
    /// Nobody.
    None,
    /// Those in the owner's contacts.
    Known,
    /// Everybody.
    All,
}

/// What a mailbox answers by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutoReply {
    /// To people of the organisation.
    pub inside: String,
    /// To everybody else.
    pub outside: String,
    /// Who of them gets it.
    pub audience: ReplyAudience,
}
