//! The prompt.

use std::sync::Arc;

use crate::script::{Exit, Session};

/// Runs the prompt.
pub(crate) fn run(session: &Arc<Session>) -> Exit {
    session.console().say("no prompt yet");
    Exit::Failed
}
