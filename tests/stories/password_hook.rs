//! `acctsh password-changed`: what a directory calls. It can put a password into the outbox, and nothing else.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::aftermath::tenant_takes;
use crate::person::{office_of, user};
use crate::story::{Ran, Shell, Tenant};

const NEW: &str = "Kestrel-47-north";

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// An office whose outbox is a folder of its own.
fn with_spool() -> (Tenant, Shell, tempfile::TempDir) {
    let (tenant, shell) = office_of(&["bob"]);
    shell.sets_password("bob", "Sparrow-31-own").exits(0);
    shell.changes_in_the_domain("bob", "Sparrow-32-own");
    let spool = tempfile::TempDir::new().unwrap();
    let config = shell.home().join("config.toml");
    let text = fs::read_to_string(&config).unwrap();
    let folder = spool.path().join("outbox");
    let setting = format!("{text}\n[profiles.contoso.sync]\noutbox = \"{}\"\n", folder.display());
    fs::write(config, setting).unwrap();
    (tenant, shell, spool)
}

/// Runs the program as somebody who has no home, no profile and no secret, and may only put files into the
/// outbox.
fn as_the_directory(program: &Path, outbox: &Path, user: &str, password: &str) -> Ran {
    let mut command = if rustix::process::getuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    let mut process = command
        .args(["password-changed", user, "--outbox"])
        .arg(outbox)
        .current_dir("/")
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
    Ran::of(&process.wait_with_output().unwrap())
}

#[test]
fn it_needs_no_credentials_and_no_right_to_read_the_outbox() {
    let (mut tenant, shell, spool) = with_spool();
    let outbox = spool.path().join("outbox");
    let program = spool.path().join("acctsh");
    fs::copy(env!("CARGO_BIN_EXE_acctsh"), &program).unwrap();
    mode(spool.path(), 0o711);
    // Nobody has set it up yet.
    let ran = as_the_directory(&program, &outbox, "bob", NEW).exits(8);
    ran.says("is no outbox").says("run acctsh sync once").never_says(NEW);

    shell.acctsh(&["sync"]).exits(0);
    let is_root = rustix::process::getuid().is_root();
    mode(&outbox, if is_root { 0o1733 } else { 0o300 });
    // The tenant being down is nothing to it.
    tenant.kill();
    let ran = as_the_directory(&program, &outbox, "bob", NEW).exits(0).never_says(NEW);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
    mode(&outbox, if is_root { 0o1733 } else { 0o700 });
    tenant.restart(&[]);
    shell.acctsh(&["sync"]).exits(0).says("1 password delivered");
    let bob = user(&shell, "bob").link.unwrap().to_string();
    assert!(tenant_takes(&tenant, &bob, NEW));
}

#[test]
fn a_folder_in_which_others_could_put_their_own_key_is_refused() {
    let (_tenant, shell, spool) = with_spool();
    let outbox = spool.path().join("outbox");
    shell.acctsh(&["sync"]).exits(0);
    mode(&outbox, 0o777);
    shell.given(NEW, &["password-changed", "bob"]).exits(8).says("others can replace files");
    shell.acctsh(&["sync"]).exits(8).says("chmod 1730");
    mode(&outbox, 0o1777);
    shell.given(NEW, &["password-changed", "bob"]).exits(0);
}

#[test]
fn it_says_what_it_cannot_take_and_is_done_with_machines_at_once() {
    let (_tenant, shell) = office_of(&["bob"]);
    shell.acctsh(&["sync"]).exits(0);
    shell.given("", &["password-changed", "bob"]).exits(2).says("standard input");
    shell.given("\n", &["password-changed", "bob"]).exits(2);
    shell.given(NEW, &["password-changed", " "]).exits(2).says("whose password");
    shell
        .given(NEW, &["password-changed", "bob", "--changed", "yesterday"])
        .exits(2)
        .never_says(NEW);
    shell.given(NEW, &["password-changed"]).exits(2);
    assert_eq!(shell.waiting_passwords(), 0);
    shell.given("machine", &["password-changed", "DESKTOP-4711$"]).exits(0);
    assert_eq!(shell.waiting_passwords(), 0);
}

#[test]
fn many_at_once_all_get_in_each_within_moments() {
    let (_tenant, shell) = office_of(&["bob"]);
    shell.acctsh(&["sync"]).exits(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let shell = &shell;
            scope.spawn(move || {
                for number in 0..25 {
                    shell.changed_password(&format!("kim{thread}.{number}"), NEW);
                }
            });
        }
    });
    assert_eq!(shell.waiting_passwords(), 100);
    // A machine that is busy takes its time; a hook that waits for somebody would take far more.
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}
