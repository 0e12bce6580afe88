//! Letters are written in a thread of their own: making a file takes as long as a step of a run does.

use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

use super::{Handover, Letter, PasswordFault};

/// Writes the letters of one folder, in the order in which they come.
pub struct LetterWriter {
    queue: mpsc::Sender<Letter>,
    thread: JoinHandle<Result<usize, PasswordFault>>,
}

impl LetterWriter {
    /// Makes the folder, as [`Handover::prepare`] does, and waits for letters.
    pub fn start(folder: &Path) -> Result<Self, PasswordFault> {
        let handover = Handover::prepare(folder)?;
        let (queue, letters) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("letters".to_owned())
            .spawn(move || write(&handover, &letters))
            .map_err(|reason| PasswordFault::io(folder, &reason))?;
        Ok(Self { queue, thread })
    }

    /// Writes a letter, some time before [`finish`](Self::finish) returns.
    pub fn write(&self, letter: Letter) {
        // A thread that is gone says at the end why.
        let _ = self.queue.send(letter);
    }

    /// Waits until all letters are on disk. Gives their number, or why one can't be written.
    pub fn finish(self) -> Result<usize, PasswordFault> {
        drop(self.queue);
        self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

fn write(handover: &Handover, letters: &mpsc::Receiver<Letter>) -> Result<usize, PasswordFault> {
    let mut written = 0;
    for letter in letters {
        handover.write_letter(&letter)?;
        written += 1;
    }
    if written > 0 {
        handover.sync()?;
    }
    Ok(written)
}
