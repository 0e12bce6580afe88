//! Passwords that acctsh makes up: from the generator, over the sealed copy, to the letter.
//!
//! What belongs here: making a password, keeping it sealed while it is on its way, handing it over.
//! What doesn't: what a password must look like (`model`), where sealed copies are kept
//! (`plan/journal`), how a directory keeps a hash (`directory`).
//!
//! To add a language of letters: its file in `letters/`, and one line in `letter_languages`.

mod fault;
mod filed_letters;
mod generate;
mod handover;
mod letter;
mod letter_languages;
mod letter_mark;
mod letter_template;
mod letter_writer;
mod outbox;
mod sealing_key;
mod template_fault;

pub use fault::PasswordFault;
pub use filed_letters::{FiledLetter, filed_letters};
pub use generate::generate;
pub use handover::Handover;
pub use letter::{Letter, SetOn};
pub use letter_languages::{LetterLanguages, write_shipped};
pub use letter_template::LetterTemplate;
pub use letter_writer::LetterWriter;
pub use outbox::{Opened, Outbox, OutboxSize, PasswordChange, Waiting};
pub use sealing_key::{PublicHalf, SealingKey};
pub use template_fault::{Slip, TemplateFault};
