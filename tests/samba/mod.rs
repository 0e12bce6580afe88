//! A real domain controller for tests: Samba, from nothing, on this machine's loopback.
//!
//! What belongs here: starting and stopping it, and an administrator who isn't acctsh. Each binary of tests
//! makes one domain; a test has a unit of its own in it, or a controller of its own from a copy.
//!
//! Without Samba a test says so and ends; with `ACCTSH_TEST_SAMBA=required` it fails instead.
#![allow(dead_code, unreachable_pub, reason = "each binary of tests uses what it needs")]

use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use acctsh::directory::active_directory::{
    ActiveDirectory, Dn, LinkAttribute, ServerUrl, Settings,
};
use acctsh::model::Secret;
use ldap3::controls::RawControl;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Mod, Scope, SearchEntry};
use rustls_pki_types::pem::PemObject as _;
use tempfile::TempDir;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samba/start-samba-ad");
const INSTALL: &str = "apt-get install -y --no-install-recommends samba samba-dsdb-modules \
                       samba-ad-provision openssl python3";

/// A controller that runs until this is dropped, or until the process that started it ends.
pub struct Controller {
    folder: TempDir,
    facts: HashMap<String, String>,
    /// Waits for the end of its input, which comes with the end of this process however that ends.
    reaper: Child,
}

