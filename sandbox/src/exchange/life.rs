//! When mailboxes come and go: some time after the licence, 30 days after its end unless shared or
//! held, and with the user (`exchange.md` §12.2, §12.3).
//!
//! Users change on Graph's side; a trigger of the state file notes whom, and here it is caught up with
//! before each command.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::behavior::Behavior;
use super::recipient::{self, Recipient};
use crate::TENANT_ID;
use crate::clock::Moment;
use crate::refusal::Refusal;
use crate::state::users::{self, Document, User, text};
use crate::state::{former, skus};

/// Plans that bring a mailbox.
const PLANS: &[&str] = &["EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE", "EXCHANGE_S_DESKLESS"];
/// Plans that allow a hold.
pub(super) const HOLD_PLANS: &[&str] =
    &["EXCHANGE_S_ENTERPRISE", "EXCHANGE_S_ARCHIVE_ADDON", "BPOS_S_DlpAddOn"];
const KEPT_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Catches up with what became of users since the last command.
pub(super) fn catch_up(
    state: &Connection,
    now: Moment,
    behavior: &Behavior,
) -> Result<(), Refusal> {
    let concerned: Vec<(i64, i64, i64)> = state
        .prepare_cached("SELECT no, user_seq, at FROM mailbox_queue ORDER BY no")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (no, seq, at) in concerned {
        if let Some(user) = users::by_seq(state, seq)? {
            settle(state, &user, Moment(at), behavior)?;
        }
        state.prepare_cached("DELETE FROM mailbox_queue WHERE no = ?1")?.execute([no])?;
    }
    end(state, now)
}

/// Ends mailboxes whose time is over, or whose user is.
fn end(state: &Connection, now: Moment) -> Result<(), Refusal> {
    state
        .prepare_cached(
            "DELETE FROM recipients WHERE coalesce(doc ->> '$.LitigationHoldEnabled', 0) = 0
                AND (cut_off_at < ?1 OR deleted_at < ?1 OR user_seq IS NULL AND kind LIKE '%Mailbox')",
        )?
        .execute([now.plus_millis(-KEPT_MILLIS).0])?;
    state.prepare_cached("DELETE FROM held_addresses WHERE until <= ?1")?.execute([now.0])?;
    Ok(())
}

/// Brings the mailbox of one user in line with its licences, as of that moment.
pub(super) fn settle(
    state: &Connection,
    user: &User,
    at: Moment,
    behavior: &Behavior,
) -> Result<(), Refusal> {
    let plans = plans_of(state, &user.document)?;
    let is_licensed = PLANS.iter().any(|plan| plans.iter().any(|each| each == plan));
    let Some(mut mailbox) = recipient::of_user(state, user.seq)? else {
        if is_licensed && user.deleted_at.is_none() {
            open(state, user, at, behavior)?;
        }
        return Ok(());
    };
    if user.deleted_at.is_some() {
        if mailbox.deleted_at.is_none() {
            hold_for_restore(state, &mailbox, at)?;
        }
        mailbox.deleted_at = mailbox.deleted_at.or(Some(at));
        return mailbox.save(state);
    }
    if mailbox.deleted_at.take().is_some() {
        state
            .prepare_cached("DELETE FROM held_addresses WHERE holder = ?1 AND is_deleted")?
            .execute([user.seq])?;
    }
    let stays = is_licensed
        || mailbox.kind != "UserMailbox"
        || mailbox.flag("LitigationHoldEnabled") == json!(true);
    if !stays && mailbox.ready_at > at {
        return recipient::remove(state, &mailbox);
    }
    mailbox.cut_off_at = if stays { None } else { mailbox.cut_off_at.or(Some(at)) };
    mailbox.save(state)
}

fn open(state: &Connection, user: &User, at: Moment, behavior: &Behavior) -> Result<(), Refusal> {
    let alias = text(&user.document, "mailNickname").unwrap_or_default().to_owned();
    let is_taken: Option<i64> = state
        .prepare_cached("SELECT no FROM recipients WHERE name_key = ?1")?
        .query_row([alias.to_lowercase()], |row| row.get(0))
        .optional()?;
    let name = if is_taken.is_some() { user.id.clone() } else { alias.clone() };
    let sign_in = text(&user.document, "userPrincipalName").unwrap_or_default();
    let doc = Map::from_iter(
        [
            ("Name", json!(name)),
            ("Alias", json!(alias)),
            (
                "OtherAddresses",
                json!([format!("SIP:{sign_in}"), format!("SPO:SPO_{}@SPO_{TENANT_ID}", user.id),]),
            ),
            ("WhenCreatedUTC", json!(time(at))),
            ("WhenChangedUTC", json!(time(at))),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    let mailbox = Recipient {
        no: 0,
        guid: Uuid::new_v4().to_string(),
        entra_id: Some(user.id.clone()),
        kind: "UserMailbox".to_owned(),
        doc,
        user: Some(user.clone()),
        ready_at: at.plus_millis(i64::from(behavior.mailbox_delay_seconds) * 1000),
        cut_off_at: None,
        deleted_at: None,
    };
    recipient::insert(state, &mailbox).map(|_| ())
}

/// The addresses of a deleted user stay its own on Exchange's side, as long as it can be restored.
fn hold_for_restore(state: &Connection, mailbox: &Recipient, at: Moment) -> Result<(), Refusal> {
    for proxy in mailbox.addresses() {
        let Some((_, address)) = proxy.split_once(':') else { continue };
        state
            .prepare_cached(
                "INSERT OR IGNORE INTO held_addresses (address, holder, name, until, is_deleted)
                 VALUES (?1, ?2, ?3, ?4, 1)",
            )?
            .execute(params![
                address.to_lowercase(),
                mailbox.holder(),
                mailbox.display_name(),
                at.plus_millis(KEPT_MILLIS).0
            ])?;
    }
    Ok(())
}

/// The names of the plans that are on for a user.
pub(super) fn plans_of(state: &Connection, document: &Document) -> Result<Vec<String>, Refusal> {
    let mut plans = Vec::new();
    for license in document.get("assignedLicenses").and_then(Value::as_array).into_iter().flatten()
    {
        let id = license["skuId"].as_str().unwrap_or_default();
        let off = license["disabledPlans"].as_array();
        let is_off = |id: &str| off.is_some_and(|off| off.iter().any(|each| *each == *id));
        let all = skus::find(state, id)?.into_iter().flat_map(|sku| sku.plans);
        plans.extend(all.filter(|plan| !is_off(&plan.id)).map(|plan| plan.name));
    }
    Ok(plans)
}

/// Writes the user of a mailbox; Graph shows it after the lag (`exchange.md` §11.1).
pub(super) fn save_user(
    state: &Connection,
    user: &User,
    now: Moment,
    lag: i64,
) -> Result<(), Refusal> {
    if lag > 0 {
        let seen = (now.plus_millis(lag), now.plus_millis(lag.saturating_mul(2)));
        former::keep(state, user.seq, now, seen)?;
    }
    users::save(state, user)
}

/// A time as Exchange writes it (`exchange.md` §5).
pub(super) fn time(moment: Moment) -> String {
    format!("{}.0000000+00:00", moment.to_text().trim_end_matches('Z'))
}
