//! Progress of a run on the terminal: count, rate, time left, failures, and what it waits for.

use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::Console;
use crate::plan::execute::{Counts, Observer};

/// A line that is drawn over itself; nothing without a terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    /// How many steps wait, and for what the last one does.
    waiting: Mutex<(usize, String)>,
}

impl Progress {
    /// Progress of so many steps.
    pub(super) fn new(console: &Console, steps: usize) -> Self {
        let target = if console.shows_progress() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(steps as u64), target);
        let style = ProgressStyle::with_template(
            "{bar:24} {pos}/{len} steps  {per_sec}  {eta} left  {msg}",
        );
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("━╸ "));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, waiting: Mutex::default() }
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn counts(&self, counts: Counts) {
        self.bar
            .set_position((counts.done + counts.failed + counts.skipped + counts.parked) as u64);
        let waits = self.waiting.lock().is_ok_and(|waiting| waiting.0 > 0);
        if !waits {
            let mut parts = Vec::new();
            if counts.failed > 0 {
                parts.push(format!("{} failed", counts.failed));
            }
            if counts.parked > 0 {
                parts.push(format!("{} parked", counts.parked));
            }
            self.bar.set_message(parts.join("  "));
        }
    }

    fn waiting(&self, why: Option<&str>) {
        let Ok(mut waiting) = self.waiting.lock() else { return };
        match why {
            Some(why) => *waiting = (waiting.0 + 1, why.to_owned()),
            None => waiting.0 = waiting.0.saturating_sub(1),
        }
        let message = match &*waiting {
            (0, _) => String::new(),
            (steps, why) => format!("{steps} waiting: {why}"),
        };
        self.bar.set_message(message);
    }
}
