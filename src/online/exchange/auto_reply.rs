//! Automatic replies (`exchange.md §12.3`). Recovery: repeat.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Written;
use super::command::Command;
use crate::model::ObjectId;
use crate::online::{OnlineFault, Tenant};

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

impl ReplyAudience {
    fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Known => "Known",
            Self::All => "All",
        }
    }
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

impl Tenant {
    /// What the mailbox answers by itself; `None` when it doesn't.
    pub async fn auto_reply(&self, mailbox: ObjectId) -> Result<Option<AutoReply>, OnlineFault> {
        let select = "AutoReplyState,InternalMessage,ExternalMessage,ExternalAudience";
        let command = Command::get("Get-MailboxAutoReplyConfiguration", select).of(&mailbox.into());
        let mut object = self.run_for_one(&command, "automatic reply").await?;
        if object.text("AutoReplyState")? == "Disabled" {
            return Ok(None);
        }
        let audience = match object.text("ExternalAudience")?.as_str() {
            "None" => ReplyAudience::None,
            "Known" => ReplyAudience::Known,
            "All" => ReplyAudience::All,
            other => return Err(object.wrong("ExternalAudience", &format!("can't be {other:?}"))),
        };
        Ok(Some(AutoReply {
            inside: object.text_or_null("InternalMessage")?.unwrap_or_default(),
            outside: object.text_or_null("ExternalMessage")?.unwrap_or_default(),
            audience,
        }))
    }

    /// Lets the mailbox answer by itself, or no longer; the texts of an ended reply stay.
    pub async fn set_auto_reply(
        &self,
        mailbox: ObjectId,
        reply: Option<&AutoReply>,
    ) -> Result<Written, OnlineFault> {
        let command = Command::on("Set-MailboxAutoReplyConfiguration", &mailbox.into());
        let command = match reply {
            None => command.with("AutoReplyState", json!("Disabled")),
            Some(reply) => command
                .with("AutoReplyState", json!("Enabled"))
                .with("InternalMessage", json!(reply.inside))
                .with("ExternalMessage", json!(reply.outside))
                .with("ExternalAudience", json!(reply.audience.name())),
        };
        Ok(Written::of(&self.run(&command, "automatic reply").await?))
    }
}
