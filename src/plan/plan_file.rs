//! Plan files: a plan saved to be read by people, and applied later or elsewhere.
//!
//! A file holds changes, steps, the ids of tenant and directory, and a digest; no host, clock or
//! random value besides the ids that were drawn when the changes were recorded. Given passwords are
//! in it only sealed, so such a file applies on the machine that wrote it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::change::{Change, ChangeNo};
use super::check::{Plan, PlanOptions};
use super::planner::Planner;
use super::step::{Claim, Op, Step, StepId, Target};
use crate::directory::DirectoryIdentity;
use crate::model::{ObjectId, Origin, Problem, Secret, SourceFile, TenantId, UserGuid};
use crate::passwords::{PasswordFault, SealingKey};
use crate::state::private_file;

/// The format that this version writes and reads.
const FORMAT: u32 = 1;

/// Why a plan file can't be used.
#[derive(Debug, Error)]
pub enum PlanFileError {
    /// It can't be read or written.
    #[error("{}: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// It isn't a plan file, or one of another version.
    #[error("{} is not a plan file of this version: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// It isn't as it was written.
    #[error("{} was edited after it was written", path.display())]
    Edited {
        /// The file.
        path: PathBuf,
    },
    /// It is for another directory or tenant.
    #[error("{} was made for another {side}", path.display())]
    OtherSide {
        /// The file.
        path: PathBuf,
        /// `directory` or `tenant`.
        side: &'static str,
    },
    /// The world isn't as it was: what it would do now differs from what it says.
    #[error("{} does not fit any more: {}", path.display(), differences.join("; "))]
    Stale {
        /// The file.
        path: PathBuf,
        /// What differs.
        differences: Vec<String>,
    },
    /// Its passwords were sealed elsewhere.
    #[error(transparent)]
    Password(#[from] PasswordFault),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    directory: DirectoryIdentity,
    tenant: Option<TenantId>,
    options: PlanOptions,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sources: Vec<SourceFile>,
    changes: Vec<FileChange>,
    steps: Vec<Step>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sealed_passwords: Vec<FileSecret>,
    digest: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileChange {
    change: Change,
    origin: Origin,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Problem>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSecret {
    change: ChangeNo,
    sealed: String,
}

/// A plan file that was read and found unedited.
pub struct PlanFile {
    path: PathBuf,
    file: File,
}

/// Saves a plan. The file is private: it names people.
pub fn save(plan: &Plan, key: &SealingKey, path: &Path) -> Result<(), PlanFileError> {
    let changes = plan.changes.iter().map(|change| FileChange {
        change: change.change.clone(),
        origin: change.origin.clone(),
        problems: change.problems.clone(),
    });
    let mut sealed: Vec<FileSecret> = plan
        .secrets
        .iter()
        .map(|(no, secret)| FileSecret { change: *no, sealed: BASE64.encode(key.seal(secret)) })
        .collect();
    sealed.sort_by_key(|secret| secret.change);
    let mut file = File {
        format: FORMAT,
        directory: plan.identities.directory.clone(),
        tenant: plan.identities.tenant,
        options: plan.options.clone(),
        sources: plan.sources.clone(),
        changes: changes.collect(),
        steps: plan.steps.clone(),
        sealed_passwords: sealed,
        digest: String::new(),
    };
    file.digest = digest(&file, path)?;
    let text = serde_json::to_string_pretty(&file).map_err(|reason| format_error(path, reason))?;
    private_file::replace(path, text.as_bytes())
        .map_err(|reason| PlanFileError::Io { path: path.to_owned(), reason })
}

fn digest(file: &File, path: &Path) -> Result<String, PlanFileError> {
    let text = serde_json::to_string(file).map_err(|reason| format_error(path, reason))?;
    Ok(Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn format_error(path: &Path, reason: impl ToString) -> PlanFileError {
    PlanFileError::Format { path: path.to_owned(), reason: reason.to_string() }
}

impl PlanFile {
    /// Reads a plan file. One that was edited is refused: edits go through the review file.
    pub fn read(path: &Path) -> Result<Self, PlanFileError> {
        let text = fs::read_to_string(path)
            .map_err(|reason| PlanFileError::Io { path: path.to_owned(), reason })?;
        let mut file: File =
            serde_json::from_str(&text).map_err(|reason| format_error(path, reason))?;
        if file.format != FORMAT {
            return Err(format_error(path, format!("its format is {}, not {FORMAT}", file.format)));
        }
        let written = std::mem::take(&mut file.digest);
        if digest(&file, path)? != written {
            return Err(PlanFileError::Edited { path: path.to_owned() });
        }
        file.digest = written;
        Ok(Self { path: path.to_owned(), file })
    }

    /// What tells this file from every other.
    pub fn digest(&self) -> &str {
        &self.file.digest
    }

    /// The options that shaped it.
    pub fn options(&self) -> &PlanOptions {
        &self.file.options
    }

    /// Records its changes again, with their passwords.
    pub fn record(&self, planner: &mut Planner, key: &SealingKey) -> Result<(), PlanFileError> {
        let mut secrets: HashMap<ChangeNo, Secret> = HashMap::new();
        for secret in &self.file.sealed_passwords {
            let bytes =
                BASE64.decode(&secret.sealed).map_err(|reason| format_error(&self.path, reason))?;
            secrets.insert(secret.change, key.unseal(&bytes)?);
        }
        for source in &self.file.sources {
            planner.source(source);
        }
        for (index, change) in self.file.changes.iter().enumerate() {
            let no = ChangeNo(u32::try_from(index).unwrap_or(u32::MAX));
            planner.record(change.change.clone(), change.origin.clone(), secrets.remove(&no));
        }
        Ok(())
    }

    /// Whether the plan derived just now is the one that was saved: the same operations with the
    /// same old values, and no new problem. Edges from claims may differ.
    pub fn compare(&self, plan: &Plan) -> Result<(), PlanFileError> {
        let path = || self.path.clone();
        if plan.identities.directory != self.file.directory {
            return Err(PlanFileError::OtherSide { path: path(), side: "directory" });
        }
        if plan.identities.tenant != self.file.tenant {
            return Err(PlanFileError::OtherSide { path: path(), side: "tenant" });
        }
        let differences = self.differences(plan);
        if differences.is_empty() {
            Ok(())
        } else {
            Err(PlanFileError::Stale { path: path(), differences })
        }
    }

    fn differences(&self, plan: &Plan) -> Vec<String> {
        let saved = operations(&self.file.steps, self.file.changes.len());
        let now = operations(&plan.steps, plan.changes.len());
        let mut differences = Vec::new();
        for (index, change) in plan.changes.iter().enumerate() {
            let label =
                || format!("{} ({})", change.change.intent().label(), change.origin.label());
            let (was, is) = (saved.get(index), now.get(index));
            if was != is {
                let verbs = |ops: Option<&Vec<Operation>>| -> String {
                    let verbs: Vec<&str> =
                        ops.into_iter().flatten().map(|op| op.op.verb()).collect();
                    if verbs.is_empty() { "nothing".to_owned() } else { verbs.join(", ") }
                };
                differences.push(match (verbs(was), verbs(is)) {
                    (was, is) if was == is => format!("{}: other values for {is}", label()),
                    (was, is) => format!("{}: planned {was}, now {is}", label()),
                });
            }
            let known = self
                .file
                .changes
                .get(index)
                .map(|saved| saved.problems.as_slice())
                .unwrap_or_default();
            for problem in change.problems.iter().filter(|problem| !known.contains(problem)) {
                differences.push(format!("{}: {}", label(), problem.message));
            }
        }
        differences
    }
}

/// An operation and what it takes, without its place in the order.
#[derive(PartialEq, Eq)]
struct Operation {
    user: Option<Target<UserGuid>>,
    online: Option<Target<ObjectId>>,
    op: Op,
    takes: Vec<Claim>,
}

/// The operations of each change. Steps that an operation names are numbered within their change: a
/// change that has nothing to do any more must not make all that follow it look different.
fn operations(steps: &[Step], changes: usize) -> Vec<Vec<Operation>> {
    let mut numbers: HashMap<StepId, StepId> = HashMap::new();
    let mut counts: HashMap<ChangeNo, u32> = HashMap::new();
    for step in steps {
        if let Some(change) = step.changes.first() {
            let count = counts.entry(*change).or_default();
            numbers.insert(step.id, StepId(*count));
            *count += 1;
        }
    }
    let mut by_change: Vec<Vec<Operation>> = (0..changes).map(|_| Vec::new()).collect();
    for step in steps {
        let mut step = step.clone();
        step.renumber(&numbers);
        for no in &step.changes {
            if let Some(of_change) = by_change.get_mut(no.0 as usize) {
                of_change.push(Operation {
                    user: step.user,
                    online: step.online,
                    op: step.op.clone(),
                    takes: step.takes.clone(),
                });
            }
        }
    }
    by_change
}
