//! What a directory operation sends, and how its outcome is settled.

use super::Targets;
use super::attempt::Tried;
use crate::directory::{Directory, DirectoryFault, NewPassword, NewUser, UserQuery, UserWrite};
use jiff::Timestamp;

use super::look::SUPERSEDED;
use crate::model::{CLOCK_SLACK, Details, Field, Problem, User, UserGuid};
use crate::plan::journal::Made;
use crate::plan::step::DirectoryOp;

/// Sends the operation once.
pub(super) async fn send(
    directory: &dyn Directory,
    op: &DirectoryOp,
    targets: &Targets,
    password: Option<NewPassword>,
    label: &str,
) -> Tried {
    match op {
        DirectoryOp::CreateUser { user, .. } => match password {
            Some(password) => create(directory, user, &password).await,
            None => no_password(label),
        },
        DirectoryOp::Link { old } => {
            let Some(online) = targets.online else { return Tried::unknown_target(label) };
            let writes = [UserWrite::Link { old: *old, new: Some(online) }];
            with_user(targets, label, |user| async move { directory.update(user, &writes).await })
                .await
        }
        DirectoryOp::Update { writes } => {
            with_user(targets, label, |user| directory.update(user, writes)).await
        }
        DirectoryOp::SetPassword { must_change, .. } => {
            let (Some(password), Some(user)) = (password, targets.user) else {
                return no_password(label);
            };
            match directory.set_password(user, &password, *must_change).await {
                Ok(at) => Tried::Done(at.map(Made::PasswordSet)),
                Err(fault) => with_user(targets, label, |_| async move { Err(fault) }).await,
            }
        }
        DirectoryOp::PutBackPassword { .. } => {
            let Some(password) = password else { return no_password(label) };
            let Some(user) = targets.user else { return Tried::unknown_target(label) };
            match directory.put_back_password(user, &password).await {
                Ok(true) => Tried::Done(None),
                Ok(false) => Tried::Refused(not_put_back(label)),
                Err(fault) => tried(label, fault),
            }
        }
        DirectoryOp::Delete => with_user(targets, label, |user| directory.delete(user)).await,
        DirectoryOp::Restore => with_user(targets, label, |user| directory.restore(user)).await,
        DirectoryOp::SetPasswordPolicy { old, new } => {
            match directory.set_password_policy(*old, *new).await {
                Ok(()) => Tried::Done(None),
                Err(fault) => tried(label, fault),
            }
        }
    }
}

async fn with_user<F: Future<Output = Result<(), DirectoryFault>>>(
    targets: &Targets,
    label: &str,
    write: impl FnOnce(UserGuid) -> F,
) -> Tried {
    let Some(user) = targets.user else { return Tried::unknown_target(label) };
    match write(user).await {
        Ok(()) => Tried::Done(None),
        Err(DirectoryFault::NoSuchUser(_)) if targets.is_new_user => {
            let message = "the user is not visible in the directory yet";
            Tried::Again {
                problem: Problem::error("not_yet_visible", label, message)
                    .advice("resume the run in some minutes"),
                after: None,
                out_of_reach: false,
            }
        }
        Err(fault) => tried(label, fault),
    }
}

fn not_put_back(label: &str) -> Problem {
    let message = "there is no earlier password to be put back";
    Problem::error("not_put_back", label, message).field(Field::Password)
}

/// Whether somebody has changed the password in the directory since it was sent there: then it isn't sent
/// again.
pub(super) async fn superseded(
    directory: &dyn Directory,
    user: UserGuid,
    sent: Timestamp,
    label: &str,
) -> Option<Tried> {
    let found = directory.users(UserQuery::Guids(vec![user])).await;
    let found = match found {
        Ok(found) => found.into_iter().next(),
        Err(fault) => return Some(tried(label, fault)),
    };
    let changed = found?.password_changed?;
    let message = "a newer password was set in the directory since; this one was not sent again";
    (changed > sent + CLOCK_SLACK)
        .then(|| Tried::Refused(Problem::error(SUPERSEDED, label, message).field(Field::Password)))
}

