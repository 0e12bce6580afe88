//! `acctsh doctor`: is everything there that acctsh needs, and what to do where it isn't.

use std::fmt::Write as _;

use nu_ansi_term::{Color, Style};

use super::options::CommonOptions;
use crate::profile::{Cause, Finding, FindingState, Profile};
use crate::script::{Console, Exit, Session, print_table, show_fault};
use crate::table::{ColumnHead, Format, Table, Value};

pub(super) fn run(common: CommonOptions, console: &Console) -> Exit {
    let profile = match Profile::load(common.profile.as_deref()) {
        Ok(profile) => profile,
        Err(fault) => {
            show_fault(console, &fault.into());
            return Exit::Failed;
        }
    };
    examine(profile, common, console, Scope::All)
}

/// How much is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    Tenant,
}

/// Looks a profile over, shows what was found, and says how the command ends.
pub(super) fn examine(
    profile: Profile,
    common: CommonOptions,
    console: &Console,
    scope: Scope,
) -> Exit {
    let format = common.output;
    let session = Session::new(profile, console.clone(), common.into());
    let profile = session.profile();
    let found = session.block_on(async {
        match scope {
            Scope::All => profile.check_up().await,
            Scope::Tenant => profile.check_up_tenant().await,
        }
    });
    let findings = match found {
        Ok(findings) => findings,
        Err(fault) => return show_fault(console, &fault),
    };
    match format.unwrap_or(Format::Table) {
        Format::Table => {
            console.data(&for_people(console, &findings));
            console.say(&verdict(profile.name(), &findings));
        }
        other => print_table(console, &for_machines(&findings), Some(other)),
    }
    end(&findings)
}

/// The most telling cause: who can't sign in learns little about the rest.
fn end(findings: &[Finding]) -> Exit {
    let has = |cause| findings.iter().any(|it| it.state == FindingState::Wrong(cause));
    if has(Cause::Access) {
        Exit::SignIn
    } else if has(Cause::OutOfReach) {
        Exit::OutOfReach
    } else if has(Cause::Other) {
        Exit::Failed
    } else {
        Exit::Done
    }
}

fn verdict(profile: &str, findings: &[Finding]) -> String {
    let wrong = findings.iter().filter(|it| matches!(it.state, FindingState::Wrong(_))).count();
    match wrong {
        0 => format!("All is well with the profile {profile}."),
        1 => format!("One thing is wrong with the profile {profile}."),
        many => format!("{many} things are wrong with the profile {profile}."),
    }
}

/// A line for each finding, and under what isn't as it should be, what to do. The same advice is given
/// once for all that need it.
fn for_people(console: &Console, findings: &[Finding]) -> String {
    let mut text = String::new();
    for (at, finding) in findings.iter().enumerate() {
        let (mark, style) = match finding.state {
            FindingState::Good => ("ok", Style::from(Color::Green)),
            FindingState::Remark => ("note", Color::Yellow.bold()),
            FindingState::Untested => ("?", Color::Yellow.bold()),
            FindingState::Wrong(_) => ("WRONG", Color::Red.bold()),
        };
        // Padded before it is painted: what paints takes no room.
        let mark = console.paint(style, &format!("{mark:<5}"));
        let what = finding.check.replace('_', "-");
        let subject = finding.subject.as_ref().map(|it| format!("{it}: ")).unwrap_or_default();
        let _ = writeln!(text, "{mark}  {what:<10}  {subject}{}", finding.says);
        let is_last = findings.get(at + 1).is_none_or(|next| next.advice != finding.advice);
        if let Some(advice) = &finding.advice
            && is_last
        {
            let _ = writeln!(text, "       {:<10}  what to do: {advice}", "");
        }
    }
    text
}

fn for_machines(findings: &[Finding]) -> Table {
    let columns = ["check", "subject", "state", "says", "advice"].map(ColumnHead::essential);
    let row = |it: &Finding| -> Vec<Value> {
        vec![
            it.check.to_owned().into(),
            it.subject.clone().into(),
            it.state.word().to_owned().into(),
            it.says.clone().into(),
            it.advice.clone().into(),
        ]
    };
    Table { columns: columns.into(), rows: findings.iter().map(row).collect() }
}
