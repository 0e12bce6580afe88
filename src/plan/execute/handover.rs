//! The letters of a run: one for everybody whose password this run set.

use std::collections::HashMap;

use super::ExecuteError;
use super::passwords::Passwords;
use crate::model::Field;
use crate::passwords::{Handover, Letter, SetOn};
use crate::plan::change::{Change, ChangeNo};
use crate::plan::journal::StoredRun;
use crate::plan::step::{DirectoryOp, GraphOp, Op};

/// What was written.
pub(super) struct Letters {
    /// How many letters.
    pub(super) written: usize,
    /// Changes whose sealed copy isn't needed any more.
    pub(super) settled: Vec<ChangeNo>,
}

/// Makes the folder, if somebody will get a password: before the first write, so that a folder that
/// can't be made stops the run while nothing is done.
pub(super) fn prepare(run: &StoredRun) -> Result<(), ExecuteError> {
    if run.steps.iter().any(|step| step.op.password().is_some()) {
        Handover::prepare(&run.head.handover)?;
    }
    Ok(())
}

/// What has become of the passwords of one change.
#[derive(Default)]
struct Halves<'a> {
    local: bool,
    online: bool,
    open: bool,
    online_id: Option<&'a str>,
}

/// Who gets a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Those whose steps have all ended: the others will get theirs when the run goes on.
    Ended,
    /// All who got a password: the run will not go on.
    Everybody,
}

/// Writes letters.
pub(super) fn write(
    run: &StoredRun,
    passwords: &Passwords<'_>,
    sign_in_url: &str,
    whose: Whose,
) -> Result<Letters, ExecuteError> {
    let mut settled = Vec::new();
    let changes = passwords.changes();
    let halves = halves(run);
    let mut to_write = Vec::new();
    for no in changes {
        let Some(half) = halves.get(&no).filter(|half| whose == Whose::Everybody || !half.open)
        else {
            continue;
        };
        settled.push(no);
        let stored = run.changes.get(no.0 as usize);
        if let (Some(set_on), Some(password), Some(stored)) =
            (half.set_on(), passwords.of(no), stored)
        {
            to_write.push((set_on, half.online_id, password.secret, person(&stored.change)));
        }
    }
    let letters: Vec<Letter<'_>> = to_write
        .iter()
        .map(|(set_on, online_id, password, (user_name, display_name))| Letter {
            display_name: display_name.unwrap_or(user_name).to_owned(),
            user_name: user_name.clone(),
            online_id: online_id.map(str::to_owned),
            password,
            set_on: *set_on,
            profile: run.head.profile.clone(),
            is_sandbox: run.head.is_sandbox,
            sign_in_url: sign_in_url.to_owned(),
        })
        .collect();
    if !letters.is_empty() {
        // All at once: a letter by itself waits for the disk, which is 5 ms for everybody.
        Handover::prepare(&run.head.handover)?.write_letters(&letters)?;
    }
    Ok(Letters { written: letters.len(), settled })
}

impl Halves<'_> {
    fn set_on(&self) -> Option<SetOn> {
        match (self.local, self.online) {
            (true, true) => Some(SetOn::Both),
            (true, false) => Some(SetOn::Local),
            (false, true) => Some(SetOn::Online),
            (false, false) => None,
        }
    }
}

fn halves(run: &StoredRun) -> HashMap<ChangeNo, Halves<'_>> {
    let mut halves: HashMap<ChangeNo, Halves<'_>> = HashMap::new();
    for (step, state) in run.steps.iter().zip(&run.states) {
        for no in &step.changes {
            let half = halves.entry(*no).or_default();
            half.open |= !state.has_ended();
            let done = state.has_succeeded();
            match &step.op {
                Op::Directory(DirectoryOp::CreateUser { .. }) => half.local |= done,
                Op::Graph(GraphOp::CreateOnline { account, .. }) => {
                    half.online |= done;
                    half.online_id = done.then_some(account.online_id.as_str());
                }
                Op::Directory(DirectoryOp::Link { .. })
                | Op::Graph(GraphOp::AssignLicenses { .. }) => {}
            }
        }
    }
    halves
}

fn person(change: &Change) -> (String, Option<&str>) {
    match change {
        Change::CreateAccount(create) => {
            (create.user_name.to_string(), create.details.get(Field::DisplayName))
        }
        Change::Assign(assign) => (assign.user_name.to_string(), None),
    }
}
