//! `acctsh -c CODE`: one line, then exit.

use std::sync::Arc;

use crate::script::{Exit, Session, Source, Unit};

pub(super) fn run(session: &Arc<Session>, code: String) -> Exit {
    Unit::new(session).run(&Source { name: "-c".to_owned(), text: code })
}