impl Controller {
    /// The one that the tests of this binary share; `None` where there is no Samba.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Controller>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Self::start_in(folder(), &[]));
        if shared.is_none() {
            skip();
        }
        shared.as_ref()
    }

    /// One of its own, from a copy of an empty domain.
    pub fn fresh() -> Option<Self> {
        Self::fresh_with(&[])
    }

    /// One of its own, started with these variables.
    pub fn fresh_with(variables: &[(&str, &str)]) -> Option<Self> {
        let Some(template) = template() else {
            skip();
            return None;
        };
        let folder = folder();
        let mut copy = Command::new("cp");
        copy.arg("-a").arg(template).arg(folder.path().join("dc"));
        assert!(copy.status().unwrap().success(), "the empty domain can't be copied");
        Self::start_in(folder, variables)
    }

    /// One whose domain is made anew with these variables, which a copy could not have.
    pub fn provisioned_with(variables: &[(&str, &str)]) -> Option<Self> {
        if !is_there() {
            skip();
            return None;
        }
        Self::start_in(folder(), variables)
    }

    fn start_in(folder: TempDir, variables: &[(&str, &str)]) -> Option<Self> {
        if !is_there() {
            return None;
        }
        let at = folder.path().join("dc");
        let facts = start(&at, variables);
        let reaper = Command::new("/bin/sh")
            .args(["-c", r#"read _; "$0" --stop "$1/dc" 2>/dev/null; rm -rf "$1""#, SCRIPT])
            .arg(folder.path())
            // Whoever ends the tests as a group must not end it too.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Self { folder, facts, reaper })
    }

    fn fact(&self, name: &str) -> &str {
        &self.facts[name]
    }

    /// Where its domain is kept.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("dc")
    }

    /// Stops it; the domain stays.
    pub fn stop(&self) {
        assert!(run(&["--stop", self.path().to_str().unwrap()]).0);
    }

    /// Starts it again, to be found where it was.
    pub fn restart(&self) {
        let again = start(&self.path(), &[("SAMBA_AD_ADDR", self.fact("address"))]);
        assert_eq!(again["ldaps_url"], self.facts["ldaps_url"]);
    }

    /// Makes somebody's password look so many days old.
    pub fn age_password(&self, user: &str, days: u32) {
        let (ok, text) = run(&["--age", self.path().to_str().unwrap(), user, &days.to_string()]);
        assert!(ok, "{text}");
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.fact("ldaps_url").to_owned()
    }

    /// The certificate that signs its own.
    pub fn ca_file(&self) -> PathBuf {
        self.fact("ca_file").into()
    }

    /// The domain's name for programs.
    pub fn base(&self) -> String {
        self.fact("base_dn").to_owned()
    }

    /// Who signs in where nobody else is named.
    pub fn administrator(&self) -> (String, String) {
        (self.fact("bind_upn").to_owned(), self.fact("bind_password").to_owned())
    }

    /// Signs in with that name and password; the code and text of the answer.
    pub async fn signs_in(&self, name: &str, password: &str) -> (u32, String) {
        let mut ldap = self.connect().await;
        let answer = ldap.simple_bind(name, password).await.unwrap();
        (answer.rc, answer.text)
    }

    /// Whether that is somebody's password: also of whoever may not sign in for another reason, which only the
    /// right password brings to light (`active-directory.md §2`).
    pub async fn takes_password(&self, name: &str, password: &str) -> bool {
        let (code, text) = self.signs_in(&format!("CONTOSO\\{name}"), password).await;
        let other_reasons = ["data 773", "data 532", "data 533", "data 701"];
        code == 0 || other_reasons.iter().any(|reason| text.contains(reason))
    }

    /// Does something as the domain's administrator.
    pub fn as_administrator<T, F: Future<Output = T>>(&self, work: impl FnOnce(Ldap) -> F) -> T {
        block_on(async {
            let mut ldap = self.connect().await;
            let (name, password) = self.administrator();
            ldap.simple_bind(&name, &password).await.unwrap().success().unwrap();
            work(ldap).await
        })
    }

    /// Makes an entry; values are texts.
    #[track_caller]
    pub fn add(&self, dn: &str, class: &str, attributes: &[(&str, &str)]) {
        let classes: &[&str] = match class {
            "user" => &["top", "person", "organizationalPerson", "user"],
            other => &["top", other],
        };
        let mut all: Vec<(Vec<u8>, HashSet<Vec<u8>>)> =
            vec![(b"objectClass".to_vec(), classes.iter().map(|class| bytes(class)).collect())];
        for (name, value) in attributes {
            let value = if *name == "unicodePwd" { quoted(value) } else { bytes(value) };
            all.push((bytes(name), HashSet::from([value])));
        }
        self.as_administrator(async |mut ldap| {
            ldap.add(dn, all).await.unwrap().success().unwrap_or_else(|why| panic!("{dn}: {why}"))
        });
    }

    /// Makes a finer password policy that applies to somebody.
    #[track_caller]
    pub fn finer_password_policy(&self, name: &str, precedence: u32, least: u32, applies_to: &str) {
        let dn = format!("CN={name},CN=Password Settings Container,CN=System,{}", self.base());
        let (precedence, least) = (precedence.to_string(), least.to_string());
        let day = "-864000000000";
        self.add(
            &dn,
            "msDS-PasswordSettings",
            &[
                ("msDS-PasswordSettingsPrecedence", &precedence),
                ("msDS-MinimumPasswordLength", &least),
                ("msDS-PasswordComplexityEnabled", "TRUE"),
                ("msDS-PasswordReversibleEncryptionEnabled", "FALSE"),
                ("msDS-PasswordHistoryLength", "0"),
                ("msDS-MinimumPasswordAge", "0"),
                ("msDS-MaximumPasswordAge", day),
                ("msDS-LockoutThreshold", "0"),
                ("msDS-LockoutObservationWindow", day),
                ("msDS-LockoutDuration", day),
                ("msDS-PSOAppliesTo", applies_to),
            ],
        );
    }

    /// Gives an attribute of an entry this only value, or none.
    #[track_caller]
    pub fn set(&self, dn: &str, attribute: &str, value: Option<&str>) {
        let values: HashSet<Vec<u8>> = value.map(bytes).into_iter().collect();
        self.modify(dn, Mod::Replace(bytes(attribute), values));
    }

    /// Gives somebody another password, as the helpdesk does.
    #[track_caller]
    pub fn set_password(&self, dn: &str, password: &str) {
        self.modify(dn, Mod::Replace(bytes("unicodePwd"), HashSet::from([quoted(password)])));
    }

    /// The same, to be changed at the next sign-in.
    #[track_caller]
    pub fn set_password_to_be_changed(&self, dn: &str, password: &str) {
        let changes = vec![
            Mod::Replace(bytes("unicodePwd"), HashSet::from([quoted(password)])),
            Mod::Replace(bytes("pwdLastSet"), HashSet::from([bytes("0")])),
        ];
        self.as_administrator(async |mut ldap| {
            ldap.modify(dn, changes).await.unwrap().success().unwrap()
        });
    }

    /// Changes somebody's password as that person does: known by the present one.
    #[track_caller]
    pub fn change_own_password(&self, dn: &str, present: &str, new: &str) {
        let value = |password: &str| HashSet::from([quoted(password)]);
        let changes = vec![
            Mod::Delete(bytes("unicodePwd"), value(present)),
            Mod::Add(bytes("unicodePwd"), value(new)),
        ];
        block_on(async {
            let mut ldap = self.connect().await;
            ldap.simple_bind(dn, present).await.unwrap().success().unwrap();
            ldap.modify(dn, changes).await.unwrap().success().unwrap();
        });
    }

    /// Brings a deleted entry back, as another tool does.
    #[track_caller]
    pub fn undelete(&self, name: &str, dn: &str) {
        let deleted = format!("CN=Deleted Objects,{}", self.base());
        self.as_administrator(async |mut ldap| {
            let shown =
                || RawControl { ctype: "1.2.840.113556.1.4.417".to_owned(), crit: true, val: None };
            let filter = format!("(sAMAccountName={name})");
            let found = ldap.with_controls(shown());
            let found = found.search(&deleted, Scope::OneLevel, &filter, vec!["cn"]).await.unwrap();
            let tombstone = SearchEntry::construct(found.0.into_iter().next().unwrap()).dn;
            let changes = vec![
                Mod::Delete(bytes("isDeleted"), HashSet::new()),
                Mod::Replace(bytes("distinguishedName"), HashSet::from([bytes(dn)])),
            ];
            let answer = ldap.with_controls(shown()).modify(&tombstone, changes).await.unwrap();
            answer.success().unwrap()
        });
    }

    /// Adds a value to an attribute of an entry.
    #[track_caller]
    pub fn add_value(&self, dn: &str, attribute: &str, value: &str) {
        self.modify(dn, Mod::Add(bytes(attribute), HashSet::from([bytes(value)])));
    }

    #[track_caller]
    fn modify(&self, dn: &str, change: Mod<Vec<u8>>) {
        self.as_administrator(async |mut ldap| {
            let answer = ldap.modify(dn, vec![change]).await.unwrap();
            answer.success().unwrap_or_else(|why| panic!("{dn}: {why}"))
        });
    }

    /// Moves an entry into another unit.
    #[track_caller]
    pub fn move_to(&self, dn: &str, unit: &str) {
        let own = Dn::parse(dn).unwrap().own_part();
        self.as_administrator(async |mut ldap| {
            ldap.modifydn(dn, &own, true, Some(unit)).await.unwrap().success().unwrap()
        });
    }

    /// The attributes of the only entry that a filter finds.
    #[track_caller]
    pub fn entry(&self, filter: &str) -> SearchEntry {
        let mut found = self.entries(filter);
        assert_eq!(found.len(), 1, "{filter}");
        found.remove(0)
    }

    /// What a filter finds in the domain.
    pub fn entries(&self, filter: &str) -> Vec<SearchEntry> {
        let base = self.base();
        self.as_administrator(async |mut ldap| {
            let attributes = vec!["*", "memberOf"];
            let found = ldap.search(&base, Scope::Subtree, filter, attributes).await.unwrap().0;
            let found = found.into_iter().filter(|entry| !entry.is_ref());
            found.map(SearchEntry::construct).collect()
        })
    }

    async fn connect(&self) -> Ldap {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in rustls_pki_types::CertificateDer::pem_file_iter(self.ca_file()).unwrap()
        {
            roots.add(certificate.unwrap()).unwrap();
        }
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let settings = LdapConnSettings::new().set_config(std::sync::Arc::new(config));
        let (driver, ldap) = LdapConnAsync::with_settings(settings, &self.url()).await.unwrap();
        ldap3::drive!(driver);
        ldap
    }

    /// A unit that no other test has.
    pub fn unit(&self) -> Unit<'_> {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let dn = format!("OU=Unit {number},{}", self.base());
        self.add(&dn, "organizationalUnit", &[]);
        Unit { controller: self, dn, number, files: TempDir::new().unwrap() }
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        drop(self.reaper.stdin.take());
        let _ = self.reaper.wait();
    }
}

