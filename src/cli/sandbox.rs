//! `acctsh sandbox`: the practice tenant alone, for other clients.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::options::CommonOptions;
use crate::profile::{Home, SANDBOX, SandboxOptions, serve_sandbox};
use crate::script::{Console, Exit, Fault, show_fault};

#[derive(Debug, Args)]
pub(super) struct Sandbox {
    /// The port on this machine; 0 lets the system choose.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The file that holds the tenant (default: that of the profile).
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// How many milliseconds later every answer comes.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
}

pub(super) fn run(common: &CommonOptions, sandbox: Sandbox, console: &Console) -> Exit {
    let state = match sandbox.state {
        Some(state) => state,
        None => match Home::find() {
            Ok(home) => home.tenant_file(common.profile.as_deref().unwrap_or(SANDBOX)),
            Err(fault) => return show_fault(console, &Fault::from(fault)),
        },
    };
    let options = SandboxOptions {
        state: state.clone(),
        port: sandbox.port,
        latency: Duration::from_millis(sandbox.latency),
    };
    let tell = |url: &str| {
        console.data(&format!("{url}\n"));
        console.say(&format!(
            "The practice tenant answers at {url} until Ctrl-C. Its state: {}",
            state.display()
        ));
        console.say(&crate::profile::sandbox_credentials());
    };
    match serve_sandbox(options, tell) {
        Ok(()) => Exit::Done,
        Err(fault) => show_fault(console, &Fault::from(fault)),
    }
}
