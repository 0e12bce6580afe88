//! `acctsh disconnect`: a profile is taken out; directory, tenant and journal stay as they are.

use clap::Args;

use super::options::CommonOptions;
use crate::plan::journal::RunState;
use crate::profile::{Home, Profile, Removed, remove_profile};
use crate::script::{Console, Exit, Fault, Session, run_heads, show_fault};

#[derive(Debug, Args)]
pub(super) struct Disconnect {
    /// The profile (default: that of --profile, else the default one).
    #[arg(value_name = "PROFILE")]
    name: Option<String>,
}

pub(super) fn run(common: &CommonOptions, disconnect: Disconnect, console: &Console) -> Exit {
    match removed(common, disconnect.name, console) {
        Ok(exit) => exit,
        Err(fault) => show_fault(console, &fault),
    }
}

fn removed(common: &CommonOptions, name: Option<String>, console: &Console) -> Result<Exit, Fault> {
    let wanted = name.or_else(|| common.profile.clone());
    let profile = Profile::load(wanted.as_deref())?;
    let (name, home) = (profile.name().to_owned(), profile.home().clone());
    if !home.config_file().exists() {
        return Err(Fault::new("bad_profile", "there is no config.toml: nothing is connected"));
    }
    let session = Session::new(profile, console.clone(), common.clone().into());
    refuse_unfinished(&session, &name)?;
    if common.what_if {
        console.say(&format!("The profile {name} would be taken out."));
        return Ok(Exit::Done);
    }
    if let Err(exit) = console.confirm(&format!("Take the profile {name} out?"), false, common.yes)
    {
        return Ok(exit);
    }
    tell(console, &home, &name, &remove_profile(&home, &name)?);
    Ok(Exit::Done)
}

/// Without its profile nobody could finish a run, or say what became of it.
fn refuse_unfinished(session: &Session, name: &str) -> Result<(), Fault> {
    let heads = run_heads(session)?;
    let open =
        heads.iter().find(|(head, state)| *state == RunState::Unfinished && head.profile == name);
    let Some((head, _)) = open else { return Ok(()) };
    let run = &head.id;
    Err(Fault::new(
        "refused",
        format!("the run {run} of the profile {name} has not come to its end"),
    )
    .hint(format!(
        "finish it with: acctsh plan resume {run} --profile {name}   or give it up with: acctsh \
             plan abandon {run} --profile {name}"
    )))
}

fn tell(console: &Console, home: &Home, name: &str, removed: &Removed) {
    console.say(&format!(
        "The profile {name} is no longer in {}. Nothing was changed in its tenant or directory.",
        home.config_file().display()
    ));
    if let Some(app) = &removed.app {
        console.say(&format!(
            "To take acctsh's rights away, delete the app registration {} in the tenant {}:\n  Entra \
             admin center, App registrations, All applications   or: az ad app delete --id {}",
            app.client_id, app.tenant_id, app.client_id
        ));
    }
    if let Some(place) = &removed.credential {
        console.say(&format!("Its {place} is still there: delete it by hand."));
    }
    if let Some(folder) = home.directory_file(name).parent()
        && folder.exists()
    {
        console.say(&format!("Its users are still in {}.", folder.display()));
    }
    match (removed.was_default, removed.left.as_slice()) {
        (true, [only]) => console.say(&format!("The profile {only} is the default one now.")),
        (true, several) => console.say(&format!(
            "There is no default profile now: write default_profile = \"…\" into config.toml, one of {}.",
            several.join(", ")
        )),
        (false, _) => {}
    }
}
