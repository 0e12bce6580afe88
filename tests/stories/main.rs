//! The user stories, one file each, told through the real program; one crate, so that they link once.
//!
//! `cargo test --test stories bulk_create_from_csv` runs one of them.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![allow(clippy::print_stdout, reason = "a failed table tells its row")]

mod aftermath;
mod mail_seen;
mod person;
#[path = "../contract/proxy/mod.rs"]
mod proxy;
mod running;
#[path = "../samba/mod.rs"]
mod samba;
mod story;
mod typing;

mod address_moves;
mod adopting;
mod aliases;
mod bad_input;
mod batch_items_fail;
mod bulk_create_from_csv;
mod bulk_create_from_directory;
mod carried_changes;
mod command_line;
mod connect;
mod connection_cut;
mod delete_and_restore;
mod disable_and_enable;
mod doctor;
mod exchange_faults;
mod fault_matrix;
mod group_life;
mod guards;
mod half_refused;
mod handover;
mod import_users;
mod in_a_hurry;
mod killed_and_resumed;
mod killed_under_load;
mod last_hour;
mod leavers_mailbox;
mod letters;
mod license_names;
mod licenses;
mod link_unlink_relink;
mod mail_at_creation;
mod many_random_faults;
mod matching_accounts;
mod member_sync_killed;
mod memberships;
mod mixed_plan_killed;
mod naive_loop_is_one_plan;
mod offboarding;
mod on_a_domain;
mod other_clients;
mod outbox;
mod passwd;
mod password_home;
mod password_hook;
mod password_policy;
mod password_watch;
mod permissions;
mod plan_files;
mod rename;
mod reporting_line;
mod reset_password;
mod run_control;
mod samba_passwords;
mod seats_short;
mod secrets_stay_secret;
mod set_fields;
mod sync_group;
mod tenant_down_midway;
mod tenant_gone_for_a_while;
mod token_expires_midway;
mod two_runs_at_once;
mod unassign_and_assign;
mod view_comes_true;
mod what_if_writes_nothing;