/// A unit of the domain with the users of one test.
pub struct Unit<'a> {
    /// The controller.
    pub controller: &'a Controller,
    /// Its name.
    pub dn: String,
    number: u32,
    files: TempDir,
}

impl Unit<'_> {
    /// A user name that no other test has: names are of the whole domain.
    pub fn name(&self, text: &str) -> String {
        format!("{text}.{}", self.number)
    }

    /// The name of an entry in it.
    pub fn entry(&self, own: &str) -> String {
        Dn::parse(&self.dn).unwrap().child("CN", own).to_string()
    }

    /// Settings on it.
    pub fn settings(&self) -> Settings {
        let (bind, password) = self.controller.administrator();
        Settings {
            servers: vec![ServerUrl::parse(&self.controller.url()).unwrap()],
            base: Dn::parse(&self.dn),
            users_ou: Dn::parse(&self.dn),
            bind,
            password: Secret::new(password),
            ca_file: Some(self.controller.ca_file()),
            link_attribute: LinkAttribute::default(),
            upn_suffix: None,
            kept: self.files.path().join("deleted.db"),
        }
    }

    /// The directory with these settings.
    pub fn directory(&self) -> ActiveDirectory {
        ActiveDirectory::new(self.settings())
    }

    /// Makes a user with a password, as somebody else would.
    pub fn user(&self, own: &str, name: &str, attributes: &[(&str, &str)]) -> String {
        let dn = self.entry(own);
        let usual = [
            ("sAMAccountName", name),
            ("userAccountControl", "512"),
            ("unicodePwd", "Tarnhafen-48-Moor"),
        ];
        let usual =
            usual.iter().filter(|(name, _)| attributes.iter().all(|(given, _)| given != name));
        let all: Vec<(&str, &str)> = usual.chain(attributes).copied().collect();
        self.controller.add(&dn, "user", &all);
        dn
    }
}

