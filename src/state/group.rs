//! Jobs, and how those that wait together are run in one transaction and answered after it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::StateError;

/// What a job does with the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// A job as the thread sees it: its types of result are hidden inside.
pub(super) trait Job: Send {
    fn access(&self) -> Access;
    /// Runs it. Whether what it wrote is to be kept.
    fn run(&mut self, transaction: &Transaction<'_>) -> bool;
    /// Answers whoever asked, once it is known whether the transaction was committed.
    fn answer(self: Box<Self>, committed: Result<(), StateError>);
}

/// A job with its result and the way back to whoever asked.
pub(super) struct Request<F, T, E, R> {
    access: Access,
    job: Option<F>,
    result: Option<Result<T, E>>,
    no_answer: StateError,
    reply: R,
}

impl<F, T, E, R> Request<F, T, E, R> {
    pub(super) fn new(access: Access, job: F, path: &Path, reply: R) -> Self {
        let no_answer = StateError::NoAnswer { path: path.to_owned() };
        Self { access, job: Some(job), result: None, no_answer, reply }
    }
}

impl<F, T, E, R> Job for Request<F, T, E, R>
where
    F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StateError> + Send,
    R: FnOnce(Result<T, E>) + Send,
{
    fn access(&self) -> Access {
        self.access
    }

    fn run(&mut self, transaction: &Transaction<'_>) -> bool {
        let Some(job) = self.job.take() else { return false };
        // A job that panics must not take down the jobs of others. What it wrote is undone, and
        // its own state is never looked at again.
        self.result = catch_unwind(AssertUnwindSafe(|| job(transaction))).ok();
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, committed: Result<(), StateError>) {
        let Self { result, no_answer, reply, .. } = *self;
        reply(match (result, committed) {
            // Its own error says more than that of the group, and nothing of it was kept either way.
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.into()),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(no_answer.into()),
        });
    }
}

/// Runs the jobs in one transaction, commits it, and only then answers.
pub(super) fn run_group(connection: &mut Connection, path: &Path, mut jobs: Vec<Box<dyn Job>>) {
    let committed = run_and_commit(connection, path, &mut jobs);
    for job in jobs {
        job.answer(committed.clone());
    }
}

fn run_and_commit(
    connection: &mut Connection,
    path: &Path,
    jobs: &mut [Box<dyn Job>],
) -> Result<(), StateError> {
    let failed = |error: rusqlite::Error| StateError::sqlite(path, &error);
    // A transaction that reads first and then writes can be refused without waiting; one that
    // takes the write lock at once waits for its turn.
    let behavior = if jobs.iter().any(|job| job.access() == Access::Write) {
        TransactionBehavior::Immediate
    } else {
        TransactionBehavior::Deferred
    };
    let transaction = connection.transaction_with_behavior(behavior).map_err(failed)?;
    for job in jobs {
        match job.access() {
            Access::Read => read(&transaction, job.as_mut()).map_err(failed)?,
            Access::Write => write(&transaction, job.as_mut()).map_err(failed)?,
        }
        // A full or failing disk makes SQLite roll back the whole transaction inside a statement;
        // going on would write the rest of the group outside of any.
        if transaction.is_autocommit() {
            return Err(StateError::Undone { path: path.to_owned() });
        }
    }
    transaction.commit().map_err(failed)
}

fn read(transaction: &Transaction<'_>, job: &mut dyn Job) -> rusqlite::Result<()> {
    transaction.pragma_update(None, "query_only", true)?;
    job.run(transaction);
    transaction.pragma_update(None, "query_only", false)
}

/// In a savepoint, so that a job that fails undoes only itself.
fn write(transaction: &Transaction<'_>, job: &mut dyn Job) -> rusqlite::Result<()> {
    transaction.prepare_cached("SAVEPOINT job")?.execute([])?;
    let keep = job.run(transaction);
    if transaction.is_autocommit() {
        return Ok(());
    }
    if !keep {
        transaction.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    transaction.prepare_cached("RELEASE job")?.execute([])?;
    Ok(())
}
