//! A real domain controller: its people read, and new ones made, against `ldapsearch` and `ldapadd`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::Outcome;
use crate::process::{self, Spent};
use crate::report;
use crate::world::World;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/samba/start-samba-ad");
/// How many people are made beside those that are read.
const MADE: usize = 1_000;
/// The attributes that acctsh reads of a user.
const READ: &str = "displayName givenName sn employeeID title department company \
    physicalDeliveryOfficeName telephoneNumber mobile facsimileTelephoneNumber streetAddress l st \
    postalCode co otherMailbox preferredLanguage objectGUID objectSid sAMAccountName \
    userAccountControl pwdLastSet accountExpires adminCount isCriticalSystemObject \
    lockoutTime servicePrincipalName manager proxyAddresses whenCreated whenChanged uSNCreated adminDescription";

/// Measures, where there is a Samba to measure on.
pub(crate) fn measure(acctsh: &Path, people: usize, rounds: usize) -> Outcome<()> {
    if !Path::new("/usr/sbin/samba").exists() {
        report::heading("a domain: left out, since Samba isn't installed");
        return Ok(());
    }
    let controller = Controller::start()?;
    controller.add(&format!("dn: {}\nobjectClass: organizationalUnit\n", controller.people()))?;
    controller.add(&controller.entries("kim", people))?;
    let world = World::new(acctsh)?;
    world.use_domain(&controller.settings()?)?;

    let (mut own, mut others) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        others.push(controller.search()?);
        own.push(world.acctsh(&["-c", "accounts().len()"])?);
    }
    let (own, others) = (process::median(&own), process::median(&others));
    report::heading(&format!("{people} users of a domain, median of {rounds} rounds"));
    report::detail("ldapsearch, pages of 1,000", &shown(others));
    report::detail("accounts().len()", &shown(own));
    let ratio = own.wall.as_secs_f64() / others.wall.as_secs_f64();
    report::goal("time, against ldapsearch", ratio, "×", 1.2);

    let (mut own, mut others) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        others.push(controller.add(&controller.entries(&format!("lou{round}"), MADE))?);
        let create = format!(
            "for n in 1..={MADE} {{ create_account(#{{ user_name: `max{round}.${{n}}`, first_name: \"Max\", \
             last_name: `Number${{n}}`, department: \"Plant\", job_title: \"Operator\", city: \"Bonn\", \
             country: \"Germany\", online: false }}) }}"
        );
        own.push(world.acctsh(&["-c", &create, "--yes"])?);
    }
    let (own, others) = (process::median(&own), process::median(&others));
    report::heading(&format!("{MADE} new users of a domain, median of {rounds} rounds"));
    report::detail("ldapadd, one after the other", &shown(others));
    report::detail("create_account, with journal and letters", &shown(own));
    let ratio = own.wall.as_secs_f64() / others.wall.as_secs_f64();
    report::detail("time, against ldapadd", &format!("{ratio:.2} ×"));
    world.end()?;
    Ok(())
}

fn shown(spent: Spent) -> String {
    format!("{} ({} of processor)", report::time(spent.wall), report::time(spent.cpu))
}

/// A controller that runs until this is dropped.
struct Controller {
    folder: TempDir,
    facts: HashMap<String, String>,
}

impl Controller {
    fn start() -> Outcome<Self> {
        // Its sockets take a short path.
        let folder = tempfile::Builder::new().prefix("acctsh-ad-").tempdir_in("/tmp")?;
        let started =
            Command::new(SCRIPT).arg(folder.path().join("dc")).env_remove("TMPDIR").output()?;
        if !started.status.success() {
            return Err(String::from_utf8_lossy(&started.stderr).into_owned().into());
        }
        let text = String::from_utf8(started.stdout)?;
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        let facts: HashMap<_, _> =
            pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let controller = Self { folder, facts };
        fs::write(controller.password_file(), controller.fact("bind_password")?)?;
        restrict(&controller.password_file())?;
        Ok(controller)
    }

    fn fact(&self, name: &str) -> Outcome<&str> {
        let fact = self.facts.get(name).ok_or_else(|| format!("the controller told no {name}"))?;
        Ok(fact)
    }

    fn password_file(&self) -> PathBuf {
        self.folder.path().join("bind.password")
    }

    fn people(&self) -> String {
        format!("OU=People,{}", self.facts.get("base_dn").map_or("", String::as_str))
    }

    /// The profile's table of it.
    fn settings(&self) -> Outcome<String> {
        Ok(format!(
            "[profiles.contoso.directory]\nkind = \"active_directory\"\nservers = [\"{}\"]\n\
             users_ou = \"{}\"\nbind = \"{}\"\npassword = {{ file = \"{}\" }}\nca_file = \"{}\"\n",
            self.fact("ldaps_url")?,
            self.people(),
            self.fact("bind_upn")?,
            self.password_file().display(),
            self.fact("ca_file")?,
        ))
    }

    /// New users with what a bulk create gives them, in LDIF.
    fn entries(&self, prefix: &str, count: usize) -> String {
        // "Hk7m-Rw4t-Pn9x" in quotes, as UTF-16, in Base64.
        const PASSWORD: &str = "IgBIAGsANwBtAC0AUgB3ADQAdAAtAFAAbgA5AHgAIgA=";
        let unit = self.people();
        let mut text = String::new();
        for number in 1..=count {
            // Writing to a text can't fail.
            let _ = write!(
                text,
                "dn: CN={prefix}.{number},{unit}\nobjectClass: user\nsAMAccountName: {prefix}.{number}\n\
                 userPrincipalName: {prefix}.{number}@contoso.test\nuserAccountControl: 512\n\
                 unicodePwd:: {PASSWORD}\npwdLastSet: 0\ndisplayName: Max Number{number}\ngivenName: Max\n\
                 sn: Number{number}\ndepartment: Plant\ntitle: Operator\nl: Bonn\nco: Germany\nc: DE\n\
                 countryCode: 276\n\n"
            );
        }
        text
    }

    fn command(&self, program: &str) -> Outcome<Command> {
        let mut command = Command::new(program);
        command
            .env("LDAPTLS_CACERT", self.fact("ca_file")?)
            .args(["-x", "-H", self.fact("ldaps_url")?, "-D", self.fact("bind_dn")?, "-y"])
            .arg(self.password_file())
            .stdin(Stdio::null());
        Ok(command)
    }

    fn add(&self, ldif: &str) -> Outcome<Spent> {
        let file = self.folder.path().join("new.ldif");
        fs::write(&file, ldif)?;
        let mut command = self.command("ldapadd")?;
        process::run(command.arg("-f").arg(file), &self.folder.path().join("log"))
    }

    fn search(&self) -> Outcome<Spent> {
        let mut command = self.command("ldapsearch")?;
        command
            .args(["-LLL", "-b", &self.people(), "-E", "pr=1000/noprompt"])
            // Names with the GUIDs of what they name, as acctsh asks for them.
            .args(["-E", "!1.2.840.113556.1.4.529=::MAMCAQE="])
            .arg("(&(objectCategory=person)(objectClass=user)(sAMAccountType=805306368))")
            .args(READ.split_whitespace());
        process::run(&mut command, &self.folder.path().join("log"))
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        // Nothing is left to tell if it can't be stopped.
        drop(Command::new(SCRIPT).arg("--stop").arg(self.folder.path().join("dc")).status());
    }
}

/// For its owner only, as acctsh wants a secret's file.
fn restrict(file: &Path) -> Outcome<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(file, fs::Permissions::from_mode(0o600))?)
}
