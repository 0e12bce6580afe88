//! Recipients as they are kept: mailboxes, groups, contacts; and finding one by any of its names
//! (`exchange.md` §10, §12.1).

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value, json};

use super::Desk;
use super::failure::Failure;
use crate::clock::Moment;
use crate::refusal::Refusal;
use crate::state::users::{self, User, text};

/// The kinds of groups.
pub(super) const GROUPS: &[&str] =
    &["MailUniversalDistributionGroup", "MailUniversalSecurityGroup"];
/// The kinds of mailboxes.
pub(super) const MAILBOXES: &[&str] =
    &["UserMailbox", "SharedMailbox", "RoomMailbox", "EquipmentMailbox"];
/// All kinds that there are here.
pub(super) const ALL: &[&str] = &[
    "UserMailbox",
    "SharedMailbox",
    "RoomMailbox",
    "EquipmentMailbox",
    "MailUniversalDistributionGroup",
    "MailUniversalSecurityGroup",
    "MailContact",
];

/// Who can receive mail.
#[derive(Debug, Clone)]
pub(super) struct Recipient {
    pub(super) no: i64,
    pub(super) guid: String,
    pub(super) entra_id: Option<String>,
    /// `RecipientTypeDetails`.
    pub(super) kind: String,
    pub(super) doc: Map<String, Value>,
    pub(super) user: Option<User>,
    pub(super) ready_at: Moment,
    pub(super) cut_off_at: Option<Moment>,
    pub(super) deleted_at: Option<Moment>,
}

impl Recipient {
    pub(super) fn text(&self, name: &str) -> &str {
        text(&self.doc, name).unwrap_or_default()
    }

    pub(super) fn name(&self) -> &str {
        self.text("Name")
    }

    pub(super) fn display_name(&self) -> &str {
        let user = self.user.as_ref().and_then(|user| text(&user.document, "displayName"));
        user.unwrap_or_else(|| self.text("DisplayName"))
    }

    pub(super) fn is_mailbox(&self) -> bool {
        MAILBOXES.contains(&self.kind.as_str())
    }

    /// `RecipientType`: every mailbox is a `UserMailbox`.
    pub(super) fn recipient_type(&self) -> &str {
        if self.is_mailbox() { "UserMailbox" } else { &self.kind }
    }

    /// Whose addresses they are, in the one space of addresses.
    pub(super) fn holder(&self) -> i64 {
        self.user.as_ref().map_or(-self.no, |user| user.seq)
    }

    /// All addresses with their prefixes.
    pub(super) fn addresses(&self) -> Vec<String> {
        let list = |value: Option<&Value>| -> Vec<String> {
            let list = value.and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let Some(user) = &self.user else { return list(self.doc.get("EmailAddresses")) };
        let mut all = list(user.document.get("proxyAddresses"));
        all.extend(list(self.doc.get("OtherAddresses")));
        all
    }

    /// The primary address.
    pub(super) fn primary(&self) -> Option<String> {
        let all = self.addresses();
        all.iter().find_map(|each| each.strip_prefix("SMTP:")).map(str::to_owned)
    }

    pub(super) fn distinguished_name(&self) -> String {
        format!(
            "CN={},OU=contoso.onmicrosoft.com,OU=Microsoft Exchange Hosted Organizations,DC=SANDBOX,DC=PROD,DC=OUTLOOK,DC=COM",
            self.name()
        )
    }

    /// Whether its master is somewhere else (`exchange.md` §13).
    pub(super) fn is_synchronized(&self) -> bool {
        let user = self.user.as_ref();
        user.is_some_and(|user| user.document.get("onPremisesSyncEnabled") == Some(&json!(true)))
    }

    /// What every cmdlet shows of a recipient.
    pub(super) fn shown(&self) -> Map<String, Value> {
        let mut shown = Map::new();
        for (name, value) in [
            ("Identity", json!(self.name())),
            ("Name", json!(self.name())),
            ("DisplayName", json!(self.display_name())),
            ("Alias", json!(self.text("Alias"))),
            ("PrimarySmtpAddress", json!(self.primary())),
            ("EmailAddresses@odata.type", json!("#Collection(String)")),
            ("EmailAddresses", json!(self.addresses())),
            ("RecipientType", json!(self.recipient_type())),
            ("RecipientTypeDetails", json!(self.kind)),
            ("IsDirSynced", json!(self.is_synchronized())),
            ("HiddenFromAddressListsEnabled", self.flag("HiddenFromAddressListsEnabled")),
            ("DistinguishedName", json!(self.distinguished_name())),
            ("Guid@odata.type", json!("#Guid")),
            ("Guid", json!(self.guid)),
            ("ExternalDirectoryObjectId", json!(self.entra_id)),
            ("WhenCreatedUTC", self.doc.get("WhenCreatedUTC").cloned().unwrap_or_default()),
            ("WhenChangedUTC", self.doc.get("WhenChangedUTC").cloned().unwrap_or_default()),
        ] {
            shown.insert(name.to_owned(), value);
        }
        shown
    }

    /// A flag of the document, false when it was never set.
    pub(super) fn flag(&self, name: &str) -> Value {
        self.doc.get(name).cloned().unwrap_or(json!(false))
    }

    /// Writes the document, kind and times.
    pub(super) fn save(&self, state: &Connection) -> Result<(), Refusal> {
        state
            .prepare_cached(
                "UPDATE recipients SET kind = ?2, name_key = ?3, alias_key = ?4, doc = ?5,
                        ready_at = ?6, cut_off_at = ?7, deleted_at = ?8 WHERE no = ?1",
            )?
            .execute(params![
                self.no,
                self.kind,
                self.name().to_lowercase(),
                self.text("Alias").to_lowercase(),
                serde_json::to_string(&self.doc)?,
                self.ready_at.0,
                self.cut_off_at.map(|moment| moment.0),
                self.deleted_at.map(|moment| moment.0),
            ])?;
        Ok(())
    }
}

const COLUMNS: &str = "no, guid, entra_id, kind, doc, user_seq, ready_at, cut_off_at, deleted_at";
/// Whom anybody sees at the moment ?1.
const SEEN: &str = "ready_at <= ?1 AND cut_off_at IS NULL AND deleted_at IS NULL
    AND (user_seq IS NOT NULL OR kind NOT LIKE '%Mailbox')";

type Raw = (Recipient, String, Option<i64>);

fn from_row(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let recipient = Recipient {
        no: row.get(0)?,
        guid: row.get(1)?,
        entra_id: row.get(2)?,
        kind: row.get(3)?,
        doc: Map::new(),
        user: None,
        ready_at: Moment(row.get(6)?),
        cut_off_at: row.get::<_, Option<i64>>(7)?.map(Moment),
        deleted_at: row.get::<_, Option<i64>>(8)?.map(Moment),
    };
    Ok((recipient, row.get(4)?, row.get(5)?))
}

fn complete(state: &Connection, raw: Raw) -> Result<Recipient, Refusal> {
    let (recipient, doc, user_seq) = raw;
    let user = user_seq.map(|seq| users::by_seq(state, seq)).transpose()?.flatten();
    Ok(Recipient { doc: serde_json::from_str(&doc)?, user, ..recipient })
}

/// The recipient of that number.
pub(super) fn by_no(state: &Connection, no: i64) -> Result<Option<Recipient>, Refusal> {
    let raw = state
        .prepare_cached(&format!("SELECT {COLUMNS} FROM recipients WHERE no = ?1"))?
        .query_row([no], from_row)
        .optional()?;
    raw.map(|raw| complete(state, raw)).transpose()
}

/// The mailbox of that user, whatever became of it.
pub(super) fn of_user(state: &Connection, seq: i64) -> Result<Option<Recipient>, Refusal> {
    let raw = state
        .prepare_cached(&format!("SELECT {COLUMNS} FROM recipients WHERE user_seq = ?1"))?
        .query_row([seq], from_row)
        .optional()?;
    raw.map(|raw| complete(state, raw)).transpose()
}

/// Adds a recipient; its number.
pub(super) fn insert(state: &Connection, new: &Recipient) -> Result<i64, Refusal> {
    state
        .prepare_cached(
            "INSERT INTO recipients (guid, entra_id, kind, name_key, alias_key, doc, user_seq, ready_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            new.guid,
            new.entra_id,
            new.kind,
            new.name().to_lowercase(),
            new.text("Alias").to_lowercase(),
            serde_json::to_string(&new.doc)?,
            new.user.as_ref().map(|user| user.seq),
            new.ready_at.0,
        ])?;
    Ok(state.last_insert_rowid())
}

