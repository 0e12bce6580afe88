//! `acctsh sync`: what waits in the outbox goes to the tenant, once or from now on.

use std::sync::Arc;

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use super::options::CommonOptions;
use super::with_options;
use crate::script::{Console, Exit, Fault, RunOptions, Session, print_table, show_fault};
use crate::sync::{self, Changes, Delivery};
use crate::table::{ColumnHead, Table, Value};

#[derive(Debug, Args)]
pub(super) struct Sync {
    /// Go on until stopped: each password is delivered within a second of its change.
    #[arg(long)]
    watch: bool,
    /// What was refused within the last day isn't tried again: for calls by a timer.
    #[arg(long, conflicts_with = "watch")]
    no_retry: bool,
    /// Give up what waits for this person, then end.
    #[arg(long, value_name = "USER", conflicts_with = "watch")]
    discard: Option<String>,
    /// The outbox's key is lost: make another one, and give up what was sealed to the old one.
    #[arg(long, conflicts_with_all = ["watch", "discard"])]
    new_key: bool,
}

impl Sync {
    /// Whether it goes on until it is stopped.
    pub(super) fn watches(&self) -> bool {
        self.watch
    }
}

pub(super) fn run(common: CommonOptions, sync: Sync, console: &Console) -> Exit {
    let profile = common.profile.clone();
    let options = RunOptions { no_files: true, ..common.into() };
    with_options(profile.as_deref(), options, console, |session| {
        session.begin_unit();
        session.set_what(sync::WHAT);
        let done = if sync.new_key {
            new_key(session)
        } else if let Some(user) = &sync.discard {
            discard(session, user)
        } else if sync.watch {
            sync::watch(session)
        } else {
            once(session, sync.no_retry)
        };
        done.unwrap_or_else(|fault| show_fault(console, &fault))
    })
}

fn once(session: &Arc<Session>, no_retry: bool) -> Result<Exit, Fault> {
    let console = session.console();
    if session.options().what_if {
        let size = session.profile().outbox().size().map_err(Fault::from)?;
        let waits = count(size.files, "password waits", "passwords wait");
        let changes = Changes { carried: sync::changes_to_carry(session)?, ..Changes::default() };
        let table = rows(&Delivery::default(), &changes);
        if !table.rows.is_empty() {
            print_table(console, &table, session.options().output);
        }
        let carried = count(changes.carried.len(), "change", "changes");
        console.say(&format!(
            "{waits}, {carried} to carry from the directory. What-if: nothing was written."
        ));
        return Ok(Exit::Done);
    }
    let refused_before =
        if no_retry { Timestamp::now() - SignedDuration::from_hours(24) } else { Timestamp::now() };
    let _lock = sync::lock(session.profile())?;
    sync::settle_earlier_runs(session)?;
    let delivery = sync::deliver(session, refused_before, &[])?;
    let changes = match delivery.out_of_reach {
        Some(_) => Changes::default(),
        // What was delivered is said in any case.
        None => sync::carry_changes(session, true)
            .unwrap_or_else(|fault| Changes { out_of_reach: Some(fault), ..Changes::default() }),
    };
    let table = rows(&delivery, &changes);
    if !table.rows.is_empty() {
        print_table(console, &table, session.options().output);
    }
    console.say(&in_words(&delivery, &changes));
    Ok(end(console, &delivery, &changes))
}

/// How the command ends, after the reason where something is left.
fn end(console: &Console, delivery: &Delivery, changes: &Changes) -> Exit {
    if let Some(fault) = delivery.out_of_reach.as_ref().or(changes.out_of_reach.as_ref()) {
        return show_fault(console, fault);
    }
    if delivery.unreadable > 0 {
        let files = count(delivery.unreadable, "file", "files");
        console.warn(&format!("{files} of the outbox can't be opened with its key"));
    }
    let is_all_done = delivery.refused.is_empty() && changes.refused.is_empty();
    if is_all_done { Exit::Done } else { Exit::SomeFailed }
}

fn in_words(delivery: &Delivery, changes: &Changes) -> String {
    let mut words = vec![count(delivery.delivered.len(), "password", "passwords") + " delivered"];
    for (number, what) in [
        (delivery.refused.len(), "refused"),
        (delivery.overtaken.len(), "overtaken"),
        (delivery.kept.len(), "left waiting"),
        (delivery.never.len(), "of users that are built in, and never carried"),
        (changes.carried.len(), "carried from the directory"),
        (changes.refused.len(), "not carried from the directory"),
    ] {
        if number > 0 {
            words.push(format!("{number} {what}"));
        }
    }
    format!("{}.", words.join(", "))
}

fn rows(delivery: &Delivery, changes: &Changes) -> Table {
    let columns = ["user", "outcome", "message", "advice"].map(ColumnHead::essential);
    let row = |user: &str, outcome: &str, message: Option<String>, advice: Option<String>| {
        vec![
            Value::from(user.to_owned()),
            Value::from(outcome.to_owned()),
            message.into(),
            advice.into(),
        ]
    };
    let mut rows: Vec<Vec<Value>> = Vec::new();
    rows.extend(delivery.delivered.iter().map(|(user, _)| row(user, "delivered", None, None)));
    rows.extend(delivery.refused.iter().map(|it| {
        let problem = &it.problem;
        row(&it.user, "refused", Some(problem.message.clone()), problem.advice.clone())
    }));
    let overtaken = delivery.overtaken.iter();
    rows.extend(overtaken.map(|it| row(&it.user, "overtaken", Some(it.why.clone()), None)));
    rows.extend(delivery.kept.iter().map(|it| {
        let why = Some(it.why.clone()).filter(|why| !why.is_empty());
        row(&it.user, "waits", why, None)
    }));
    rows.extend(changes.carried.iter().map(|(user, what)| row(user, what, None, None)));
    rows.extend(changes.refused.iter().map(|(user, what, problem)| {
        let (message, advice) = (problem.message.clone(), problem.advice.clone());
        row(user, &format!("not {what}"), Some(message), advice)
    }));
    Table { columns: columns.into(), rows }
}

fn discard(session: &Arc<Session>, user: &str) -> Result<Exit, Fault> {
    let _lock = sync::lock(session.profile())?;
    let discarded = sync::discard(session, user)?;
    session.console().say(&match discarded {
        0 => format!("Nothing waits for {user}."),
        some => format!("{} of {user} given up.", count(some, "password", "passwords")),
    });
    Ok(Exit::Done)
}

fn new_key(session: &Arc<Session>) -> Result<Exit, Fault> {
    let console = session.console();
    let profile = session.profile();
    let _lock = sync::lock(profile)?;
    let lost = profile.outbox().size().map_err(Fault::from)?.files;
    let lost_ones = count(lost, "password", "passwords");
    let question = format!("{lost_ones} in the outbox will be given up. Make a new key?");
    if let Err(exit) = console.confirm(&question, false, session.options().yes) {
        return Ok(exit);
    }
    profile.replace_outbox_key()?;
    console.say("The outbox has a new key.");
    if lost > 0 {
        console.say(
            "Whoever changed the password since the last delivery changes it once more, or gets one \
             by reset_password(): acctsh run sync-passwords shows who is out of step.",
        );
    }
    Ok(Exit::Done)
}

fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    }
}
