//! A SQLite file owned by one thread, which commits in groups.
//!
//! Each commit waits for the disk, so ten thousand commits would take minutes. Jobs that arrive
//! while the disk is busy are therefore run together in one transaction, and each is answered once
//! that transaction is safe on disk.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, Transaction};
use rusqlite_migration::Migrations;
use tokio::sync::oneshot;

use super::group::{Access, Job, Request, run_group};
use super::{StateError, opening};

/// The most jobs of one transaction: enough to make the disk's share small, few enough to answer
/// the first ones soon.
const GROUP: usize = 1024;

/// A SQLite file. Several processes may have it open at once.
///
/// A job is a closure that gets the transaction. It is queued by the call itself, whether or not
/// its answer is awaited; dropping the answer doesn't stop it. Jobs run in the order of the calls,
/// together with those of others, and see what those before them wrote; if one fails, or panics,
/// only its own writes are undone. It is answered after the commit: what was answered survives the
/// end of the process and of the power. A job must not wait for another job.
///
/// Dropping the database runs what is waiting and closes the file.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    /// Both are `None` only while the database is dropped.
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Database {
    /// Opens the file and brings its tables up to date. A file that isn't there is made, readable
    /// for its owner only, as are the folders above it.
    pub fn open(path: &Path, migrations: &Migrations<'_>) -> Result<Self, StateError> {
        let connection = opening::open(path, migrations)?;
        let (jobs, waiting) = mpsc::channel();
        let owned = path.to_owned();
        let thread = thread::Builder::new()
            .name("database".to_owned())
            .spawn(move || serve(connection, &owned, &waiting))
            .map_err(|error| StateError::io(path, &error))?;
        Ok(Self { path: path.to_owned(), jobs: Some(jobs), thread: Some(thread) })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs a job that writes, and answers when it is on disk.
    pub fn write<T, E, F>(&self, job: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StateError> + Send + 'static,
    {
        self.ask(Access::Write, job)
    }

    /// Runs a job that only reads; a statement that writes is an error.
    pub fn read<T, E, F>(&self, job: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StateError> + Send + 'static,
    {
        self.ask(Access::Read, job)
    }

    /// [`write`](Self::write) for callers that aren't async. It blocks the thread.
    pub fn write_blocking<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StateError> + Send + 'static,
    {
        self.ask_blocking(Access::Write, job)
    }

    /// [`read`](Self::read) for callers that aren't async. It blocks the thread.
    pub fn read_blocking<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StateError> + Send + 'static,
    {
        self.ask_blocking(Access::Read, job)
    }

    fn ask<T, E, F>(
        &self,
        access: Access,
        job: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StateError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let no_answer = self.no_answer();
        self.send(Request::new(access, job, &self.path, move |result| {
            // Whoever asked may have stopped waiting.
            let _ = reply.send(result);
        }));
        async move { answer.await.unwrap_or_else(|_| Err(no_answer.into())) }
    }

    fn ask_blocking<T, E, F>(&self, access: Access, job: F) -> Result<T, E>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StateError> + Send + 'static,
    {
        let (reply, answer) = mpsc::sync_channel(1);
        self.send(Request::new(access, job, &self.path, move |result| {
            let _ = reply.send(result);
        }));
        answer.recv().unwrap_or_else(|_| Err(self.no_answer().into()))
    }

    /// A job that can't be sent is dropped, and with it its way to reply: that is its answer.
    fn send(&self, request: impl Job + 'static) {
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(Box::new(request));
        }
    }

    fn no_answer(&self) -> StateError {
        StateError::NoAnswer { path: self.path.clone() }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            // A job may hold the last reference to its own database.
            && thread.thread().id() != thread::current().id()
        {
            // It can only have ended by a panic, which has been reported where it happened.
            let _ = thread.join();
        }
    }
}

fn serve(mut connection: Connection, path: &Path, waiting: &mpsc::Receiver<Box<dyn Job>>) {
    while let Ok(first) = waiting.recv() {
        let mut jobs = vec![first];
        jobs.extend(waiting.try_iter().take(GROUP - 1));
        run_group(&mut connection, path, jobs);
    }
}
