//! Automatic replies (`exchange.md §12.3`). Recovery: repeat.

use serde_json::json;

use super::Written;
use super::command::Command;
use crate::model::{AutoReply, ObjectId, ReplyAudience};
use crate::online::{OnlineFault, Tenant};

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
                .with("ExternalAudience", json!(name(reply.audience))),
        };
        Ok(Written::of(&self.run(&command, "automatic reply").await?))
    }
}

/// Exchange's name for it.
fn name(audience: ReplyAudience) -> &'static str {
    match audience {
        ReplyAudience::None => "None",
        ReplyAudience::Known => "Known",
        ReplyAudience::All => "All",
    }
}