fn no_password(label: &str) -> Tried {
    Tried::Refused(Problem::error("no_password", label, "the password is lost"))
}

/// Makes the user, or adopts the one that an earlier try made: it carries the GUID that was drawn
/// for it, as its own or as a mark. Its fields and password are written again, since nobody knows how
/// far that try came.
async fn create(directory: &dyn Directory, user: &NewUser, password: &NewPassword) -> Tried {
    let label = user.name.as_str();
    match directory.create(user, password).await {
        Ok(guid) => Tried::Done(Some(Made::User(guid))),
        Err(DirectoryFault::AlreadyMade(made)) => {
            match adopt(directory, made, user, password).await {
                Ok(guid) => Tried::Done(Some(Made::User(guid))),
                Err(fault) => tried(label, fault),
            }
        }
        Err(DirectoryFault::NameTaken { holder, .. }) => {
            let holder = holder_label(directory, holder).await;
            Tried::Refused(
                Problem::error("name_taken", label, format!("the user name is held by {holder}"))
                    .field(Field::UserName)
                    .value(label)
                    .advice("choose another user name"),
            )
        }
        Err(fault) => tried(label, fault),
    }
}

async fn adopt(
    directory: &dyn Directory,
    made: UserGuid,
    user: &NewUser,
    password: &NewPassword,
) -> Result<UserGuid, DirectoryFault> {
    let there = directory.users(UserQuery::Guids(vec![made])).await?;
    let old = there.into_iter().next().map_or_else(Details::default, |user| user.details);
    let writes = [UserWrite::Details { old, new: user.details.clone() }];
    directory.update(made, &writes).await?;
    directory.set_password(made, password, user.must_change_password).await?;
    Ok(made)
}

async fn holder_label(directory: &dyn Directory, holder: UserGuid) -> String {
    let found = directory.users(UserQuery::Guids(vec![holder])).await.unwrap_or_default();
    let shown = |user: &User| match user.details.get(Field::DisplayName) {
        Some(name) => format!("the user {} ({name})", user.name),
        None => format!("the user {}", user.name),
    };
    // Names are of the whole domain, and of its machines and groups too.
    let elsewhere = || format!("something else in the directory ({holder})");
    found.first().map_or_else(elsewhere, shown)
}

fn tried(label: &str, fault: DirectoryFault) -> Tried {
    let message = fault.to_string();
    match fault {
        DirectoryFault::Unavailable(_) | DirectoryFault::OutOfReach(_) => Tried::Again {
            problem: Problem::error("directory_unavailable", label, message)
                .advice("once the directory can be used again, resume the run"),
            after: None,
            out_of_reach: true,
        },
        // The same for everybody: the run stops where it is, and goes on once it is put right.
        DirectoryFault::SignIn { advice, .. } => Tried::Again {
            problem: Problem::error("directory_sign_in", label, message).advice(advice),
            after: None,
            out_of_reach: true,
        },
        DirectoryFault::Setup { advice, .. } => Tried::Again {
            problem: Problem::error("directory_setup", label, message).advice(advice),
            after: None,
            out_of_reach: true,
        },
        DirectoryFault::NotAllowed { advice, .. } => {
            Tried::Refused(Problem::error("not_allowed", label, message).advice(advice))
        }
        DirectoryFault::NoSuchUser(_) => Tried::Refused(Problem::error(
            "no_such_user",
            label,
            "the user was deleted by someone else",
        )),
        DirectoryFault::ChangedMeanwhile { field, .. } => Tried::Refused(
            Problem::error("changed_meanwhile", label, message)
                .field(field)
                .advice("look at the account, then run this for it again"),
        ),
        DirectoryFault::PolicyChangedMeanwhile(_) => Tried::Refused(
            Problem::error("changed_meanwhile", label, message)
                .advice("look at directory().password_policy, then run this again"),
        ),
        DirectoryFault::Refused { field, .. } => {
            Tried::Refused(Problem::error("refused", label, message).field(field))
        }
        DirectoryFault::NameTaken { .. } | DirectoryFault::AlreadyMade(_) => {
            Tried::Refused(Problem::error("name_taken", label, message).field(Field::UserName))
        }
    }
}
