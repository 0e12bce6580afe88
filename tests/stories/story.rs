//! What the stories are told with: a person at a shell with the real program, a folder and a home of
//! their own, and a tenant in a process of its own.
//!
//! A builder and nothing else: what is expected stands in the stories.
#![allow(dead_code, unreachable_pub, reason = "each story uses what it needs")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::proxy::Proxy;
use crate::samba::Controller;

/// A person at a shell: a working folder and an `ACCTSH_HOME` that nobody else has.
pub struct Shell {
    root: TempDir,
    /// The domain of its profiles, where the stories are told of one.
    controller: OnceLock<Option<Controller>>,
}

/// Whether the stories are told of a domain rather than of the embedded directory:
/// `ACCTSH_TEST_DIRECTORY=samba cargo test --test stories`.
pub fn is_on_samba() -> bool {
    match std::env::var("ACCTSH_TEST_DIRECTORY").as_deref() {
        Err(_) | Ok("embedded") => false,
        Ok("samba") => true,
        Ok(other) => panic!("ACCTSH_TEST_DIRECTORY is embedded or samba, not {other}"),
    }
}

/// How often something is done that each time has a world of its own: told of a domain, where each world has a
/// controller, a third suffices; the embedded directory goes through all of them.
pub fn rounds(all: u32) -> u32 {
    if is_on_samba() { all.div_ceil(3) } else { all }
}

/// What a command did.
pub struct Ran {
    /// The exit code; a signal is -1.
    pub exit: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Whether a story that looks into the embedded directory's file has to be passed over.
pub fn is_not_of_a_domain(story: &str) -> bool {
    if is_on_samba() {
        println!("SKIPPED {story}: it is of the embedded directory only");
    }
    is_on_samba()
}

impl Shell {
    /// A new person, who has the sandbox profile, since there is no configuration.
    pub fn new() -> Self {
        let root = TempDir::new().unwrap();
        fs::create_dir(root.path().join("work")).unwrap();
        Self { root, controller: OnceLock::new() }
    }

    /// The controller of its domain, if its directory is one.
    pub fn controller(&self) -> Option<&Controller> {
        self.controller.get().and_then(Option::as_ref)
    }

    /// A profile `contoso` on the tenant and on a domain of its own, in every run of the stories. `None` where
    /// there is no Samba: that was said aloud.
    pub fn uses_a_domain(&self, tenant: &Tenant) -> Option<&Controller> {
        self.uses_a_domain_started_with(tenant, &[])
    }

    /// The same, with variables for the start of its controller.
    pub fn uses_a_domain_started_with(
        &self,
        tenant: &Tenant,
        variables: &[(&str, &str)],
    ) -> Option<&Controller> {
        let controller = self.domain(variables)?;
        self.write_config(&Self::with_domain(&tenant.profile(), controller));
        Some(controller)
    }

    /// Its domain, with a unit for its people.
    fn domain(&self, variables: &[(&str, &str)]) -> Option<&Controller> {
        let started = || {
            let controller = Controller::fresh_with(variables)?;
            let people = format!("OU=People,{}", controller.base());
            controller.add(&people, "organizationalUnit", &[]);
            Some(controller)
        };
        self.controller.get_or_init(started).as_ref()
    }

    /// A profile's text with the domain as its directory.
    pub fn with_domain(text: &str, controller: &Controller) -> String {
        format!(
            r#"{text}
            [profiles.contoso.directory]
            kind = "active_directory"
            servers = ["{}"]
            users_ou = "OU=People,{}"
            bind = "{}"
            password = {{ env = "BIND_PASSWORD" }}
            ca_file = "{}"
            "#,
            controller.url(),
            controller.base(),
            controller.administrator().0,
            controller.ca_file().display(),
        )
    }

    /// Writes `config.toml` as it is given.
    pub fn write_config(&self, text: &str) {
        fs::create_dir_all(self.home()).unwrap();
        fs::write(self.home().join("config.toml"), text).unwrap();
    }

    /// The working folder.
    pub fn folder(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// `ACCTSH_HOME`.
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// Puts a file into the working folder.
    pub fn file(&self, name: &str, text: &str) -> &Self {
        fs::write(self.folder().join(name), text).unwrap();
        self
    }

    /// Reads a file of the working folder.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder().join(name)).unwrap()
    }

    /// Writes `config.toml`; where the stories are told of a domain, its profile `contoso` has one.
    pub fn config(&self, text: &str) -> &Self {
        let has_directory = text.contains(".directory]") || text.contains("directory =");
        if is_on_samba() && text.contains("[profiles.contoso") && !has_directory {
            let controller = self.domain(&[]).expect("the stories are to be told of Samba");
            self.write_config(&Self::with_domain(text, controller));
        } else {
            self.write_config(text);
        }
        self
    }

    /// A profile `contoso` on a tenant that runs as a process of its own.
    pub fn uses(&self, tenant: &Tenant) -> &Self {
        self.config(&tenant.profile())
    }

