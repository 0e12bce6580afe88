//! acctsh: people and their accounts, local and online, as one.
//!
//! The layers and their order are in ARCHITECTURE.md; a test holds the arrows.

pub mod accounts;
pub mod cli;
pub mod directory;
pub mod model;
pub mod online;
pub mod passwords;
pub mod plan;
pub mod profile;
pub mod script;
pub mod shell;
pub mod state;
pub mod sync;
pub mod table;
