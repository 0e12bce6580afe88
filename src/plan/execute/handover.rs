//! The letters of a run: one for everybody whose password this run set.
//!
//! They are written while the run goes on, each when its person's last step has ended. Sealed copies
//! are destroyed only after the letters are on disk, so that a kill at any moment loses no password.

use std::collections::HashMap;

use super::ExecuteError;
use super::passwords::Passwords;
use crate::model::{Field, OnlineId};
use crate::passwords::{Letter, LetterLanguages, LetterWriter, SetOn};
use crate::plan::change::{Change, ChangeNo};
use crate::plan::journal::{RunHead, StepState, StoredChange, StoredRun};
use crate::plan::step::{DirectoryOp, GraphOp, OnlinePassword, Op, Step, StepId};

/// What was written.
pub(super) struct Written {
    /// How many letters.
    pub(super) letters: usize,
    /// Changes whose sealed copy isn't needed any more.
    pub(super) settled: Vec<ChangeNo>,
}

/// The letters of one run.
pub(super) struct Letters<'a> {
    passwords: &'a Passwords<'a>,
    languages: &'a LetterLanguages,
    sign_in_url: &'a str,
    /// The steps of each change that may get a letter.
    steps: HashMap<ChangeNo, Vec<StepId>>,
    settled: Vec<ChangeNo>,
    writer: Option<LetterWriter>,
}

impl<'a> Letters<'a> {
    /// Makes the folder, if somebody will get a password: before the first write, so that a folder
    /// that can't be made stops the run while nothing is done.
    pub(super) fn begin(
        run: &StoredRun,
        passwords: &'a Passwords<'a>,
        languages: &'a LetterLanguages,
        sign_in_url: &'a str,
    ) -> Result<Self, ExecuteError> {
        let mut steps: HashMap<ChangeNo, Vec<StepId>> = HashMap::new();
        for no in run.steps.iter().filter_map(|step| step.op.password()) {
            steps.entry(no).or_default();
        }
        let writer = if run.writes_letters() {
            Some(LetterWriter::start(&run.head.handover)?)
        } else {
            None
        };
        for step in &run.steps {
            for no in &step.changes {
                if let Some(of_change) = steps.get_mut(no) {
                    of_change.push(step.id);
                }
            }
        }
        Ok(Self { passwords, languages, sign_in_url, steps, settled: Vec::new(), writer })
    }

    /// Writes the letters of those whose steps have all ended already: those of a run that was
    /// stopped between a step and its letter.
    pub(super) fn of_the_ended(&mut self, run: &StoredRun) {
        for no in self.passwords.changes() {
            self.of(no, &run.head, &run.changes, &run.steps, &run.states);
        }
    }

    /// Writes the letters of all who got a password, also of those who are half done: the run will
    /// not go on.
    pub(super) fn of_everybody(&mut self, run: &StoredRun) {
        for no in self.passwords.changes() {
            let steps = self.steps.remove(&no).unwrap_or_default();
            let halves = Halves::of(&steps, &run.steps, &run.states);
            self.queue(no, &halves, &run.head, &run.changes);
        }
    }

    /// Writes the letter of a change if its last step has ended. Until then it gets none: the others
    /// will get theirs when the run goes on.
    pub(super) fn of(
        &mut self,
        no: ChangeNo,
        head: &RunHead,
        changes: &[StoredChange],
        steps: &[Step],
        states: &[StepState],
    ) {
        let has_ended = |id: &StepId| states[id.0 as usize].has_ended();
        let Some(of_change) = self.steps.get(&no) else { return };
        if of_change.iter().all(has_ended) {
            let halves = Halves::of(of_change, steps, states);
            self.queue(no, &halves, head, changes);
            self.steps.remove(&no);
        }
    }

    fn queue(
        &mut self,
        no: ChangeNo,
        halves: &Halves<'_>,
        head: &RunHead,
        changes: &[StoredChange],
    ) {
        let Some(password) = self.passwords.take(no) else { return };
        self.settled.push(no);
        let stored = changes.get(no.0 as usize);
        let stored = stored.filter(|stored| stored.change.hands_over());
        let (Some(set_on), Some(stored), Some(writer)) = (halves.set_on(), stored, &self.writer)
        else {
            return;
        };
        let (user_name, display_name) = person(&stored.change);
        let letter = Letter {
            template: self.languages.of(halves.language),
            display_name: display_name.unwrap_or(&user_name).to_owned(),
            user_name,
            online_id: halves.online_id.map(str::to_owned),
            password: password.secret,
            set_on,
            profile: head.profile.clone(),
            is_sandbox: head.is_sandbox,
            sign_in_url: self.sign_in_url.to_owned(),
            run: head.id.to_string(),
        };
        writer.write(letter);
    }

    /// Waits until every letter is on disk.
    pub(super) fn finish(self) -> Result<Written, ExecuteError> {
        let letters = self.writer.map_or(Ok(0), LetterWriter::finish)?;
        Ok(Written { letters, settled: self.settled })
    }
}

/// What has become of the passwords of one change.
#[derive(Default)]
struct Halves<'a> {
    local: bool,
    online: bool,
    /// The online half follows the directory.
    follows: bool,
    online_id: Option<&'a str>,
    /// What the person prefers to read.
    language: Option<&'a str>,
}

impl<'a> Halves<'a> {
    fn of(of_change: &[StepId], steps: &'a [Step], states: &[StepState]) -> Self {
        let mut halves = Self::default();
        for id in of_change {
            let index = id.0 as usize;
            if !states[index].has_succeeded() {
                continue;
            }
            let op = &steps[index].op;
            halves.language = halves.language.or_else(|| language(op));
            match op {
                Op::Directory(DirectoryOp::CreateUser { .. } | DirectoryOp::SetPassword { .. }) => {
                    halves.local = true;
                }
                Op::Graph(GraphOp::CreateOnline { account, .. }) => {
                    halves.set_online(account.password, &account.online_id);
                }
                Op::Graph(GraphOp::SetPassword { online_id, kind, .. }) => {
                    halves.set_online(*kind, online_id);
                }
                _ => {}
            }
        }
        halves
    }

    fn set_online(&mut self, kind: OnlinePassword, online_id: &'a OnlineId) {
        if kind.is_undisclosed() {
            self.follows = true;
        } else {
            self.online = true;
        }
        self.online_id = Some(online_id.as_str());
    }

    fn set_on(&self) -> Option<SetOn> {
        match (self.local, self.online) {
            (true, true) => Some(SetOn::Both),
            (true, false) if self.follows => Some(SetOn::LocalFirst),
            (true, false) => Some(SetOn::Local),
            (false, true) => Some(SetOn::Online),
            (false, false) => None,
        }
    }
}

/// The language of whoever gets a password by it.
fn language(op: &Op) -> Option<&str> {
    match op {
        Op::Directory(DirectoryOp::CreateUser { user, .. }) => {
            user.details.get(Field::PreferredLanguage)
        }
        Op::Graph(GraphOp::CreateOnline { account, .. }) => {
            account.details.get(Field::PreferredLanguage)
        }
        Op::Directory(DirectoryOp::SetPassword { language, .. })
        | Op::Graph(GraphOp::SetPassword { language, .. }) => language.as_deref(),
        _ => None,
    }
}

fn person(change: &Change) -> (String, Option<&str>) {
    match change {
        Change::CreateAccount(create) => {
            (create.user_name.to_string(), create.details.get(Field::DisplayName))
        }
        other => (other.intent().label(), None),
    }
}