    /// The program with these arguments, ready to be started without a terminal.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_acctsh"));
        self.prepare(&mut command, arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The program with these arguments, ready to be started at a terminal that it makes wide enough
    /// for a line of progress: a new one has no width at all.
    pub fn command_at_a_terminal(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("/bin/sh");
        let widened = r#"stty cols 120 rows 40; exec "$0" "$@""#;
        command.args(["-c", widened, env!("CARGO_BIN_EXE_acctsh")]);
        self.prepare(&mut command, arguments);
        command.env("TERM", "xterm");
        command
    }

    fn prepare(&self, command: &mut Command, arguments: &[&str]) {
        command
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .env("ACCTSH_HOME", self.home())
            .env("PATH", "/usr/bin:/bin")
            .env("USER", "morgan")
            .env("SANDBOX_SECRET", acctsh_sandbox::CLIENT_SECRET);
        if let Some(controller) = self.controller() {
            command.env("BIND_PASSWORD", controller.administrator().1);
        }
    }

    /// Runs the program to its end, without a terminal.
    pub fn acctsh(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }

    /// Runs one line and gives its value, read from JSON.
    pub fn value(&self, code: &str) -> Value {
        let ran = self.acctsh(&["-c", code, "--output", "json"]);
        assert_eq!(ran.exit, 0, "{}", ran.err);
        serde_json::from_str(&ran.out).unwrap()
    }

    /// The names of the files and folders in the working folder, sorted.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The passwords in the letters of all runs, by user name.
    pub fn passwords(&self) -> BTreeMap<String, String> {
        let mut passwords = BTreeMap::new();
        for entry in fs::read_dir(self.folder()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                for letter in fs::read_dir(&path).unwrap() {
                    let letter = letter.unwrap().path();
                    if letter.extension().is_some_and(|extension| extension == "txt") {
                        let text = fs::read_to_string(&letter).unwrap();
                        let after = |label: &str| {
                            let line =
                                text.lines().find_map(|line| line.trim().strip_prefix(label));
                            line.map(|value| value.trim().to_owned())
                        };
                        let user = after("User name:").unwrap();
                        passwords.insert(user, after("Temporary password:").unwrap());
                    }
                }
            }
        }
        passwords
    }

    /// The name of the newest run.
    pub fn newest_run(&self) -> String {
        let ran = self.acctsh(&["plan", "list", "--output", "json"]);
        let runs: Value = serde_json::from_str(&ran.out).unwrap();
        runs[0]["run"].as_str().unwrap().to_owned()
    }
}

impl Ran {
    /// What a finished process did.
    pub fn of(output: &Output) -> Self {
        Self {
            exit: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// It ended with this exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.exit, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Standard error holds this.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "{text:?} is not in:\n{}", self.err);
        self
    }

    /// Standard output holds this.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert!(self.out.contains(text), "{text:?} is not in:\n{}", self.out);
        self
    }
}

impl Ran {
    /// Neither standard output nor standard error holds this.
    #[track_caller]
    pub fn never_says(self, text: &str) -> Self {
        assert!(!self.out.contains(text), "{text:?} is in stdout:\n{}", self.out);
        assert!(!self.err.contains(text), "{text:?} is in stderr:\n{}", self.err);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|fault| panic!("{fault}:\n{}", self.out))
    }
}

/// The sandbox as a process of its own, which can be killed and started again on the same state.
///
/// All but the knobs goes through a proxy, and is held against Microsoft's description in the end: a
/// story in which acctsh or the sandbox has broken that contract fails.
pub struct Tenant {
    folder: TempDir,
    process: Option<Child>,
    /// Where it answers the knobs, and the proxy.
    own_url: String,
    proxy: Proxy,
    url: String,
}

impl Tenant {
    /// Starts one with these further options, such as `--latency 5`.
    pub fn start(options: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let proxy = Proxy::closed();
        let url = proxy.url();
        let mut tenant = Self { folder, process: None, own_url: String::new(), proxy, url };
        tenant.restart(options);
        tenant
    }

    /// Starts it again, to be found where it was.
    pub fn restart(&mut self, options: &[&str]) {
        let mut process = Command::new(env!("CARGO_BIN_EXE_acctsh"))
            .args(["sandbox", "--port", "0", "--state"])
            .arg(self.folder.path().join("tenant.db"))
            .args(options)
            .env("ACCTSH_HOME", self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        line.trim().clone_into(&mut self.own_url);
        self.process = Some(process);
        self.proxy.open(&self.own_url);
    }

    /// Kills it.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
        self.proxy.close();
    }

