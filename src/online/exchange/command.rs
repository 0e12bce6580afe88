//! A command as it leaves: one cmdlet and its parameters (`exchange.md §4`).

use serde_json::{Map, Value, json};

use crate::model::{GroupId, ObjectId};
use crate::online::OnlineFault;

/// By what a command finds its object; never empty, as an empty one means *every* object
/// (`exchange.md §0.10`).
#[derive(Debug, Clone)]
pub(super) struct Identity(String);

impl Identity {
    pub(super) fn new(text: impl Into<String>) -> Result<Self, OnlineFault> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(OnlineFault::setting("Identity", "an empty identity means every object"));
        }
        Ok(Self(text))
    }
}

impl From<ObjectId> for Identity {
    fn from(id: ObjectId) -> Self {
        Self(id.to_string())
    }
}

impl From<GroupId> for Identity {
    fn from(id: GroupId) -> Self {
        Self(id.to_string())
    }
}

/// One cmdlet and its parameters.
#[derive(Debug, Clone)]
pub(super) struct Command {
    pub(super) cmdlet: &'static str,
    parameters: Map<String, Value>,
    /// What is read of the answer.
    pub(super) select: &'static str,
    /// Whether sending it twice does no harm (`exchange.md §8`).
    pub(super) can_repeat: bool,
}

impl Command {
    /// Reads; every reading command may be repeated.
    pub(super) fn get(cmdlet: &'static str, select: &'static str) -> Self {
        Self { select, can_repeat: true, ..Self::write(cmdlet) }
    }

    /// Makes something new.
    pub(super) fn create(cmdlet: &'static str, select: &'static str) -> Self {
        Self { select, ..Self::write(cmdlet) }
    }

    /// Changes one object.
    pub(super) fn on(cmdlet: &'static str, identity: &Identity) -> Self {
        Self::write(cmdlet).with("Identity", json!(identity.0))
    }

    fn write(cmdlet: &'static str) -> Self {
        let mut parameters = Map::new();
        // `true` would be a dry run (`exchange.md §0.9`).
        if cmdlet.starts_with("Remove-") || cmdlet.starts_with("Update-") {
            parameters.insert("Confirm".to_owned(), json!(false));
        }
        Self { cmdlet, parameters, select: "", can_repeat: false }
    }

    /// A command whose second run finds its work done, and says so.
    pub(super) fn repeatable(self) -> Self {
        Self { can_repeat: true, ..self }
    }

    /// The object that a reading command is about.
    pub(super) fn of(self, identity: &Identity) -> Self {
        let identity = json!(identity.0);
        self.with("Identity", identity)
    }

    /// A parameter, `false` and null as well as any other value.
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        self.parameters.insert(name.to_owned(), value);
        self
    }

    /// A parameter, if there is a value for it.
    pub(super) fn with_some<T: Into<Value>>(self, name: &str, value: Option<T>) -> Self {
        match value {
            Some(value) => self.with(name, value.into()),
            None => self,
        }
    }

    /// The right of an owner of the group, which an app never is (`exchange.md §10`).
    pub(super) fn with_right_of_owner(self) -> Self {
        self.with("BypassSecurityGroupManagerCheck", json!(true))
    }

    pub(super) fn is_write(&self) -> bool {
        !self.cmdlet.starts_with("Get-")
    }

    pub(super) fn body(&self) -> Value {
        json!({ "CmdletInput": { "CmdletName": self.cmdlet, "Parameters": self.parameters } })
    }
}

/// Adds to and removes from a list, so that others' entries stay.
pub(super) fn edits(add: &[String], remove: &[String]) -> Value {
    let mut table = json!({ "@odata.type": "#Exchange.GenericHashTable" });
    for (side, list) in [("add", add), ("remove", remove)] {
        if !list.is_empty() {
            table[side] = json!(list);
        }
    }
    table
}

/// A text inside a filter.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_identity_never_leaves() {
        assert!(Identity::new(" ").is_err());
    }

    #[test]
    fn false_is_sent_and_what_would_ask_is_told_not_to() {
        let id = Identity::new("x").unwrap();
        let body = Command::on("Remove-DistributionGroup", &id).with("A", json!(false)).body();
        let parameters = &body["CmdletInput"]["Parameters"];
        assert_eq!(*parameters, json!({ "Identity": "x", "Confirm": false, "A": false }));
    }

    #[test]
    fn edits_name_their_type_and_leave_out_an_empty_side() {
        assert_eq!(
            edits(&["smtp:x@contoso.com".to_owned()], &[]),
            json!({ "@odata.type": "#Exchange.GenericHashTable", "add": ["smtp:x@contoso.com"] })
        );
        assert_eq!(quoted("O'Neil"), "'O''Neil'");
    }
}