/// Removes a recipient; its addresses become free, those of its user aside.
pub(super) fn remove(state: &Connection, recipient: &Recipient) -> Result<(), Refusal> {
    state.prepare_cached("DELETE FROM recipients WHERE no = ?1")?.execute([recipient.no])?;
    if recipient.user.is_none() {
        users::set_addresses(state, recipient.holder(), std::iter::empty())?;
    }
    Ok(())
}

/// The numbers of those of these kinds whom anybody sees, as they were made.
pub(super) fn numbers(desk: &Desk<'_>, kinds: &[&str]) -> Result<Vec<i64>, Refusal> {
    let mut statement = desk.state.prepare_cached(&format!(
        "SELECT no FROM recipients WHERE {SEEN} AND kind IN (SELECT value FROM json_each(?2)) ORDER BY no"
    ))?;
    let kinds = serde_json::to_string(kinds)?;
    let rows = statement.query_map(params![desk.now.0, kinds], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The one of these kinds that goes by that identity, if there is just one.
pub(super) fn find(
    desk: &Desk<'_>,
    identity: &str,
    kinds: &[&str],
) -> Result<Option<Recipient>, Failure> {
    let identity = identity.trim();
    let (condition, key) = if uuid::Uuid::parse_str(identity).is_ok() {
        ("guid = ?2 OR entra_id = ?2", identity.to_lowercase())
    } else if identity.contains('@') {
        ("user_seq IN (SELECT user_seq FROM addresses WHERE address = ?2 UNION SELECT seq FROM users WHERE upn_key = ?2)
          OR no IN (SELECT -user_seq FROM addresses WHERE address = ?2)", identity.to_lowercase())
    } else {
        let name = identity.strip_prefix("CN=").and_then(|rest| rest.split_once(",OU="));
        let name = name.map_or(identity, |(name, _)| name);
        ("name_key = ?2 OR alias_key = ?2", name.to_lowercase())
    };
    let mut statement = desk.state.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM recipients WHERE {SEEN} AND ({condition}) LIMIT 10"
    ))?;
    let raws: Vec<Raw> =
        statement.query_map(params![desk.now.0, key], from_row)?.collect::<Result<_, _>>()?;
    let mut fitting = raws.into_iter().filter(|(each, ..)| kinds.contains(&each.kind.as_str()));
    let Some(found) = fitting.next() else { return Ok(None) };
    if fitting.next().is_some() {
        return Err(Failure::ambiguous(identity));
    }
    Ok(Some(complete(desk.state, found)?))
}

/// The one that goes by that identity.
pub(super) fn get(desk: &Desk<'_>, identity: &str, kinds: &[&str]) -> Result<Recipient, Failure> {
    find(desk, identity, kinds)?.ok_or_else(|| Failure::not_found(identity))
}
