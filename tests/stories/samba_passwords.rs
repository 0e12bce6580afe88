//! Passwords that people change in a real domain, with the parts of `examples/samba`: Samba hands each to
//! the script, the script to the outbox, the watch to the tenant.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::TempDir;

use crate::aftermath::tenant_takes;
use crate::person::{expect_password, user};
use crate::running::wait_until;
use crate::samba::{Controller, skip_for};
use crate::story::{Shell, Tenant, bytes_under};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/samba/acctsh-password-changed");
const INSTALL: &str = "apt-get install -y --no-install-recommends gnupg python3-gpg krb5-user";

/// Who reads what the controller seals: a folder of its own for `GnuPG`, with a key.
struct GpgKey {
    folder: TempDir,
    id: String,
}

impl GpgKey {
    /// `None` where a program is missing: that was said aloud.
    fn new() -> Option<Self> {
        let has = |program: &str, argument: &str| {
            let mut command = Command::new(program);
            command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command.status().is_ok()
        };
        let mut python = Command::new("/usr/bin/python3");
        python.args(["-c", "import gpg"]).stderr(Stdio::null());
        let has_module = python.status().is_ok_and(|ended| ended.success());
        if !has("gpg", "--version") || !has("kpasswd", "-h") || !has_module {
            skip_for(&format!(
                "this test needs GnuPG, its Python module and kpasswd. Install them with\n    {INSTALL}"
            ));
            return None;
        }
        // Its agent's socket needs a short path.
        let folder = tempfile::Builder::new().prefix("acctsh-gpg-").tempdir_in("/tmp").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let mut key = Self { folder, id: String::new() };
        key.gpg(&[
            "--passphrase",
            "",
            "--quick-gen-key",
            "acctsh",
            "rsa2048",
            "encrypt,sign",
            "never",
        ]);
        let list = key.gpg(&["--list-keys", "--with-colons"]);
        let line = list.lines().find(|line| line.starts_with("pub:")).unwrap();
        line.split(':').nth(4).unwrap().clone_into(&mut key.id);
        Some(key)
    }

    fn gpg(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("gpg");
        command.args(["--batch", "--quiet"]).args(arguments).env("GNUPGHOME", self.folder.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn path(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }
}

impl Drop for GpgKey {
    fn drop(&mut self) {
        let mut agent = Command::new("gpgconf");
        let _ = agent.args(["--homedir", self.path(), "--kill", "all"]).status();
    }
}

/// A program that goes on until it is told to stop; all it says goes to a file.
struct Background {
    process: Child,
    log: PathBuf,
}

impl Background {
    fn start(mut command: Command, log: PathBuf) -> Self {
        let file = File::create(&log).unwrap();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        Self { process: command.spawn().unwrap(), log }
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Stops it as Ctrl-C does. Gives what it said.
    fn stops(mut self) -> String {
        kill_process(Pid::from_child(&self.process), Signal::INT).unwrap();
        self.process.wait().unwrap();
        self.said()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            println!("{}:\n{}", self.log.display(), self.said());
        }
    }
}

/// samba-tool on the controller, as root runs it there.
fn syncpasswords(
    shell: &Shell,
    controller: &Controller,
    key: &GpgKey,
    options: &[&str],
) -> Command {
    let mut command = Command::new("samba-tool");
    command
        .args(["user", "syncpasswords", "-s"])
        .arg(controller.path().join("etc/smb.conf"))
        .args(options)
        .env("GNUPGHOME", key.path())
        .env("ACCTSH", env!("CARGO_BIN_EXE_acctsh"))
        .env("ACCTSH_OUTBOX", outbox(shell))
        .env("PYTHONUNBUFFERED", "1");
    command
}

fn outbox(shell: &Shell) -> PathBuf {
    shell.home().join("profiles/contoso/outbox")
}

fn waiting(shell: &Shell) -> usize {
    let files = fs::read_dir(outbox(shell)).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|end| end == "age")).count()
}

