//! A home, a folder and a tenant in a process of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use wait4::Wait4 as _;

use crate::Outcome;
use crate::process::{self, Spent};

/// Enough seats for every row that is ever planned.
const SEATS: u32 = 1_000_000;
/// The product that the profile gives to everybody.
pub(crate) const PRODUCT: &str = "O365_BUSINESS_ESSENTIALS";

/// A person at a shell, with a tenant.
pub(crate) struct World {
    acctsh: PathBuf,
    root: TempDir,
    /// Running until the world ends.
    tenant: Option<Child>,
    /// Where the tenant answers.
    pub(crate) url: String,
}

impl World {
    /// A new one; the tenant holds nobody but its administrator, and takes whatever comes.
    pub(crate) fn new(acctsh: &Path) -> Outcome<Self> {
        Self::with(acctsh, &[], "")
    }

    /// A new one whose tenant holds Microsoft's quotas, on a clock that runs faster.
    pub(crate) fn throttled(acctsh: &Path, time_scale: f64) -> Outcome<Self> {
        let options = ["--throttle", "--time-scale", &time_scale.to_string()];
        let settings = format!("tenant.quota = {{ time_scale = {time_scale:?} }}");
        Self::with(acctsh, &options, &settings)
    }

    fn with(acctsh: &Path, options: &[&str], settings: &str) -> Outcome<Self> {
        let root = tempfile::tempdir()?;
        let mut tenant = Command::new(acctsh)
            .args(["sandbox", "--port", "0"])
            .args(options)
            .arg("--state")
            .arg(root.path().join("tenant.db"))
            .env("ACCTSH_HOME", root.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut url = String::new();
        let out = tenant.stdout.take().ok_or("the tenant has no output")?;
        BufReader::new(out).read_line(&mut url)?;
        let url = url.trim().to_owned();
        let world = Self { acctsh: acctsh.to_owned(), root, tenant: Some(tenant), url };
        fs::create_dir_all(world.home())?;
        fs::write(world.home().join("config.toml"), profile(&world.url, settings))?;
        world.raise_seats()?;
        Ok(world)
    }

    /// `ACCTSH_HOME`.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// Writes a CSV file of new people and gives its path.
    pub(crate) fn people(&self, prefix: &str, count: usize) -> Outcome<PathBuf> {
        let path = self.root.path().join(format!("{prefix}-{count}.csv"));
        fs::write(&path, people(prefix, count))?;
        Ok(path)
    }

    /// Runs acctsh to its end.
    pub(crate) fn acctsh(&self, arguments: &[&str]) -> Outcome<Spent> {
        process::run(&mut self.command(arguments), &self.root.path().join("log"))
    }

    /// Starts acctsh, and doesn't wait for its end.
    pub(crate) fn start(&self, arguments: &[&str]) -> Outcome<Child> {
        let mut command = self.command(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command.spawn()?)
    }

    /// Runs a command of acctsh about somebody, with this on standard input.
    pub(crate) fn given(&self, command: &str, about: &str, text: &str) -> Outcome<()> {
        let mut process = self
            .command(&[command, about])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        process.stdin.take().ok_or("it has no input")?.write_all(text.as_bytes())?;
        let status = process.wait()?;
        if status.success() { Ok(()) } else { Err(format!("{command} {about}: {status}").into()) }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.acctsh);
        command
            .args(arguments)
            .current_dir(self.root.path())
            .env("ACCTSH_HOME", self.home())
            .env("SANDBOX_SECRET", acctsh_sandbox::CLIENT_SECRET);
        command
    }

    /// How many writes of accounts and licences the tenant was asked for, refused ones included.
    pub(crate) fn writes_served(&self) -> Outcome<u64> {
        let requests = self.requests()?;
        let count = |shape: &str| requests[shape].as_u64().unwrap_or_default();
        Ok(count("POST /users") + count("POST /users/{id}/assignLicense"))
    }

    /// How many commands its Exchange was asked for, refused ones included.
    pub(crate) fn exchange_calls(&self) -> Outcome<u64> {
        let requests = self.requests()?;
        let all = requests.as_object().into_iter().flatten();
        let calls = all.filter(|(shape, _)| shape.starts_with("POST /exchange/"));
        Ok(calls.filter_map(|(_, count)| count.as_u64()).sum())
    }

    fn requests(&self) -> Outcome<serde_json::Value> {
        let url = format!("{}/sandbox/summary", self.url);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut summary: serde_json::Value = runtime
            .block_on(async { reqwest::get(url).await?.error_for_status()?.json().await })?;
        Ok(summary["requests"].take())
    }

    /// The profile's directory is a domain from now on, by this table of settings.
    pub(crate) fn use_domain(&self, settings: &str) -> Outcome<()> {
        let text = format!("{}\n{settings}", profile(&self.url, ""));
        Ok(fs::write(self.home().join("config.toml"), text)?)
    }

    /// From now on the tenant holds its quotas, on a clock that runs faster.
    pub(crate) fn throttle(&self, time_scale: f64) -> Outcome<()> {
        self.turn("settings", &serde_json::json!({ "throttle": true, "time_scale": time_scale }))
    }

    /// The same, and acctsh keeps within them by itself.
    pub(crate) fn hold_quota(&self, time_scale: f64) -> Outcome<()> {
        let settings = format!("tenant.quota = {{ time_scale = {time_scale:?} }}");
        fs::write(self.home().join("config.toml"), profile(&self.url, &settings))?;
        self.throttle(time_scale)
    }

    /// Ends the tenant; gives the processor time that it took.
    pub(crate) fn end(mut self) -> Outcome<Duration> {
        let Some(mut tenant) = self.tenant.take() else { return Ok(Duration::ZERO) };
        tenant.kill()?;
        let used = tenant.wait4()?.rusage;
        Ok(used.utime + used.stime)
    }

    fn raise_seats(&self) -> Outcome<()> {
        self.turn(&format!("skus/{PRODUCT}"), &serde_json::json!({ "seats": SEATS }))
    }

    fn turn(&self, knob: &str, body: &serde_json::Value) -> Outcome<()> {
        let url = format!("{}/sandbox/{knob}", self.url);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            reqwest::Client::new().put(url).json(body).send().await?.error_for_status()
        })?;
        Ok(())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(mut tenant) = self.tenant.take() {
            // A measurement has failed: its error is what counts.
            drop(tenant.kill());
            drop(tenant.wait());
        }
    }
}

fn profile(url: &str, settings: &str) -> String {
    format!(
        r#"
        default_profile = "contoso"

        [profiles.contoso]
        tenant.kind = "microsoft365"
        tenant.tenant_id = "{}"
        tenant.client_id = "{}"
        tenant.client_secret = {{ env = "SANDBOX_SECRET" }}
        tenant.login_url = "{url}"
        tenant.graph_url = "{url}"
        defaults = {{ usage_location = "US", licenses = ["Microsoft 365 Business Basic"] }}
        {settings}
        "#,
        acctsh_sandbox::TENANT_ID,
        acctsh_sandbox::CLIENT_ID,
    )
}

/// People in the headers of the Microsoft 365 template, no two of the same name.
fn people(prefix: &str, count: usize) -> String {
    let rows = (1..=count).map(|number| {
        format!(
            "{prefix}.{number:06},Kim,{prefix}{number:06},Kim {prefix}{number:06},Plant,Germany\n"
        )
    });
    let header =
        "User Name,First Name,Last Name,Display Name,Department,Country or Region\n".to_owned();
    rows.fold(header, |text, row| text + &row)
}
