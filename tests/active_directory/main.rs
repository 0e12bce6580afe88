//! Active Directory against a real controller, and what any directory promises against both of them.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod canned;
mod changes;
mod contract;
mod domain;
mod people;
#[path = "../samba/mod.rs"]
mod samba;
mod signing_in;
mod twice;
