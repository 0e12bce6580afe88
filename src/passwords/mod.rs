//! Passwords that acctsh makes up: from the generator, over the sealed copy, to the letter.
//!
//! What belongs here: making a password, keeping it sealed while it is on its way, handing it over.
//! What doesn't: what a password must look like (`model`), where sealed copies are kept
//! (`plan/journal`), how a directory keeps a hash (`directory`).

mod fault;
mod generate;
mod handover;
mod letter;
mod letter_writer;
mod outbox;
mod sealing_key;

pub use fault::PasswordFault;
pub use generate::generate;
pub use handover::Handover;
pub use letter::{Letter, SetOn};
pub use letter_writer::LetterWriter;
pub use outbox::{Opened, Outbox, OutboxSize, PasswordChange, Waiting};
pub use sealing_key::{PublicHalf, SealingKey};