    /// What stands between it and everybody.
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// The file that holds it.
    pub fn state_file(&self) -> PathBuf {
        self.folder.path().join("tenant.db")
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A configuration with a profile `contoso` on it.
    pub fn profile(&self) -> String {
        format!(
            r#"
            default_profile = "contoso"

            [profiles.contoso]
            patience_seconds = 5
            tenant = {{ kind = "microsoft365", tenant_id = "{}", client_id = "{}", client_secret = {{ env = "SANDBOX_SECRET" }}, login_url = "{url}", graph_url = "{url}" }}
            defaults = {{ usage_location = "US", licenses = ["Microsoft 365 Business Basic"], group_owner = "{}" }}
            "#,
            acctsh_sandbox::TENANT_ID,
            acctsh_sandbox::CLIENT_ID,
            acctsh_sandbox::ADMINISTRATOR,
            url = self.url,
        )
    }

    /// What it holds: users, deleted, consumed seats, requests.
    pub fn summary(&self) -> Value {
        self.knob("GET", "summary", None)
    }

    /// Turns a knob (`/sandbox/…`).
    pub fn knob(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let url = format!("{}/sandbox/{path}", self.own_url);
        let mut request = reqwest::blocking::Client::new().request(method.parse().unwrap(), url);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().unwrap_or(Value::Null)
    }

    /// Reads from its Graph, as any other client would.
    pub fn graph(&self, path: &str) -> Value {
        self.as_another_client(reqwest::Method::GET, path, None)
    }

    /// Writes to its Graph, as any other client would.
    pub fn graph_post(&self, path: &str, body: &Value) -> Value {
        self.as_another_client(reqwest::Method::POST, path, Some(body))
    }

    /// Changes something in its Graph, as any other client would.
    pub fn graph_patch(&self, path: &str, body: &Value) {
        self.as_another_client(reqwest::Method::PATCH, path, Some(body));
    }

    /// Deletes in its Graph, as any other client would.
    pub fn graph_delete(&self, path: &str) {
        self.as_another_client(reqwest::Method::DELETE, path, None);
    }

    /// Runs a cmdlet in its Exchange, as any other client would; the objects that it gives.
    #[track_caller]
    pub fn exchange(&self, cmdlet: &str, parameters: &Value) -> Vec<Value> {
        let client = reqwest::blocking::Client::new();
        let tenant = acctsh_sandbox::TENANT_ID;
        let url = format!("{}/exchange/adminapi/beta/{tenant}/InvokeCommand", self.url);
        let anchor = format!("APP:SystemMailbox{{bb558c35-97f1-4cb9-8ff7-d53741dc928c}}@{tenant}");
        let body = json!({ "CmdletInput": { "CmdletName": cmdlet, "Parameters": parameters } });
        let request = client.post(url).header("X-AnchorMailbox", anchor).json(&body);
        let token = self.token(&client, "https://outlook.office365.com/.default");
        let answer = request.bearer_auth(token).send().unwrap();
        let (status, text) = (answer.status(), answer.text().unwrap());
        assert!(status.is_success(), "{cmdlet}: {status} {text}");
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        answer["value"].as_array().cloned().unwrap_or_default()
    }

    fn token(&self, client: &reqwest::blocking::Client, scope: &str) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", acctsh_sandbox::CLIENT_ID),
            ("client_secret", acctsh_sandbox::CLIENT_SECRET),
            ("scope", scope),
        ];
        let token_url = format!("{}/{}/oauth2/v2.0/token", self.url, acctsh_sandbox::TENANT_ID);
        let token: Value = client.post(token_url).form(&form).send().unwrap().json().unwrap();
        token["access_token"].as_str().unwrap().to_owned()
    }

    fn as_another_client(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<&Value>,
    ) -> Value {
        let client = reqwest::blocking::Client::new();
        let token = self.token(&client, "https://graph.microsoft.com/.default");
        let mut request = client.request(method, format!("{}/v1.0/{path}", self.url));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.bearer_auth(token).send().unwrap();
        // An answer without content has no JSON.
        let text = answer.text().unwrap();
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        self.kill();
        // A story that has failed has said enough.
        if !std::thread::panicking() {
            self.proxy.contract_is_kept();
        }
    }
}

/// A CSV file with so many people, in the headers of the Microsoft 365 template.
pub fn people(count: usize) -> String {
    let mut text =
        "User Name,First Name,Last Name,Display Name,Department,Country or Region\n".to_owned();
    for number in 1..=count {
        writeln!(
            text,
            "person.{number:04},Kim,Number{number:04},Kim Number{number:04},Plant,Germany"
        )
        .unwrap();
    }
    text
}

/// Every byte under a folder, with the files' names.
pub fn bytes_under(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(bytes_under(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found
}

/// What every SQLite file under a folder says, row by row: equal dumps mean that nothing was written.
pub fn databases_under(folder: &Path) -> BTreeMap<PathBuf, Vec<String>> {
    let files = bytes_under(folder).into_iter().map(|(path, _)| path);
    let databases =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "db"));
    databases.map(|path| (path.clone(), dump(&path))).collect()
}

fn dump(file: &Path) -> Vec<String> {
    let database = rusqlite::Connection::open(file).unwrap();
    let mut tables = database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .unwrap();
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut lines = Vec::new();
    for table in tables {
        let mut all = database.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = all.column_count();
        let mut rows = all.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<rusqlite::types::Value> =
                (0..columns).map(|column| row.get(column).unwrap()).collect();
            lines.push(format!("{table}: {cells:?}"));
        }
    }
    lines
}