/// Whether Samba can be started here.
pub fn is_there() -> bool {
    static THERE: OnceLock<bool> = OnceLock::new();
    *THERE.get_or_init(|| {
        let found = |program: &str| {
            ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
                .iter()
                .any(|folder| Path::new(folder).join(program).exists())
        };
        found("samba") && found("samba-tool") && rustix::process::getuid().is_root()
    })
}

fn skip() {
    skip_for(&format!(
        "this test needs a Samba domain controller, and root for its ports. Install it with\n    {INSTALL}\nand run \
         the tests as root"
    ));
}

/// Says what isn't tested and how it would be, or fails where it must be tested.
pub fn skip_for(how: &str) {
    assert!(
        std::env::var("ACCTSH_TEST_SAMBA").as_deref() != Ok("required"),
        "ACCTSH_TEST_SAMBA=required, but {how}"
    );
    let name = std::thread::current().name().unwrap_or("a test").to_owned();
    // What a passing test prints is kept back; this isn't.
    drop(writeln!(std::io::stderr(), "SKIPPED {name}: {how}"));
}

/// Runs a question or a write.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn quoted(password: &str) -> Vec<u8> {
    format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A folder with a short name: sockets are made in it.
fn folder() -> TempDir {
    tempfile::Builder::new().prefix("acctsh-ad-").tempdir_in("/tmp").unwrap()
}

/// An empty domain, to be copied.
fn template() -> Option<&'static Path> {
    static TEMPLATE: OnceLock<Option<Template>> = OnceLock::new();
    TEMPLATE.get_or_init(|| is_there().then(Template::new)).as_ref().map(|it| it.at.as_path())
}

/// A domain that doesn't run, until the end of this process.
struct Template {
    at: PathBuf,
    reaper: Child,
}

impl Template {
    fn new() -> Self {
        let folder = folder().keep();
        let at = folder.join("dc");
        start(&at, &[]);
        assert!(run(&["--stop", at.to_str().unwrap()]).0);
        let reaper = Command::new("/bin/sh")
            .args(["-c", r#"read _; rm -rf "$0""#])
            .arg(&folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        Self { at, reaper }
    }
}

fn start(at: &Path, variables: &[(&str, &str)]) -> HashMap<String, String> {
    let output = Command::new(SCRIPT)
        .arg(at)
        .env_remove("TMPDIR")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "the controller doesn't start: {said}");
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn run(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(SCRIPT).args(arguments).env_remove("TMPDIR").output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}
