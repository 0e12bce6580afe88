//! What is remembered of a password that a step has set or sent.

use jiff::Timestamp;
use uuid::Uuid;

use super::Targets;
use super::look::SUPERSEDED;
use crate::model::{PasswordOwner, PasswordRefusal, Problem, SentPassword};
use crate::plan::journal::{Event, Made, PasswordEvent};
use crate::plan::step::{DirectoryOp, GraphOp, OnlinePassword, Op, OutboxOp};

/// What an event of a step means for passwords.
pub(super) fn of(op: &Op, targets: &Targets, event: &Event, directory: Uuid) -> Vec<PasswordEvent> {
    match op {
        Op::Directory(op) => in_directory(op, targets, event, directory),
        Op::Graph(GraphOp::CreateOnline { account, .. }) => match event {
            Event::Done { made: Some(Made::Online(id)) } => {
                let (kind, changed) = sent(account.password);
                vec![PasswordEvent::Arrived { account: *id, kind, changed }]
            }
            _ => Vec::new(),
        },
        Op::Graph(GraphOp::SetPassword { kind, .. }) => online(*kind, targets, event, directory),
        Op::Outbox(OutboxOp::Queue { .. }) | Op::Graph(_) | Op::Exchange(_) | Op::Wait(_) => {
            Vec::new()
        }
    }
}

fn in_directory(
    op: &DirectoryOp,
    targets: &Targets,
    event: &Event,
    directory: Uuid,
) -> Vec<PasswordEvent> {
    let Event::Done { made } = event else { return Vec::new() };
    let user = match (op, made) {
        (DirectoryOp::CreateUser { .. }, Some(Made::User(user))) => Some(*user),
        (DirectoryOp::SetPassword { .. } | DirectoryOp::PutBackPassword { .. }, _) => targets.user,
        _ => None,
    };
    let Some(user) = user else { return Vec::new() };
    if matches!(op, DirectoryOp::PutBackPassword { .. }) {
        let owner = PasswordOwner::Guid(user);
        return vec![
            PasswordEvent::PutBack { directory, user },
            PasswordEvent::Settled { directory, owner },
        ];
    }
    let at = match made {
        Some(Made::PasswordSet(at)) => *at,
        _ => Timestamp::now(),
    };
    vec![PasswordEvent::Set { directory, user, at }]
}

fn online(
    kind: OnlinePassword,
    targets: &Targets,
    event: &Event,
    directory: Uuid,
) -> Vec<PasswordEvent> {
    let Some(account) = targets.online else { return Vec::new() };
    let owner = targets.user.map(PasswordOwner::Guid);
    match event {
        Event::Done { made: Some(Made::Queued) } | Event::Parked { .. } => {
            vec![PasswordEvent::Attempted { account, at: Timestamp::now() }]
        }
        Event::Done { .. } => {
            let (kind, changed) = sent(kind);
            let mut events = vec![PasswordEvent::Arrived { account, kind, changed }];
            if let Some(owner) = owner {
                events.push(PasswordEvent::Settled { directory, owner });
                if kind == SentPassword::Shared {
                    events.push(PasswordEvent::ChangeArrived { directory });
                }
            }
            events
        }
        // Another one counts by now: that is no refusal of this one.
        Event::Failed { problem }
            if sent(kind).0 == SentPassword::Shared && problem.code != SUPERSEDED =>
        {
            let changed = sent(kind).1.unwrap_or_else(Timestamp::now);
            let refused = |owner| PasswordEvent::Refused {
                directory,
                owner,
                refusal: refusal(problem, changed),
            };
            owner.map(refused).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// A problem as it is remembered.
pub fn refusal(problem: &Problem, changed: Timestamp) -> PasswordRefusal {
    PasswordRefusal {
        changed,
        at: Timestamp::now(),
        code: problem.code.to_string(),
        message: problem.message.clone(),
        advice: problem.advice.clone(),
    }
}

fn sent(kind: OnlinePassword) -> (SentPassword, Option<Timestamp>) {
    match kind {
        OnlinePassword::Temporary => (SentPassword::Temporary, None),
        OnlinePassword::Undisclosed => (SentPassword::Undisclosed, None),
        OnlinePassword::Lasting => (SentPassword::Shared, None),
        OnlinePassword::Carried { changed } => (SentPassword::Shared, Some(changed)),
    }
}
