//! The passwords of a run: made up or given, sealed before they are first sent, kept until their
//! letter is written (DESIGN §7).

use std::cell::RefCell;
use std::collections::HashMap;

use tokio::sync::Mutex;

use super::ExecuteError;
use crate::directory::{NewPassword, PasswordOrigin};
use crate::model::{OnlineId, Secret};
use crate::passwords::{PasswordFault, SealingKey, generate};
use crate::plan::change::{Change, ChangeNo, OnlineName};
use crate::plan::journal::{Journal, SealedCopy, StoredRun};
use crate::plan::step::Step;

/// Passwords by change.
pub(super) struct Passwords<'a> {
    key: &'a SealingKey,
    /// How long one must be at least.
    length: u16,
    names: HashMap<ChangeNo, Vec<String>>,
    known: RefCell<HashMap<ChangeNo, NewPassword>>,
    /// Held by whoever seals, so that steps go on in the order in which they came.
    turn: Mutex<()>,
}

impl<'a> Passwords<'a> {
    /// Those that the journal holds sealed: given ones, and those of steps that were sent before.
    pub(super) async fn open(
        run: &StoredRun,
        journal: &Journal,
        key: &'a SealingKey,
    ) -> Result<Self, ExecuteError> {
        let mut known = HashMap::new();
        for copy in journal.sealed(&run.head.id).await? {
            let origin =
                if copy.given { PasswordOrigin::Chosen } else { PasswordOrigin::Generated };
            known.insert(copy.change, NewPassword { secret: key.unseal(&copy.bytes)?, origin });
        }
        let mut names = HashMap::new();
        for step in &run.steps {
            if let Some(no) = step.op.password() {
                let change = run.changes.get(no.0 as usize).map(|stored| &stored.change);
                names.entry(no).or_insert_with(|| change.map_or_else(Vec::new, names_in));
            }
        }
        Ok(Self {
            key,
            length: run.head.password_length,
            names,
            known: RefCell::new(known),
            turn: Mutex::default(),
        })
    }

    /// The sealed copy to commit before this step is sent, if it is the first that needs it. Sealing
    /// takes longer than all else that is done for a step, so other steps go on meanwhile.
    pub(super) async fn seal_for(&self, step: &Step) -> Result<Option<SealedCopy>, ExecuteError> {
        let Some(change) = step.op.password() else { return Ok(None) };
        if self.known.borrow().contains_key(&change) {
            return Ok(None);
        }
        let names = self.names.get(&change).map(Vec::as_slice).unwrap_or_default();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let secret = generate(&names, self.length);
        let password = NewPassword { secret: secret.clone(), origin: PasswordOrigin::Generated };
        self.known.borrow_mut().insert(change, password);
        let _turn = self.turn.lock().await;
        let key = self.key.clone();
        let bytes = tokio::task::spawn_blocking(move || key.seal(&secret)).await;
        let bytes = bytes.map_err(|_| PasswordFault::NotSealed)?;
        Ok(Some(SealedCopy { change, bytes, given: false }))
    }

    /// The password of a change.
    pub(super) fn of(&self, change: ChangeNo) -> Option<NewPassword> {
        self.known.borrow().get(&change).cloned()
    }

    /// A password that nobody gets to know.
    pub(super) fn undisclosed(&self) -> NewPassword {
        NewPassword { secret: generate(&[], self.length), origin: PasswordOrigin::Generated }
    }

    /// The password of a change, which is needed no more.
    pub(super) fn take(&self, change: ChangeNo) -> Option<NewPassword> {
        self.known.borrow_mut().remove(&change)
    }

    /// Changes that have one.
    pub(super) fn changes(&self) -> Vec<ChangeNo> {
        let mut changes: Vec<ChangeNo> = self.known.borrow().keys().copied().collect();
        changes.sort_unstable();
        changes
    }
}

/// Given passwords, sealed for the journal or a plan file.
pub fn seal_given(key: &SealingKey, given: &HashMap<ChangeNo, Secret>) -> Vec<SealedCopy> {
    let seal = |(change, secret): (&ChangeNo, &Secret)| SealedCopy {
        change: *change,
        bytes: key.seal(secret),
        given: true,
    };
    given.iter().map(seal).collect()
}

/// The names that may not be part of a password.
fn names_in(change: &Change) -> Vec<String> {
    let (user_name, online) = match change {
        Change::CreateAccount(create) => (&create.user_name, create.online.as_ref()),
        Change::Assign(assign) => (&assign.user_name, Some(&assign.online)),
        other => return vec![other.intent().label()],
    };
    let mut names = vec![user_name.to_string()];
    match online.map(|wish| &wish.name) {
        Some(OnlineName::Full(online_id)) => names.push(OnlineId::local_part(online_id).to_owned()),
        Some(OnlineName::Local(local)) => names.push(local.clone()),
        Some(OnlineName::Suggested) | None => {}
    }
    names
}
