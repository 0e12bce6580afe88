//! Progress of a run on the terminal: count, rate, time left, failures, and what it waits for.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::Console;
use crate::plan::execute::{Counts, Observer};

/// Without a terminal, waiting is told that often at most.
const BETWEEN_LINES: Duration = Duration::from_secs(30);

/// A line that is drawn over itself. Without a terminal only waiting is told.
pub(super) struct Progress<'a> {
    bar: ProgressBar,
    waiting: Mutex<Waiting>,
    /// Where waiting is told in whole lines, as there is no terminal to draw on.
    lines: Option<&'a Console>,
}

/// What a run waits for.
#[derive(Default)]
struct Waiting {
    /// How many steps wait to be tried again, and why the last one does.
    steps: usize,
    why: String,
    /// What the tenant lets everybody wait for.
    tenant: Option<String>,
    /// When a line was last written about it.
    told: Option<Instant>,
}

impl Waiting {
    fn message(&self) -> Option<String> {
        match (&self.tenant, self.steps) {
            (Some(tenant), _) => Some(tenant.clone()),
            (None, 0) => None,
            (None, steps) => Some(format!("{steps} waiting: {}", self.why)),
        }
    }
}

impl<'a> Progress<'a> {
    /// Progress of so many steps.
    pub(super) fn new(console: &'a Console, steps: usize) -> Self {
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
        let lines = (!console.shows_progress()).then_some(console);
        Self { bar, waiting: Mutex::default(), lines }
    }

    fn show(&self, change: impl FnOnce(&mut Waiting)) {
        let Ok(mut waiting) = self.waiting.lock() else { return };
        change(&mut waiting);
        let message = waiting.message().unwrap_or_default();
        if let Some(console) = self.lines
            && !message.is_empty()
            && waiting.told.is_none_or(|told| told.elapsed() >= BETWEEN_LINES)
        {
            waiting.told = Some(Instant::now());
            console.say(&format!("{} steps: {message}", self.bar.position()));
        }
        self.bar.set_message(message);
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress<'_> {
    fn counts(&self, counts: Counts) {
        self.bar
            .set_position((counts.done + counts.failed + counts.skipped + counts.parked) as u64);
        let waits = self.waiting.lock().is_ok_and(|waiting| waiting.message().is_some());
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
        self.show(|waiting| match why {
            Some(why) => {
                waiting.steps += 1;
                why.clone_into(&mut waiting.why);
            }
            None => waiting.steps = waiting.steps.saturating_sub(1),
        });
    }

    fn tenant_waits(&self, why: Option<&str>) {
        self.show(|waiting| waiting.tenant = why.map(str::to_owned));
    }
}
