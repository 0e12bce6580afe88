//! Passwords on their way: what waits in the outbox, and whether somebody delivers it.

use jiff::{SignedDuration, Timestamp, Unit};

use super::{Cause, Finding, State};
use crate::model::PasswordOwner;
use crate::profile::{Profile, SyncHealth};

/// Something has to be delivered, or wrong with whoever delivers, after so long.
const LATE: SignedDuration = SignedDuration::from_mins(10);
/// A watch that has said nothing for so long is none any more.
const SILENT: SignedDuration = SignedDuration::from_secs(120);

/// Looks both over; nothing where no outbox was ever set up.
pub(super) async fn checked(profile: &Profile) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(outbox(profile).await);
    findings.extend(watch(profile));
    findings
}

async fn outbox(profile: &Profile) -> Option<Finding> {
    let outbox = profile.outbox();
    if !outbox.folder().exists() {
        return None;
    }
    // Looking makes no key: it would be that of whoever looks.
    if !outbox.is_set_up() {
        let says = format!("{} was never set up", outbox.folder().display());
        return Some(Finding::new("outbox", State::Remark, says).advice("run acctsh sync once"));
    }
    let (size, key) = (outbox.size(), profile.outbox_key());
    let size = match (size, key) {
        (Ok(size), Ok(_)) => size,
        (Err(fault), _) => return Some(wrong("outbox", &fault.to_string(), fault.advice())),
        (_, Err(fault)) => {
            let advice = fault.advice().map(str::to_owned);
            return Some(wrong("outbox", &fault.to_string(), advice.as_deref()));
        }
    };
    let Some(oldest) = size.oldest else {
        return Some(Finding::good("outbox", "no password waits"));
    };
    let age = age(oldest);
    // What was refused waits for somebody to see to it, however long that takes.
    let refused = profile.sources().passwords(true).await.map_or(0, |book| {
        let is_refused = |(owner, changed): &(&PasswordOwner, &Timestamp)| {
            book.refused.get(owner).is_some_and(|refusal| refusal.changed >= **changed)
        };
        book.waiting.iter().filter(is_refused).count()
    });
    let mut says = match size.files {
        1 => format!("1 password waits, for {}", in_words(age)),
        files => format!("{files} passwords wait, the oldest for {}", in_words(age)),
    };
    if refused > 0 {
        says = format!("{says} ({refused} refused)");
    }
    let is_late = age > LATE && size.files > refused;
    let state = if is_late { State::Wrong(Cause::Other) } else { State::Remark };
    Some(Finding::new("outbox", state, says).advice(
        "deliver them: acctsh sync; acctsh run sync-passwords shows whose they are and why",
    ))
}

fn watch(profile: &Profile) -> Option<Finding> {
    let path = profile.home().sync_health(profile.name());
    let text = std::fs::read_to_string(&path).ok()?;
    let Ok(health) = serde_json::from_str::<SyncHealth>(&text) else {
        return Some(wrong("sync", &format!("{} can't be understood", path.display()), None));
    };
    if health.is_stopped {
        let says = format!("acctsh sync --watch was stopped {} ago", in_words(age(health.at)));
        return Some(Finding::new("sync", State::Remark, says).advice("start it again"));
    }
    let silent = age(health.at);
    if silent > SILENT {
        let says = format!("acctsh sync --watch has given no sign for {}", in_words(silent));
        return Some(wrong("sync", &says, Some("start it again, and look at its log")));
    }
    let since = in_words(age(health.since));
    Some(match &health.failing {
        Some(reason) => wrong(
            "sync",
            &format!("acctsh sync --watch runs for {since} (process {}): {reason}", health.process),
            Some("it tries again by itself; mend what it names"),
        ),
        None => Finding::good(
            "sync",
            format!(
                "acctsh sync --watch runs for {since} (process {}): {} delivered, {} refused",
                health.process, health.delivered, health.refused
            ),
        ),
    })
}

fn wrong(check: &'static str, says: &str, advice: Option<&str>) -> Finding {
    let finding = Finding::new(check, State::Wrong(Cause::Other), says);
    match advice {
        Some(advice) => finding.advice(advice),
        None => finding,
    }
}

fn age(of: Timestamp) -> SignedDuration {
    Timestamp::now().duration_since(of).max(SignedDuration::ZERO)
}

/// `3m`, `2h 5m`, to the minute beyond one.
fn in_words(time: SignedDuration) -> String {
    let unit = if time < SignedDuration::from_mins(1) { Unit::Second } else { Unit::Minute };
    format!("{:#}", time.round(unit).unwrap_or(time))
}