/// Changes somebody's password as a workstation does, by Kerberos.
fn kpasswd(controller: &Controller, folder: &Path, name: &str, present: &str, new: &str) {
    let address = controller.url().replace("ldaps://", "").replace(":636", "");
    let config = folder.join("krb5.conf");
    let text = format!(
        "[libdefaults]\n default_realm = CONTOSO.TEST\n dns_lookup_kdc = false\n dns_lookup_realm = false\n\
         [realms]\n CONTOSO.TEST = {{\n kdc = {address}\n admin_server = {address}\n kpasswd_server = {address}\n }}\n"
    );
    fs::write(&config, text).unwrap();
    let mut process = Command::new("kpasswd")
        .arg(format!("{name}@CONTOSO.TEST"))
        .env("KRB5_CONFIG", config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    write!(input, "{present}\n{new}\n{new}\n").unwrap();
    drop(input);
    let output = process.wait_with_output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", said(&output.stdout), said(&output.stderr));
}

/// Waits until the online account takes the password, and prints how long that was.
#[track_caller]
fn arrives(how: &str, tenant: &Tenant, shell: &Shell, name: &str, password: &str) {
    let begun = Instant::now();
    let id = user(shell, name).link.unwrap().to_string();
    wait_until(&format!("{name}'s password arrives: {how}"), || {
        std::thread::sleep(Duration::from_millis(10));
        tenant_takes(tenant, &id, password)
    });
    println!("{how}: at the tenant {} ms after the change", begun.elapsed().as_millis());
    expect_password(tenant, shell, name, password);
    let is_settled = || shell.value(&format!("account(\"{name}\").password_state")) == "in step";
    wait_until(&format!("{name} is in step"), is_settled);
}

#[track_caller]
fn has_none(bytes: &[u8], passwords: &[&str], place: &str) {
    for password in passwords {
        let utf16: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for form in [password.as_bytes(), &utf16, BASE64.encode(password).as_bytes()] {
            let found = bytes.windows(form.len()).any(|window| window == form);
            assert!(!found, "a password is in {place}");
        }
    }
}

const FIRST: &str = "Tarnhafen-48-Moor";
/// In LDIF it takes more than one line.
const LONG: &str = "Kessel-7&Hafen<Laterne>=\"Quay\"-\\-and:so#on,for;longer{than}a'line|of~LDIF*has(room)for?a.password";
const ACCENTED: &str = "Übergröße-7-Kessel";
const OWN: &str = "Kettle-Harbor-47";
const BY_KERBEROS: &str = "Lantern-Quay-52";
const BY_HELPDESK: &str = "Anchor-Bridge-63";
const TEMPORARY: &str = "Only-Until-Monday-9";

#[test]
fn what_people_change_in_the_domain_opens_their_online_accounts() {
    let Some(key) = GpgKey::new() else { return };
    let (tenant, shell) = (Tenant::start(&[]), Shell::new());
    let variables = [("SAMBA_AD_GPGKEY", &*key.id), ("SAMBA_AD_GNUPGHOME", key.path())];
    let Some(controller) = shell.uses_a_domain_started_with(&tenant, &variables) else { return };
    controller.set(&controller.base(), "minPwdAge", Some("0"));
    let dn = |name: &str| format!("CN={name},OU=People,{}", controller.base());
    for (name, password) in [("eva", FIRST), ("ada", "Tarnhafen-49-Moor")] {
        let given =
            [("sAMAccountName", name), ("userAccountControl", "512"), ("unicodePwd", password)];
        controller.add(&dn(name), "user", &given);
    }
    shell.does(r#"account("eva").assign(#{})"#);

    let logs = TempDir::new().unwrap();
    let watched = shell.command(&["sync", "--watch", "-vv"]);
    let watch = Background::start(watched, logs.path().join("watch.log"));
    wait_until("the outbox is there", || outbox(&shell).join("recipient.txt").exists());
    let script = format!("--script={SCRIPT}");
    let begin = [
        "--cache-ldb-initialize",
        "--decrypt-samba-gpg",
        &script,
        "--attributes=sAMAccountName,objectGUID,pwdLastSet,virtualClearTextUTF8",
    ];
    let begun = syncpasswords(&shell, controller, &key, &begin).output().unwrap();
    assert!(begun.status.success(), "{}", String::from_utf8_lossy(&begun.stderr));
    let followed = syncpasswords(&shell, controller, &key, &[]);
    let follower = Background::start(followed, logs.path().join("syncpasswords.log"));

    // The first pass hands over everybody's password that the controller has sealed.
    arrives("in the first pass", &tenant, &shell, "eva", FIRST);
    controller.change_own_password(&dn("eva"), FIRST, LONG);
    arrives("changed by LDAP", &tenant, &shell, "eva", LONG);
    // The domain takes more than the tenant does.
    controller.change_own_password(&dn("eva"), LONG, ACCENTED);
    wait_until("it is refused", || shell.value(r#"account("eva").password_state"#) == "refused");
    let id = user(&shell, "eva").link.unwrap().to_string();
    assert!(tenant_takes(&tenant, &id, LONG));
    controller.change_own_password(&dn("eva"), ACCENTED, OWN);
    arrives("changed by LDAP again", &tenant, &shell, "eva", OWN);

    // A change has been seen to arrive: from now on passwords may have their home in the domain.
    let home = "password_home = \"directory\"\n            patience_seconds";
    let profile = tenant.profile().replacen("patience_seconds", home, 1);
    shell.write_config(&Shell::with_domain(&profile, controller));
    shell.does(r#"create_account(#{ user_name: "tim", display_name: "Tim Ek" })"#);
    assert_eq!(shell.value(r#"account("tim").password_state"#), "waits");
    let letter = shell.passwords()["tim"].clone();
    kpasswd(controller, logs.path(), "tim", &letter, BY_KERBEROS);
    arrives("changed by Kerberos at the first sign-in", &tenant, &shell, "tim", BY_KERBEROS);

    controller.set_password(&dn("tim"), BY_HELPDESK);
    arrives("set by the helpdesk", &tenant, &shell, "tim", BY_HELPDESK);
    // One that has to be changed first stays in the domain.
    let before = follower.said().matches("has to be changed first").count();
    controller.set_password_to_be_changed(&dn("eva"), TEMPORARY);
    wait_until("the script sees it", || {
        follower.said().matches("has to be changed first").count() > before
    });
    assert!(tenant_takes(&tenant, &id, OWN), "and hers is the one she chose");
    // ada has no online account yet: hers is what waits.
    assert_eq!(waiting(&shell), 1);

    let said = [follower.stops(), watch.stops()];
    assert!(said[0].contains("DONE-EXIT: ok") && said[1].contains("POST"), "the logs are there");
    let passwords = [FIRST, LONG, ACCENTED, OWN, BY_KERBEROS, BY_HELPDESK, TEMPORARY];
    for text in said {
        has_none(text.as_bytes(), &passwords, "a log");
    }
    let log = controller.path().join("log");
    for folder in [&shell.home(), &shell.folder(), &log] {
        for (path, bytes) in bytes_under(folder) {
            has_none(&bytes, &passwords, &path.display().to_string());
        }
    }
    shell.acctsh(&["doctor"]).prints("acctsh sync --watch was stopped");
    assert_eq!(shell.value(r#"account("eva").password_state"#), json!("waits"));
}

#[test]
fn what_cannot_be_handed_over_ends_samba_tool_and_comes_again() {
    let Some(key) = GpgKey::new() else { return };
    let (tenant, shell) = (Tenant::start(&[]), Shell::new());
    let variables = [("SAMBA_AD_GPGKEY", &*key.id), ("SAMBA_AD_GNUPGHOME", key.path())];
    let Some(controller) = shell.uses_a_domain_started_with(&tenant, &variables) else { return };
    let dn = format!("CN=eva,OU=People,{}", controller.base());
    let given = [("sAMAccountName", "eva"), ("userAccountControl", "512"), ("unicodePwd", FIRST)];
    controller.add(&dn, "user", &given);
    let script = format!("--script={SCRIPT}");
    let attributes = "--attributes=sAMAccountName,objectGUID,pwdLastSet,virtualClearTextUTF8";
    let begin = ["--cache-ldb-initialize", "--decrypt-samba-gpg", &script, attributes];
    assert!(syncpasswords(&shell, controller, &key, &begin).status().unwrap().success());

    let once = || {
        let output = syncpasswords(&shell, controller, &key, &["--no-wait"]).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        has_none(&said, &[FIRST], "what samba-tool says");
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    // The outbox was never set up.
    let (is_done, said) = once();
    assert!(!is_done && said.contains("FAILED: acctsh ended with 8: "), "{said}");
    assert!(said.contains("is no outbox: it has no recipient.txt"), "{said}");
    shell.acctsh(&["sync"]).exits(0);
    let (is_done, said) = once();
    assert!(is_done && said.contains("DONE-EXIT: ok"), "{said}");
    assert_eq!(waiting(&shell), 1);
    assert_eq!(once().1.matches("DONE-EXIT").count(), 0, "nothing comes twice");
}

/// Calls the script as samba-tool does, with an acctsh that notes what it is given. Gives what the script says,
/// and the notes: arguments, then standard input.
fn handed_over(ldif: &str) -> (String, Option<String>) {
    let folder = TempDir::new().unwrap();
    let (acctsh, notes) = (folder.path().join("acctsh"), folder.path().join("notes"));
    let text = "#!/bin/sh\n{ echo \"$@\"; cat; } >\"${0%/*}/notes\"\n";
    fs::write(&acctsh, text).unwrap();
    fs::set_permissions(&acctsh, fs::Permissions::from_mode(0o700)).unwrap();
    let mut process = Command::new(SCRIPT)
        .envs([("ACCTSH", &*acctsh), ("ACCTSH_OUTBOX", Path::new("/outbox"))])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(ldif.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8(said).unwrap(), fs::read_to_string(notes).ok())
}

#[test]
fn the_script_reads_ldif_in_whatever_form_it_comes_and_leaves_alone_what_is_nobodys_password() {
    const GUID: &str = "781aedb5-d2f3-4ff8-a850-ef8625e36680";
    if !Path::new("/usr/bin/python3").exists() {
        return skip_for("this test needs /usr/bin/python3: apt-get install -y python3");
    }
    let base64 = BASE64.encode(LONG);
    let (one, two) = base64.split_at(60);
    let binary = BASE64.encode(GUID.parse::<uuid::Uuid>().unwrap().to_bytes_le());
    let expected =
        format!("password-changed {GUID} --changed 134406050070060740 --outbox /outbox\n{LONG}\n");
    for user in [
        format!(
            "pwdLastSet: 134406050070060740\nobjectGUID: {GUID}\nsAMAccountName: eva\nvirtualClearTextUTF8:: {base64}\n\n"
        ),
        format!(
            "virtualClearTextUTF8:: {one}\n {two}\nobjectGUID:: {binary}\npwdLastSet: 134406050070060740\n"
        ),
        format!(
            "# a note\nVIRTUALCLEARTEXTUTF8: {LONG}\nobjectguid: {GUID}\npwdlastset: 134406050070060740\nisDeleted: FALSE\n"
        ),
    ] {
        let ldif = format!("dn: CN=eva,OU=People,DC=contoso,DC=test\n{user}");
        let (said, notes) = handed_over(&ldif);
        assert_eq!(
            (said.as_str(), notes.as_deref()),
            ("DONE-EXIT: ok\n", Some(&*expected)),
            "{ldif}"
        );
    }

    let user = format!("objectGUID: {GUID}\nvirtualClearTextUTF8:: {base64}\n");
    for (ldif, answer) in [
        (format!("objectGUID: {GUID}\npwdLastSet: 1\n"), "no password that can be read"),
        (format!("{user}pwdLastSet: 0\n"), "has to be changed first"),
        (format!("{user}pwdLastSet: 1\nisDeleted: TRUE\n"), "is deleted"),
        (format!("{user}pwdLastSet: 1\nsAMAccountName: PC-7$\n"), "is a computer"),
    ] {
        let (said, notes) = handed_over(&ldif);
        assert_eq!((said, notes), (format!("DONE-EXIT: nothing to do: {answer}\n"), None));
    }
    for (ldif, answer) in [
        (user.clone(), "FAILED: --attributes= lacks pwdlastset\n"),
        (format!("{user}pwdLastSet: soon\n"), "FAILED: ValueError\n"),
        ("virtualClearTextUTF8:: Hk7m-Rw4t".to_owned(), "FAILED: Error\n"),
    ] {
        assert_eq!(handed_over(&ldif), (answer.to_owned(), None));
    }
}
