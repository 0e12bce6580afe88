//! What runs left behind, read where it is kept: directory, tenant, journal and letters.
#![allow(dead_code, unreachable_pub, reason = "each story uses what it needs")]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use acctsh::directory::active_directory::{
    ActiveDirectory, Dn, LinkAttribute, ServerUrl, Settings,
};
use acctsh::directory::embedded::EmbeddedDirectory;
use acctsh::directory::{Directory as _, DirectoryFault, UserQuery};
use acctsh::model::{Anchor, Secret, User, UserGuid};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::story::{Shell, Tenant};
use crate::samba::Controller;

/// A person's letter.
pub struct Letter {
    /// The file.
    pub path: PathBuf,
    /// To whom.
    pub user_name: String,
    /// Where to sign in, or `none`.
    pub online_id: String,
    /// With which password.
    pub password: String,
}

/// All letters in all folders of the working folder.
pub fn letters(shell: &Shell) -> Vec<Letter> {
    let folders = fs::read_dir(shell.folder()).unwrap().map(|entry| entry.unwrap().path());
    let files = folders
        .filter(|path| path.is_dir())
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .map(letter)
        .collect()
}

fn letter(path: PathBuf) -> Letter {
    let text = fs::read_to_string(&path).unwrap();
    let after = |label: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(label));
        line.unwrap_or_else(|| panic!("{} has no {label}", path.display())).trim().to_owned()
    };
    Letter {
        user_name: after("User name:"),
        online_id: after("Online ID:"),
        password: after("Temporary password:"),
        path,
    }
}

/// The people in the lines of [`super::story::people`] with these numbers.
pub fn names(numbers: RangeInclusive<usize>) -> Vec<String> {
    numbers.map(|number| format!("person.{number:04}")).collect()
}

/// The directory of the profile `contoso`, whichever it is.
pub enum TheDirectory<'a> {
    /// The one in a file.
    Embedded(EmbeddedDirectory),
    /// A domain.
    Domain(Box<ActiveDirectory>, &'a Controller),
}

/// The directory of the profile `contoso`.
pub fn directory(shell: &Shell) -> TheDirectory<'_> {
    let Some(controller) = shell.controller() else {
        let file = shell.home().join("profiles/contoso/directory.db");
        return TheDirectory::Embedded(EmbeddedDirectory::open(&file).unwrap());
    };
    let (bind, password) = controller.administrator();
    let people = Dn::parse(&format!("OU=People,{}", controller.base()));
    let settings = Settings {
        servers: vec![ServerUrl::parse(&controller.url()).unwrap()],
        base: None,
        users_ou: people,
        bind,
        password: Secret::new(password),
        ca_file: Some(controller.ca_file()),
        link_attribute: LinkAttribute::default(),
        upn_suffix: None,
        kept: shell.home().join("profiles/contoso/deleted-users.db"),
    };
    TheDirectory::Domain(Box::new(ActiveDirectory::new(settings)), controller)
}

impl TheDirectory<'_> {
    /// Reads users.
    pub async fn users(&self, query: UserQuery) -> Result<Vec<User>, DirectoryFault> {
        match self {
            Self::Embedded(directory) => directory.users(query).await,
            Self::Domain(directory, _) => directory.users(query).await,
        }
    }

    /// Whether that is the user's password.
    pub async fn verify_password(
        &self,
        user: UserGuid,
        password: &Secret,
    ) -> Result<bool, DirectoryFault> {
        match self {
            Self::Embedded(directory) => directory.verify_password(user, password).await,
            Self::Domain(directory, controller) => {
                let user = directory.users(UserQuery::Guids(vec![user])).await?.remove(0);
                Ok(controller.takes_password(user.name.as_str(), password.expose()).await)
            }
        }
    }
}

/// Runs a question to the directory.
pub fn ask<T>(question: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(question)
}

/// The users of the directory, without the built-in ones.
pub fn users(shell: &Shell) -> Vec<User> {
    let users = ask(directory(shell).users(UserQuery::All)).unwrap();
    users.into_iter().filter(|user| !user.is_built_in).collect()
}

/// The online accounts, without the tenant's administrator.
pub fn online_accounts(tenant: &Tenant) -> Vec<Value> {
    let select =
        "id,userPrincipalName,displayName,onPremisesImmutableId,assignedLicenses,accountEnabled";
    let mut accounts = Vec::new();
    let mut page = Some(format!("users?$select={select}&$top=999"));
    while let Some(path) = page {
        let mut answer = tenant.graph(&path);
        accounts.append(answer["value"].as_array_mut().unwrap());
        let next = answer["@odata.nextLink"].as_str();
        page = next.and_then(|next| next.split("/v1.0/").nth(1)).map(str::to_owned);
    }
    accounts.retain(|account| !account["onPremisesImmutableId"].is_null());
    accounts
}

