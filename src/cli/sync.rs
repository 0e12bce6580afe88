//! `acctsh sync`: what waits in the outbox goes to the tenant, once or from now on.

use std::sync::Arc;

use clap::Args;

use super::options::CommonOptions;
use crate::profile::Profile;
use crate::script::{Console, Exit, Fault, Session, print_table, show_fault};
use crate::sync::{self, Delivery};
use crate::table::{ColumnHead, Table, Value};

#[derive(Debug, Args)]
pub(super) struct Sync {
    /// Go on until stopped: each password is delivered within a second of its change.
    #[arg(long)]
    watch: bool,
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

pub(super) fn run(mut common: CommonOptions, sync: Sync, console: &Console) -> Exit {
    let profile = match Profile::load(common.profile.as_deref()) {
        Ok(profile) => profile,
        Err(fault) => return show_fault(console, &fault.into()),
    };
    // Nobody waits for files of it: the journal has what was done.
    let folder = profile.home().profile_folder(profile.name());
    common.results.get_or_insert_with(|| folder.join("sync.csv"));
    common.handover.get_or_insert_with(|| folder.join("sync-letters"));
    let session = Session::new(profile, console.clone(), common.into());
    session.obey_interrupts();
    session.begin_unit();
    session.set_what(sync::WHAT);
    let done = if sync.new_key {
        new_key(&session)
    } else if let Some(user) = &sync.discard {
        discard(&session, user)
    } else if sync.watch {
        sync::watch(&session)
    } else {
        once(&session)
    };
    done.unwrap_or_else(|fault| show_fault(console, &fault))
}

fn once(session: &Arc<Session>) -> Result<Exit, Fault> {
    let console = session.console();
    if session.options().what_if {
        let size = session.profile().outbox().size().map_err(Fault::from)?;
        let waits = count(size.files, "password waits", "passwords wait");
        console.say(&format!("{waits}. What-if: nothing was written."));
        return Ok(Exit::Done);
    }
    let _lock = sync::lock(session.profile())?;
    sync::settle_earlier_runs(session)?;
    let delivery = sync::deliver(session, true)?;
    let table = rows(&delivery);
    if !table.rows.is_empty() {
        print_table(console, &table, session.options().output);
    }
    console.say(&in_words(&delivery));
    Ok(end(console, &delivery))
}

/// How the command ends, after the reason where something is left.
fn end(console: &Console, delivery: &Delivery) -> Exit {
    if let Some(fault) = &delivery.out_of_reach {
        return show_fault(console, fault);
    }
    if delivery.unreadable > 0 {
        let files = count(delivery.unreadable, "file", "files");
        console.warn(&format!("{files} of the outbox can't be opened with its key"));
    }
    if delivery.refused.is_empty() { Exit::Done } else { Exit::SomeFailed }
}

fn in_words(delivery: &Delivery) -> String {
    let mut words = vec![count(delivery.delivered.len(), "password", "passwords") + " delivered"];
    for (number, what) in [
        (delivery.refused.len(), "refused"),
        (delivery.overtaken.len(), "overtaken by a later one"),
        (delivery.kept.len(), "left waiting"),
    ] {
        if number > 0 {
            words.push(format!("{number} {what}"));
        }
    }
    format!("{}.", words.join(", "))
}

fn rows(delivery: &Delivery) -> Table {
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
    rows.extend(delivery.overtaken.iter().map(|user| row(user, "overtaken", None, None)));
    rows.extend(delivery.kept.iter().map(|it| {
        let why = Some(it.why.clone()).filter(|why| !why.is_empty());
        row(&it.user, "waits", why, None)
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
    if !session.options().yes {
        let question = format!(
            "{} in the outbox will be given up. Make a new key?",
            count(lost, "password", "passwords")
        );
        match console.ask(&question, false) {
            Some(true) => {}
            Some(false) => return Ok(Exit::Done),
            None => {
                console.error("this needs a confirmation, and there is no terminal");
                console.advice("give --yes");
                return Ok(Exit::NeedsConfirmation);
            }
        }
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
