//! `acctsh passwd USER`: a person's password, on both halves.

use std::io::BufRead as _;
use std::sync::Arc;

use clap::Args;
use zeroize::Zeroizing;

use super::options::CommonOptions;
use super::with_options;
use crate::model::Secret;
use crate::script::{
    Console, Exit, Fault, Person, RunOptions, Session, find_person, set_password, show_fault,
};

#[derive(Debug, Args)]
#[command(
    after_help = "At a terminal the passwords are asked for and not shown. Without one they are read \
                        from standard input, a line each: the present one (not with --reset), the new one."
)]
pub(super) struct Passwd {
    /// Whose password: the user name, or the online ID.
    user: String,
    /// As an administrator: the present password isn't asked for.
    #[arg(long)]
    reset: bool,
}

pub(super) fn run(common: CommonOptions, passwd: Passwd, console: &Console) -> Exit {
    let may = console.is_interactive() || common.yes || common.what_if;
    let profile = common.profile.clone();
    // Whoever has typed a password twice has answered.
    let options = RunOptions { yes: true, no_files: true, ..common.into() };
    with_options(profile.as_deref(), options, console, |session| {
        session.begin_unit();
        session.set_what("passwd");
        if !may {
            console.error("this needs a confirmation, and there is no terminal");
            console.advice("give --yes, and the passwords on standard input");
            return Exit::NeedsConfirmation;
        }
        changed(session, &passwd).unwrap_or_else(|fault| show_fault(console, &fault))
    })
}

fn changed(session: &Arc<Session>, passwd: &Passwd) -> Result<Exit, Fault> {
    let person = find_person(session, &passwd.user)?;
    if !passwd.reset {
        let present = ask(session, &format!("Present password of {}: ", person.name()))?;
        is_right(session, &person, &present)?;
    }
    let new = ask(session, "New password (it isn't shown): ")?;
    if session.console().is_interactive() && ask(session, "The same again: ")? != new {
        return Err(Fault::new("bad_input", "the two passwords differ; nothing was written"));
    }
    set_password(session, &person, &new, !passwd.reset)
}

fn is_right(session: &Session, person: &Person, present: &Secret) -> Result<(), Fault> {
    if person.has_password(session, present)? {
        return Ok(());
    }
    let name = person.name();
    Err(Fault::new("sign_in", format!("this is not the present password of {name}"))
        .hint("an administrator sets a new one with --reset"))
}

fn ask(session: &Session, question: &str) -> Result<Secret, Fault> {
    let unreadable =
        |reason: std::io::Error| Fault::new("bad_input", format!("no password was read: {reason}"));
    let text = if session.console().is_interactive() {
        rpassword::prompt_password(question).map_err(unreadable)?
    } else {
        let mut line = Zeroizing::new(String::with_capacity(1024));
        std::io::stdin().lock().read_line(&mut line).map_err(unreadable)?;
        line.trim_end_matches(['\n', '\r']).to_owned()
    };
    if text.is_empty() {
        return Err(Fault::new("bad_input", "no password was given; nothing was written"));
    }
    Ok(Secret::new(text))
}
