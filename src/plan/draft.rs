//! The recorded changes of a unit, before anything is derived from them.

use std::collections::HashMap;

use super::change::{Change, ChangeNo};
use crate::model::{Origin, Secret, SourceFile};

/// A change as it was recorded.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// What was asked for.
    pub change: Change,
    /// The row or line that asked.
    pub origin: Origin,
}

/// Recorded changes, in order. Recording reads and writes nothing.
#[derive(Default)]
pub struct Draft {
    recorded: Vec<Recorded>,
    sources: Vec<SourceFile>,
    secrets: HashMap<ChangeNo, Secret>,
}

impl Draft {
    /// Records a change, with the password that was given for it.
    pub fn record(&mut self, change: Change, origin: Origin, password: Option<Secret>) -> ChangeNo {
        let no = self.next();
        self.recorded.push(Recorded { change, origin });
        if let Some(password) = password {
            self.secrets.insert(no, password);
        }
        no
    }

    /// The number that the next change will have.
    pub fn next(&self) -> ChangeNo {
        ChangeNo(u32::try_from(self.recorded.len()).unwrap_or(u32::MAX))
    }

    /// Remembers a file whose rows become changes.
    pub fn source(&mut self, source: &SourceFile) {
        if self.sources.iter().all(|known| known.name != source.name) {
            self.sources.push(source.clone());
        }
    }

    /// The changes.
    pub fn recorded(&self) -> &[Recorded] {
        &self.recorded
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.recorded.is_empty()
    }

    /// Everything, taken apart.
    pub(super) fn into_parts(self) -> (Vec<Recorded>, Vec<SourceFile>, HashMap<ChangeNo, Secret>) {
        (self.recorded, self.sources, self.secrets)
    }

    pub(super) fn secrets(&self) -> &HashMap<ChangeNo, Secret> {
        &self.secrets
    }
}
