//! The recorded changes of a unit, before anything is derived from them.

use std::collections::HashMap;

use super::change::{Change, ChangeNo};
use crate::model::{Origin, Problem, Secret, SourceFile};

/// A change as it was recorded.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    /// What was asked for.
    pub(super) change: Change,
    /// The row or line that asked.
    pub(super) origin: Origin,
}

/// A row that can't become a change.
#[derive(Debug, Clone)]
pub struct Rejected {
    /// The row.
    pub origin: Origin,
    /// Everything that is wrong with it.
    pub problems: Vec<Problem>,
}

/// Recorded changes, in order. Recording reads and writes nothing.
#[derive(Default, Clone)]
pub(super) struct Draft {
    recorded: Vec<Recorded>,
    rejected: Vec<Rejected>,
    sources: Vec<SourceFile>,
    secrets: HashMap<ChangeNo, Secret>,
}

impl Draft {
    /// Records a change, with the password that was given for it.
    pub(super) fn record(
        &mut self,
        change: Change,
        origin: Origin,
        password: Option<Secret>,
    ) -> ChangeNo {
        let no = self.next();
        self.recorded.push(Recorded { change, origin });
        if let Some(password) = password {
            self.secrets.insert(no, password);
        }
        no
    }

    /// Remembers a row that can't become a change: the plan will show it with all other problems.
    pub(super) fn reject(&mut self, origin: Origin, problems: Vec<Problem>) {
        self.rejected.push(Rejected { origin, problems });
    }

    /// The number that the next change will have.
    pub(super) fn next(&self) -> ChangeNo {
        ChangeNo(u32::try_from(self.recorded.len()).unwrap_or(u32::MAX))
    }

    /// Remembers a file whose rows become changes.
    pub(super) fn source(&mut self, source: &SourceFile) {
        if self.sources.iter().all(|known| known.name != source.name) {
            self.sources.push(source.clone());
        }
    }

    /// The changes.
    pub(super) fn recorded(&self) -> &[Recorded] {
        &self.recorded
    }

    /// Whether nothing was recorded.
    pub(super) fn is_empty(&self) -> bool {
        self.recorded.is_empty() && self.rejected.is_empty()
    }

    /// Everything, taken apart.
    pub(super) fn into_parts(self) -> DraftParts {
        DraftParts {
            recorded: self.recorded,
            rejected: self.rejected,
            sources: self.sources,
            secrets: self.secrets,
        }
    }

    pub(super) fn secrets(&self) -> &HashMap<ChangeNo, Secret> {
        &self.secrets
    }
}

/// A draft, taken apart.
pub(super) struct DraftParts {
    pub(super) recorded: Vec<Recorded>,
    pub(super) rejected: Vec<Rejected>,
    pub(super) sources: Vec<SourceFile>,
    pub(super) secrets: HashMap<ChangeNo, Secret>,
}
