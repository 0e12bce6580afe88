//! Guards against harming more people than somebody can have meant (DESIGN §2.5). They count the whole
//! plan together with what the profile's runs did within the last hour, and no `--yes` answers them.

use std::collections::HashSet;

use super::{Plan, PlannedChange};
use crate::model::Problem;
use crate::plan::change::{Impact, Subject};
use crate::plan::edit::What;
use crate::plan::mail::MailEdit;

/// How many people a plan or some runs harm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Harm {
    /// Whom they destroy something of.
    pub destroyed: u32,
    /// Whom they take something from that can be given back.
    pub revoked: u32,
}

/// What a plan is held against.
#[derive(Debug, Clone, Copy, Default)]
pub struct Guards {
    /// The raised limit for destroying, if somebody raised it.
    pub max_deletes: Option<u32>,
    /// The raised limit for revoking, if somebody raised it.
    pub max_revokes: Option<u32>,
    /// What the last hour's runs of the profile did.
    pub recent: Harm,
}

impl Plan {
    /// How many people, groups and members of groups it harms. What the plan itself makes can't be
    /// harmed by it.
    pub fn harm(&self) -> Harm {
        let harmed = |impact: Impact| {
            let acting = self.changes.iter().filter(|it| harms(it, impact));
            let subjects: HashSet<Subject> = acting.clone().map(|change| change.subject).collect();
            // A group that loses members is one subject, but so many people.
            let more: usize = acting.map(|change| members_lost(change).saturating_sub(1)).sum();
            u32::try_from(subjects.len() + more).unwrap_or(u32::MAX)
        };
        Harm { destroyed: harmed(Impact::Destroy), revoked: harmed(Impact::Revoke) }
    }

    /// Adds a problem for each guard that the plan runs into.
    pub fn hold_against(&mut self, guards: &Guards) {
        let harm = self.harm();
        let people = self.identities.people;
        // Of what there was: a plan that deletes groups alone is held against the groups.
        let mut deletes = self.changes.iter().filter(|it| harms(it, Impact::Destroy));
        let only_groups =
            harm.destroyed > 0 && deletes.all(|change| matches!(change.subject, Subject::Group(_)));
        let there = if only_groups { self.groups } else { people };
        let destroy = Guard {
            impact: Impact::Destroy,
            code: "too_many_deletes",
            verb: "deletes",
            option: "--max-deletes",
            planned: harm.destroyed,
            recent: guards.recent.destroyed,
            limit: guards.max_deletes.unwrap_or_else(|| 3.max(20.min(share(there, 10)))),
            there,
            of: if only_groups { "groups" } else { "people" },
        };
        let revoke = Guard {
            impact: Impact::Revoke,
            code: "too_many_revokes",
            verb: "takes something away from",
            option: "--max-revokes",
            planned: harm.revoked,
            recent: guards.recent.revoked,
            limit: guards.max_revokes.unwrap_or_else(|| 10.max(100.min(share(people, 25)))),
            there: people,
            of: "people",
        };
        for guard in [destroy, revoke] {
            guard.hold(self);
        }
    }
}

fn harms(change: &PlannedChange, impact: Impact) -> bool {
    change.acts() && change.impact() == impact && !matches!(change.subject, Subject::New(_))
}

/// Members that a group loses without a replacement.
fn members_lost(change: &PlannedChange) -> usize {
    let count = |is: fn(&MailEdit) -> bool| {
        let mail = change.edits.iter().filter(|edit| edit.subject == change.subject);
        mail.filter(|edit| matches!(&edit.what, What::Mail(mail) if is(mail))).count()
    };
    let gone = count(|mail| matches!(mail, MailEdit::MemberRemoved { .. }));
    gone.saturating_sub(count(|mail| matches!(mail, MailEdit::MemberAdded { .. })))
}

/// So many per cent of the people, rounded down.
fn share(people: u64, percent: u64) -> u32 {
    u32::try_from(people.saturating_mul(percent) / 100).unwrap_or(u32::MAX)
}

struct Guard {
    impact: Impact,
    code: &'static str,
    verb: &'static str,
    option: &'static str,
    planned: u32,
    recent: u32,
    limit: u32,
    there: u64,
    of: &'static str,
}

impl Guard {
    fn hold(&self, plan: &mut Plan) {
        let all = self.planned.saturating_add(self.recent);
        if self.planned == 0 || all <= self.limit {
            return;
        }
        let (there, of) = (self.there, self.of);
        let mut changes = plan.changes.iter_mut();
        let Some(first) = changes.find(|change| harms(change, self.impact)) else { return };
        let recent = match self.recent {
            0 => String::new(),
            recent => format!(", after {recent} within the last hour"),
        };
        let message = format!(
            "the plan {} {} of {there} {of}{recent}; without a word it may be {}",
            self.verb, self.planned, self.limit
        );
        let advice = format!("if that is meant: {} {all}", self.option);
        first.problems.push(Problem::error(self.code, "", message).advice(advice));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_down_and_no_number_is_too_large() {
        assert_eq!((share(39, 10), share(40, 10), share(0, 10)), (3, 4, 0));
        assert_eq!(share(u64::MAX, 25), u32::MAX);
    }
}
