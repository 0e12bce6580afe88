//! `acctsh password-changed USER`: what a directory calls when somebody has changed a password. It reads
//! the new one from standard input, seals it, puts it into the outbox, and ends: it signs in nowhere and can
//! read nothing of what waits there.

use std::io::Read as _;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::options::CommonOptions;
use crate::model::{PasswordOwner, Secret};
use crate::passwords::{Outbox, PasswordChange};
use crate::profile::Profile;
use crate::script::{Console, Exit, Fault, show_fault};

/// The longest password that is read: no directory takes a longer one.
const LONGEST: u64 = 64 * 1024;

#[derive(Debug, Args)]
#[command(
    after_help = "Ends with 0 when the password is safe in the outbox, 2 when there is none to be read, \
                        8 when the outbox can't be used. It never waits for the tenant."
)]
pub(super) struct PasswordChanged {
    /// Whose password: the user name, or the GUID.
    user: String,
    /// When it was changed: a time such as 2027-01-31T09:00:00Z, or the pwdLastSet of Active Directory
    /// (default: now).
    #[arg(long, value_name = "TIME", value_parser = time)]
    changed: Option<Timestamp>,
    /// The outbox (default: that of the profile).
    #[arg(long, value_name = "FOLDER")]
    outbox: Option<PathBuf>,
}

pub(super) fn run(common: &CommonOptions, hook: PasswordChanged, console: &Console) -> Exit {
    let now = Timestamp::now();
    match queue(common, hook, now) {
        Ok(()) => Exit::Done,
        Err(fault) => show_fault(console, &fault),
    }
}

fn queue(common: &CommonOptions, hook: PasswordChanged, now: Timestamp) -> Result<(), Fault> {
    // Computers have passwords too, and change them by themselves.
    if hook.user.ends_with('$') {
        return Ok(());
    }
    if hook.user.trim().is_empty() {
        return Err(Fault::new("bad_arguments", "whose password was changed is not said"));
    }
    let password = read()?;
    let outbox = match &hook.outbox {
        Some(folder) => Outbox::at(folder),
        None => Profile::load(common.profile.as_deref())?.outbox().clone(),
    };
    let change = PasswordChange {
        owner: PasswordOwner::parse(hook.user.trim()),
        changed: hook.changed.unwrap_or(now),
        password,
        own: false,
    };
    Ok(outbox.queue(&change)?)
}

/// All of standard input, without one line end.
fn read() -> Result<Secret, Fault> {
    let unreadable = |why: &str| Fault::new("bad_input", format!("the password {why}"));
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    std::io::stdin()
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|reason| unreadable(&format!("can't be read: {reason}")))?;
    if bytes.len() as u64 > LONGEST {
        return Err(unreadable("is longer than any password"));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| unreadable("is not UTF-8"))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(unreadable("is missing: it is read from standard input"));
    }
    Ok(Secret::new(text.to_owned()))
}

/// A time as people write it, or as Active Directory counts it: 100 ns since 1601
/// (`active-directory.md §3`).
fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(ticks) = text.parse::<i128>() {
        const SINCE_1601: i128 = 11_644_473_600_000_000;
        return i64::try_from(ticks / 10 - SINCE_1601)
            .ok()
            .filter(|_| ticks > 0)
            .and_then(|at| Timestamp::from_microsecond(at).ok())
            .ok_or_else(|| "no time of Active Directory".to_owned());
    }
    text.parse().map_err(|_| "no time such as 2027-01-31T09:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_people_and_as_active_directory_write_it() {
        let expected: Timestamp = "2026-05-04T09:12:43Z".parse().unwrap();
        assert_eq!(time("2026-05-04T09:12:43Z"), Ok(expected));
        assert_eq!(time("134223595630000000"), Ok(expected));
        for wrong in ["", "yesterday", "0", "-1", "9999999999999999999999999999"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
