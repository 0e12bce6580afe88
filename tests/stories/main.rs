//! The user stories, one file each, told through the real program; one crate, so that they link once.
//!
//! `cargo test --test stories bulk_create_from_csv` runs one of them.

mod story;

mod bulk_create_from_csv;
