//! Commands that are still on their way: to be watched, interrupted, killed, waited for.
#![allow(dead_code, unreachable_pub, reason = "each story uses what it needs")]

use std::io::{BufRead as _, BufReader};
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::story::{Ran, Shell};

/// After that long a story has failed: what it waits for never came.
const DEADLINE: Duration = Duration::from_secs(120);

/// A command that was started and not waited for.
pub struct Running {
    process: Child,
}

impl Shell {
    /// Starts the program and doesn't wait for its end.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running { process: self.command(arguments).spawn().unwrap() }
    }
}

impl Running {
    /// The process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What Ctrl-C does.
    pub fn interrupt(&self) {
        kill_process(Pid::from_child(&self.process), Signal::INT).unwrap();
    }

    /// What Ctrl-C does twice: the second one comes when the first was heard.
    pub fn interrupt_twice(&mut self) {
        self.interrupt();
        let mut said = BufReader::new(self.process.stderr.as_mut().unwrap());
        let mut line = String::new();
        while !line.contains("Stopping: ") {
            line.clear();
            assert_ne!(said.read_line(&mut line).unwrap(), 0, "it ended before the second Ctrl-C");
        }
        self.interrupt();
    }

    /// What a power cut does, as far as the process is concerned.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.process.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub fn ends(mut self) -> Ran {
        let begun = Instant::now();
        while !self.has_ended() {
            if begun.elapsed() > DEADLINE {
                self.process.kill().unwrap();
                let ran = Ran::of(&self.process.wait_with_output().unwrap());
                panic!("it does not end\nstdout:\n{}\nstderr:\n{}", ran.out, ran.err);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ran::of(&self.process.wait_with_output().unwrap())
    }
}

/// Looks again and again until it is so.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < DEADLINE, "it never came to pass: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
