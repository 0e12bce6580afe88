//! The user stories, one file each, told through the real program; one crate, so that they link once.
//!
//! `cargo test --test stories bulk_create_from_csv` runs one of them.

mod story;

mod bulk_create_from_csv;
mod bulk_create_from_directory;
mod naive_loop_is_one_plan;
mod plan_files;
mod seats_short;
mod what_if_writes_nothing;
