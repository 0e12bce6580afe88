//! The contract test: every request to Graph and every answer of the sandbox against the schemas of
//! Microsoft's description, `graph-schema.json`, which `schema_only.py` cuts from the whole of it.
//!
//! `cargo test --test contract` runs it. Between the real program and a real sandbox stands a proxy
//! that keeps what passes; then each exchange is judged, items of batches too. It stands there in all
//! stories as well, each of which fails if the contract is broken; here is what they don't come to.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![allow(clippy::print_stdout, reason = "a story that is passed over says so")]

mod proxy;
#[path = "../samba/mod.rs"]
mod samba;
#[path = "../stories/story.rs"]
mod story;

mod runs_of_acctsh;
mod the_check_bites;
mod walk_of_the_sandbox;
