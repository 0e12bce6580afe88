//! `acctsh sandbox`: the practice tenant alone, for other clients.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::options::CommonOptions;
use crate::profile::{Home, SANDBOX, SandboxLag, SandboxOptions, serve_sandbox};
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
    /// Hold Microsoft's quotas: 3,000 writes in 150 seconds, and resource units for everything.
    #[arg(long)]
    throttle: bool,
    /// How many times faster than real time the quotas' clock runs, and Retry-After with it.
    #[arg(
        long,
        value_name = "F",
        default_value_t = 1.0,
        value_parser = time_scale,
        requires = "throttle"
    )]
    time_scale: f64,
    /// How much later others see what was written, as in Microsoft's clouds: always so many seconds,
    /// or a random time up to so many; lists and searches come twice as late.
    #[arg(long, value_name = "fixed:SECONDS|random:SECONDS", value_parser = lag)]
    lag: Option<SandboxLag>,
    /// How many seconds after its licence a mailbox comes; the tenant keeps it. Microsoft takes minutes,
    /// seldom hours; a new practice tenant 0.
    #[arg(long, value_name = "SECONDS")]
    mailbox_delay: Option<u32>,
}

fn time_scale(text: &str) -> Result<f64, &'static str> {
    let scale = text.parse().ok().filter(|scale: &f64| scale.is_finite() && *scale > 0.0);
    scale.ok_or("a number greater than 0 is wanted, such as 20")
}

fn lag(text: &str) -> Result<SandboxLag, &'static str> {
    let wanted = "fixed:SECONDS or random:SECONDS is wanted, such as fixed:2 or random:0.5";
    let (kind, seconds) = text.split_once(':').ok_or(wanted)?;
    let seconds = seconds.parse().map_err(|_| wanted)?;
    let time = Duration::try_from_secs_f64(seconds).map_err(|_| wanted)?;
    match kind {
        "fixed" => Ok(SandboxLag::Fixed(time)),
        "random" => Ok(SandboxLag::Random { seed: rand::random(), max: time }),
        _ => Err(wanted),
    }
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
        throttle: sandbox.throttle,
        time_scale: sandbox.time_scale,
        lag: sandbox.lag.unwrap_or_default(),
        mailbox_delay: sandbox.mailbox_delay.map(|seconds| Duration::from_secs(seconds.into())),
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
