//! `acctsh connect`: from a tenant that knows nothing of acctsh to a profile that works.

mod answers;
mod script;

use std::path::PathBuf;

use clap::Args;

use self::answers::Answers;
use self::script::{Tool, script};
use super::doctor::{Scope, examine};
use super::options::CommonOptions;
use crate::profile::{
    CredentialPlace, Home, NewProfile, Profile, ProfileFault, add_profile, certificate_of,
    check_new_name, profile_names,
};
use crate::script::{Console, Exit, Fault, show_fault};

#[derive(Debug, Args)]
pub(super) struct Connect {
    /// The name of the new profile (default: from the tenant's domain).
    #[arg(value_name = "PROFILE")]
    name: Option<String>,
    /// What the script is written for.
    #[arg(long, value_enum, default_value_t = Tool::AzureCli, value_name = "TOOL")]
    with: Tool,
    /// The tenant: its id, or one of its domains.
    #[arg(long, value_name = "ID")]
    tenant_id: Option<String>,
    /// The app registration's id, as the script says it.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The environment variable with the client secret.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["secret_file", "certificate_file"])]
    secret_env: Option<String>,
    /// The file with the client secret, which only you may read.
    #[arg(long, value_name = "FILE", conflicts_with = "certificate_file")]
    secret_file: Option<PathBuf>,
    /// The file with a certificate and its private key (PEM), which only you may read.
    #[arg(long, value_name = "FILE")]
    certificate_file: Option<PathBuf>,
    /// The login host, for another cloud than the global one.
    #[arg(long, value_name = "URL")]
    login_url: Option<String>,
    /// The Graph host, for another cloud than the global one.
    #[arg(long, value_name = "URL")]
    graph_url: Option<String>,
    /// The Exchange host, where it isn't the one of Graph's cloud.
    #[arg(long, value_name = "URL")]
    exchange_url: Option<String>,
}

/// The global cloud's.
const GRAPH_URL: &str = "https://graph.microsoft.com";

pub(super) fn run(common: CommonOptions, connect: Connect, console: &Console) -> Exit {
    let written = match written(&common, connect, console) {
        Ok(Written::Profile(name)) => name,
        Ok(Written::Nothing(exit)) => return exit,
        Err(fault) => return show_fault(console, &fault),
    };
    match Profile::load(Some(&written)) {
        Ok(profile) => {
            let exit = examine(profile, common, console, Scope::Tenant);
            if exit != Exit::Done {
                console.say(&format!("Once it is mended: acctsh doctor --profile {written}"));
            }
            exit
        }
        Err(fault) => show_fault(console, &fault.into()),
    }
}

enum Written {
    Profile(String),
    Nothing(Exit),
}

fn written(common: &CommonOptions, connect: Connect, console: &Console) -> Result<Written, Fault> {
    let home = Home::find()?;
    let taken = profile_names(&home)?;
    let answers = Answers {
        name: connect.name.or_else(|| common.profile.clone()),
        tenant_id: connect.tenant_id,
        client_id: connect.client_id,
        credential: connect
            .secret_env
            .map(CredentialPlace::SecretEnv)
            .or(connect.secret_file.map(|file| CredentialPlace::SecretFile(absolute(file))))
            .or(connect
                .certificate_file
                .map(|file| CredentialPlace::CertificateFile(absolute(file)))),
    };
    if let Some(name) = &answers.name {
        refuse_taken(name, &taken)?;
    }
    if !answers.is_complete() {
        let certificate = match &answers.credential {
            Some(CredentialPlace::CertificateFile(file)) => Some(certificate_of(file)?),
            _ => None,
        };
        let graph_url = connect.graph_url.as_deref().unwrap_or(GRAPH_URL);
        console.say("Run this in the tenant, then come back with what it says:\n");
        console.data(&script(connect.with, graph_url, certificate.as_deref()));
        if !console.is_interactive() {
            return Ok(Written::Nothing(answers.what_is_missing(console)));
        }
        console.say("");
    }
    let stopped = || {
        console.say("Stopped; no profile was written.");
        Ok(Written::Nothing(Exit::Done))
    };
    let Some(tenant) = answers.tenant() else { return stopped() };
    refuse_taken(&tenant.name, &taken)?;
    if common.what_if {
        console.say(&format!(
            "The profile {} would be written into {}.",
            tenant.name,
            home.config_file().display()
        ));
        return Ok(Written::Nothing(Exit::Done));
    }
    let Some(credential) = tenant.credential(&home)? else { return stopped() };
    let new = NewProfile {
        name: tenant.name,
        tenant_id: tenant.tenant_id,
        client_id: tenant.client_id,
        credential,
        login_url: connect.login_url,
        graph_url: connect.graph_url,
        exchange_url: connect.exchange_url,
    };
    add_profile(&home, &new)?;
    console.say(&format!(
        "The profile {} is in {}. Now it is tried.",
        new.name,
        home.config_file().display()
    ));
    Ok(Written::Profile(new.name))
}

/// Before anything is kept under that name.
fn refuse_taken(name: &str, taken: &[String]) -> Result<(), Fault> {
    check_new_name(name, taken).map_err(|fault| match fault {
        ProfileFault::Exists { .. } => Fault::from(fault)
            .hint(format!("give another name, or first: acctsh disconnect {name}")),
        other => other.into(),
    })
}

/// A profile is used from any folder.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}
