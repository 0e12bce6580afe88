//! A `SQLite` file owned by one thread, which commits in groups.
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

/// A `SQLite` file. Several processes may have it open at once.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use rusqlite_migration::M;

    fn migrations() -> Migrations<'static> {
        Migrations::new(vec![M::up(
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;",
        )])
    }

    fn open(path: &Path) -> Database {
        Database::open(path, &migrations()).unwrap()
    }

    fn add(transaction: &Transaction<'_>, text: &str) -> Result<(), StateError> {
        transaction.execute("INSERT INTO notes (text) VALUES (?1)", [text])?;
        Ok(())
    }

    fn notes(database: &Database) -> Vec<String> {
        let all = |transaction: &Transaction<'_>| {
            let mut select = transaction.prepare("SELECT text FROM notes ORDER BY id")?;
            let texts = select.query_map([], |row| row.get(0))?;
            Ok::<_, StateError>(texts.collect::<Result<_, _>>()?)
        };
        database.read_blocking(all).unwrap()
    }

    fn block_on<F: Future>(future: F) -> F::Output {
        // Without the reactor of any runtime, as the promise is.
        futures::executor::block_on(future)
    }

    #[test]
    fn a_job_that_fails_undoes_only_itself_and_keeps_its_own_error() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(&folder.path().join("state.db"));
        // The first job keeps the thread busy until the others wait, so that they share a group.
        let (go, wait) = mpsc::channel::<()>();
        let first = database.write(move |transaction| {
            wait.recv().ok();
            add(transaction, "first")
        });
        let fails = database.write(|transaction| {
            add(transaction, "undone")?;
            add(transaction, "first")
        });
        let panics = database.write(|transaction| -> Result<(), StateError> {
            add(transaction, "undone as well")?;
            panic!("as this test wants it");
        });
        let last = database.write(|transaction| add(transaction, "last"));
        go.send(()).unwrap();

        assert_eq!(block_on(first), Ok(()));
        assert!(matches!(block_on(fails), Err(StateError::Statement { .. })));
        assert!(matches!(block_on(panics), Err(StateError::NoAnswer { .. })));
        assert_eq!(block_on(last), Ok(()));
        assert_eq!(notes(&database), ["first", "last"]);
    }

    #[test]
    fn jobs_that_wait_together_are_committed_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let database = open(&path);
        let (runs, is_running) = mpsc::channel::<()>();
        let (go, wait) = mpsc::channel::<()>();
        let first = database.read(move |_| {
            runs.send(()).ok();
            wait.recv().ok();
            Ok::<_, StateError>(())
        });
        // Only now is its group complete: what is asked from here on waits for the next one.
        is_running.recv().unwrap();
        let waiting: Vec<_> = (0..100)
            .map(|n| database.write(move |transaction| add(transaction, &n.to_string())))
            .collect();
        // Another connection sees how often the file changed: once for each commit of ours.
        let other = Connection::open(&path).unwrap();
        let seen = || {
            other.query_row("SELECT count(*) FROM notes", [], |row| row.get::<_, i64>(0)).unwrap()
        };
        let mut counts = vec![seen()];
        go.send(()).unwrap();
        block_on(first).unwrap();
        while counts.last() != Some(&100) {
            counts.push(seen());
        }
        counts.dedup();
        assert_eq!(counts, [0, 100]);
        block_on(futures::future::try_join_all(waiting)).unwrap();
    }

    #[test]
    fn a_job_runs_though_nobody_waits_for_its_answer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let database = open(&path);
        drop(database.write(|transaction| add(transaction, "unasked")));
        drop(database);
        assert_eq!(notes(&open(&path)), ["unasked"]);
        assert!(!path.with_extension("db-wal").exists(), "the file is closed in order");
    }

    #[test]
    fn a_reading_job_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let database = open(&folder.path().join("state.db"));
        let refused = database.read_blocking(|transaction| add(transaction, "no"));
        assert!(matches!(refused, Err(StateError::Statement { .. })));
        database.write_blocking(|transaction| add(transaction, "yes")).unwrap();
        assert_eq!(notes(&database), ["yes"]);
    }

    #[test]
    fn the_file_and_what_sqlite_puts_beside_it_are_for_their_owner_only() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("data");
        let database = open(&folder.join("state.db"));
        database.write_blocking(|transaction| add(transaction, "x")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        let files: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 3, "{files:?}");
        for file in files {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }

    #[test]
    fn a_file_of_a_newer_version_and_one_that_is_no_database_are_refused_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let newer = folder.path().join("newer.db");
        drop(open(&newer));
        Connection::open(&newer).unwrap().pragma_update(None, "user_version", 2).unwrap();
        let refused = Database::open(&newer, &migrations()).unwrap_err();
        assert_eq!(refused, StateError::Newer { path: newer });

        let text = folder.path().join("text.db");
        let content = "this is no database ".repeat(100);
        fs::write(&text, &content).unwrap();
        let refused = Database::open(&text, &migrations()).unwrap_err();
        assert_eq!(refused, StateError::NotADatabase { path: text.clone() });
        assert_eq!(fs::read_to_string(text).unwrap(), content);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let path = folder.path().join("file/state.db");
        let refused = Database::open(&path, &migrations()).unwrap_err();
        assert!(matches!(&refused, StateError::Io { path: named, .. } if *named == path));
    }

    #[test]
    fn threads_that_open_and_write_one_new_file_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        thread::scope(|scope| {
            for writer in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    let database = open(path);
                    for n in 0..25 {
                        let text = format!("{writer}-{n}");
                        database.write_blocking(move |t| add(t, &text)).unwrap();
                    }
                });
            }
        });
        assert_eq!(notes(&open(&path)).len(), 200);
    }

    /// The tests below start this test's own program again, which finds here what it is to do.
    const CHILD: &str = "ACCTSH_TEST_DATABASE_CHILD";

    fn again(test: &str, path: &Path) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let name = format!("{}::{test}", module_path!().split_once("::").unwrap().1);
        command.args([&name, "--exact", "--nocapture"]).env(CHILD, path);
        command
    }

    #[test]
    fn an_answered_write_survives_the_death_of_the_process() {
        const SELF: &str = "an_answered_write_survives_the_death_of_the_process";
        if let Some(path) = std::env::var_os(CHILD) {
            let database = open(Path::new(&path));
            block_on(database.write(|transaction| add(transaction, "answered"))).unwrap();
            std::process::abort();
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let child = again(SELF, &path).output().unwrap();
        assert!(!child.status.success());
        assert_eq!(notes(&open(&path)), ["answered"]);
    }

    #[test]
    fn two_processes_on_one_file_lose_nothing() {
        const SELF: &str = "two_processes_on_one_file_lose_nothing";
        if let Some(path) = std::env::var_os(CHILD) {
            let database = open(Path::new(&path));
            for n in 0..100 {
                let text = format!("{}-{n}", std::process::id());
                database.write_blocking(move |transaction| add(transaction, &text)).unwrap();
            }
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let mut children: Vec<_> = (0..2).map(|_| again(SELF, &path).spawn().unwrap()).collect();
        for child in &mut children {
            assert!(child.wait().unwrap().success());
        }
        assert_eq!(notes(&open(&path)).len(), 200);
    }
}