/// The lines of a results file, each by its columns.
pub fn results(shell: &Shell, file: &str) -> Vec<BTreeMap<String, String>> {
    let text = shell.read(file);
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// Each of the people has one line of the results, which is done, or says why not, or that the run
/// stopped before it came to that person. Returns those who aren't done.
#[track_caller]
pub fn expect_each_is_named(shell: &Shell, file: &str, people: &[String]) -> Vec<String> {
    let results = results(shell, file);
    let mut users: Vec<&String> = results.iter().map(|line| &line["user"]).collect();
    users.sort();
    assert_eq!(users, people.iter().collect::<Vec<_>>(), "one line each");
    let mut not_done = Vec::new();
    for line in results {
        match line["outcome"].as_str() {
            "done" => assert_eq!(line["message"], "", "{line:?}"),
            "parked" | "failed" => {
                assert!(!line["message"].is_empty() && !line["code"].is_empty(), "{line:?}");
                not_done.push(line["user"].clone());
            }
            "open" => not_done.push(line["user"].clone()),
            other => panic!("{other}: {line:?}"),
        }
    }
    not_done
}

/// Whether that is the password of the online account with this object id.
pub fn tenant_takes(tenant: &Tenant, id: &str, password: &str) -> bool {
    let state = reading(tenant.state_file()).unwrap();
    let kept: Vec<u8> =
        state.query_row("SELECT password FROM users WHERE id = ?", [id], |row| row.get(0)).unwrap();
    let (salt, digest) = kept.split_at(16);
    *Sha256::new().chain_update(salt).chain_update(password).finalize() == *digest
}

/// How many things the journal says of steps so far: where a run stands.
pub fn events(shell: &Shell) -> u32 {
    count(shell, "SELECT count(*) FROM event")
}

/// How many steps were ended as done so far.
pub fn steps_done(shell: &Shell) -> u32 {
    count(shell, "SELECT count(*) FROM event WHERE json_extract(data, '$.event') = 'done'")
}

/// How many people got their licences, which come last.
pub fn licensed(shell: &Shell) -> u32 {
    count(
        shell,
        "SELECT count(*) FROM event JOIN step ON step.run = event.run AND step.id = event.step
         WHERE json_extract(event.data, '$.event') = 'done'
         AND json_extract(step.data, '$.op.do') = 'assign_licenses'",
    )
}

/// How many steps were sent without it being known what became of them.
pub fn steps_in_doubt(shell: &Shell) -> u32 {
    let last = "SELECT step, data, max(seq) FROM event GROUP BY run, step";
    count(
        shell,
        &format!("SELECT count(*) FROM ({last}) WHERE json_extract(data, '$.event') = 'started'"),
    )
}

/// How many sealed passwords are kept.
pub fn sealed_copies(shell: &Shell) -> u32 {
    count(shell, "SELECT count(*) FROM sealed")
}

fn count(shell: &Shell, query: &str) -> u32 {
    // Before the first run there is no journal.
    let counted = reading(shell.home().join("state.db"))
        .and_then(|journal| journal.query_row(query, [], |row| row.get(0)));
    counted.unwrap_or_default()
}

fn reading(path: PathBuf) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// The runs, the newest first, with their states.
pub fn runs(shell: &Shell) -> Vec<(String, String)> {
    let ran = shell.acctsh(&["plan", "list", "--output", "json"]).exits(0);
    let runs: Vec<Value> = serde_json::from_str(&ran.out).unwrap();
    let text = |run: &Value, column: &str| run[column].as_str().unwrap().to_owned();
    runs.iter().map(|run| (text(run, "run"), text(run, "state"))).collect()
}

/// Everybody in the list, and nobody else, has one user and one online account, which point to each
/// other, one seat, and one letter with the password of both.
#[track_caller]
pub fn expect_complete(shell: &Shell, tenant: &Tenant, people: &[String]) {
    let users = users(shell);
    let mut user_names: Vec<String> = users.iter().map(|user| user.name.to_string()).collect();
    user_names.sort();
    assert_eq!(user_names, people, "one user each");

    let accounts = online_accounts(tenant);
    let by_anchor: HashMap<&str, &Value> = accounts
        .iter()
        .map(|account| (account["onPremisesImmutableId"].as_str().unwrap(), account))
        .collect();
    assert_eq!(accounts.len(), people.len(), "one online account each");

    let letters = letters(shell);
    let mut receivers: Vec<&str> = letters.iter().map(|letter| letter.user_name.as_str()).collect();
    receivers.sort_unstable();
    assert_eq!(receivers, people, "one letter each");
    let letters: HashMap<&str, &Letter> =
        letters.iter().map(|letter| (letter.user_name.as_str(), letter)).collect();

    let directory = directory(shell);
    for user in &users {
        let name = user.name.as_str();
        let account = by_anchor.get(Anchor::of(user.guid).as_str());
        let account = account.unwrap_or_else(|| panic!("nothing online points to {name}"));
        let id = account["id"].as_str().unwrap();
        assert_eq!(account["userPrincipalName"], format!("{name}@contoso.com"));
        assert_eq!(account["accountEnabled"], true, "{name}");
        assert_eq!(user.link.map(|link| link.to_string()).as_deref(), Some(id), "{name}'s link");
        assert_eq!(account["assignedLicenses"].as_array().unwrap().len(), 1, "{name}'s licences");
        let letter = letters[name];
        assert_eq!(letter.online_id, format!("{name}@contoso.com"));
        let password = Secret::new(letter.password.clone());
        let opens = directory.verify_password(user.guid, &password);
        assert!(ask(opens).unwrap(), "the letter's password opens the user {name}");
        assert!(tenant_takes(tenant, id, &letter.password), "and {name}'s online account");
    }

    let consumed = &tenant.summary()["skus"]["O365_BUSINESS_ESSENTIALS"]["consumed"];
    assert_eq!(*consumed, people.len(), "one seat each");
    assert_eq!(sealed_copies(shell), 0, "no sealed password is left");
}

/// The same job once more finds everybody complete, and begins no run.
#[track_caller]
pub fn expect_nothing_left(shell: &Shell, job: &[&str], people: usize) {
    let before = runs(shell);
    shell.acctsh(job).exits(0).says(&format!("{people} people complete already"));
    assert_eq!(runs(shell), before);
}
