//! The fields of a person as scripts read them, from the view.

use jiff::Unit;

use crate::accounts::R;
use crate::model::field::{FieldSpec, Home};
use crate::model::{
    AccessLevel, AssignedLicense, Field, License, OnlineAccount, PasswordState, RecipientKind,
    Status, User, mailbox_remark,
};
use crate::plan::change::Subject;
use crate::plan::mail::{Exchange, OnlineRef, PlannedMailbox};
use crate::plan::person::Person;
use crate::plan::step::OnlinePassword;
use crate::plan::view::View;
use crate::table::Value;

/// Why a field has no value to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Only directory or tenant can give it.
    KnownAfterApply,
    /// The person is deleted at this point of the plan.
    Deleted,
    /// The tenant has no Exchange Online.
    NoExchange,
    /// The app may not use Exchange; why.
    ExchangeRefused(String),
}

/// A field's value.
pub(super) type Read = Result<Value, Unreadable>;

/// Reads one field of a person. Fields of the user are read without asking the tenant.
pub(super) fn read(view: &View<'_>, subject: Subject, spec: &FieldSpec) -> R<Read> {
    let local = spec.home == Home::User
        || (spec.home == Home::Both && !matches!(subject, Subject::Online(_)));
    let person = if local {
        Person { user: view.user(subject)?, ..Person::default() }
    } else {
        view.person(subject)?
    };
    let made = person.user_made_by.is_some() || matches!(view.identity(subject)?, Subject::New(_));
    if person.user.is_none() {
        let online = if local { view.person(subject)?.online } else { person.online.clone() };
        if online.is_none() {
            return Ok(Err(Unreadable::Deleted));
        }
    }
    match spec.field {
        Field::Status | Field::StatusReason => {
            let licenses = view.licenses()?;
            let status = Status::of(&person.account(), licenses);
            let text = match (spec.field, status, person.online.as_deref()) {
                (Field::Status, ..) => status.word(),
                (_, Status::Active, Some(online)) => match password_remark(view, &person)? {
                    "" => mailbox_remark(online, licenses),
                    remark => remark,
                },
                _ => status.reason(),
            };
            Ok(Ok(if text.is_empty() { Value::Nothing } else { text.into() }))
        }
        Field::Licenses => {
            let online = person.online.as_deref();
            let names = online.map(|online| names(&online.licenses, view)).transpose()?;
            Ok(Ok(Value::List(names.unwrap_or_default())))
        }
        Field::Manager => {
            let manager = person.user.as_ref().and_then(|user| user.manager);
            let user = manager.map(|guid| view.user(Subject::User(guid))).transpose()?.flatten();
            Ok(Ok(user.map(|user| user.name.to_string()).into()))
        }
        Field::Email if view.new_primary_address(&person).is_some() => {
            Ok(Ok(view.new_primary_address(&person).map(|it| it.to_string()).into()))
        }
        Field::PasswordState | Field::PasswordSince | Field::PasswordReason => {
            password(view, &person, spec.field)
        }
        Field::Aliases | Field::Groups | Field::Mailbox => mail(view, &person, spec.field),
        Field::Created | Field::LastChanged if made => Ok(Err(Unreadable::KnownAfterApply)),
        field => Ok(Ok(plain(field, person.user.as_deref(), person.online.as_deref()))),
    }
}

/// What is amiss with the password of somebody who may sign in: nothing, as a rule.
fn password_remark(view: &View<'_>, person: &Person) -> R<&'static str> {
    if person.password_sent.is_some() {
        return Ok("");
    }
    let book = view.facts().all_passwords(view.needs())?;
    Ok(match book.state(&person.account()) {
        Some((PasswordState::ChangedOnline, _)) => "password changed online",
        Some((PasswordState::Refused, _)) => "password refused online",
        _ => "",
    })
}

/// How a person's two passwords stand, after what this plan does.
fn password(view: &View<'_>, person: &Person, field: Field) -> R<Read> {
    let book = view.facts().all_passwords(view.needs())?;
    let (state, since) = match person.password_sent {
        Some(OnlinePassword::Temporary | OnlinePassword::Undisclosed) => {
            (Some(PasswordState::Waits), None)
        }
        Some(OnlinePassword::Lasting | OnlinePassword::Carried { .. }) => {
            (Some(PasswordState::InStep), None)
        }
        None => book
            .state(&person.account())
            .map_or((None, None), |(state, since)| (Some(state), since)),
    };
    let is_to_come = person.password_sent.is_some();
    Ok(match field {
        Field::PasswordState => Ok(state.map(PasswordState::word).into()),
        Field::PasswordReason if state == Some(PasswordState::Refused) => {
            Ok(book.refusal(&person.account()).map(|it| it.message.clone()).into())
        }
        Field::PasswordReason => Ok(Value::Nothing),
        _ if is_to_come => Err(Unreadable::KnownAfterApply),
        // The tenant counts seconds.
        _ => Ok(since.map(|since| since.round(Unit::Second).unwrap_or(since)).into()),
    })
}

/// What Exchange knows of a person. Without an Exchange there are no mailboxes, and neither aliases nor
/// groups to speak of.
fn mail(view: &View<'_>, person: &Person, field: Field) -> R<Read> {
    match (view.exchange()?, field) {
        (Exchange::There, _) => {}
        (Exchange::NotSubscribed, Field::Mailbox) => return Ok(Ok("none".into())),
        (Exchange::NotSubscribed, _) => return Ok(Err(Unreadable::NoExchange)),
        (Exchange::Refused(why), _) => return Ok(Err(Unreadable::ExchangeRefused(why))),
    }
    if field == Field::Groups {
        let groups = OnlineRef::of(person).map(|of| view.groups_of(of)).transpose()?;
        let mut names = Vec::new();
        for group in groups.unwrap_or_default() {
            names.extend(view.group(group)?.map(|group| group.display_name.clone()));
        }
        return Ok(Ok(Value::List(names)));
    }
    let mailbox = view.mailbox(person)?;
    // It may have turned out just now.
    if let Exchange::Refused(why) = view.exchange()? {
        return Ok(Err(Unreadable::ExchangeRefused(why)));
    }
    Ok(Ok(match (field, mailbox) {
        (Field::Mailbox, Ok(mailbox)) => mailbox_word(&mailbox).into(),
        (Field::Mailbox, Err(_)) => "none".into(),
        (_, Ok(mailbox)) => {
            let aliases = mailbox.state.addresses.aliases();
            Value::List(aliases.iter().map(ToString::to_string).collect())
        }
        (_, Err(_)) => Value::List(Vec::new()),
    }))
}

fn mailbox_word(mailbox: &PlannedMailbox) -> &'static str {
    match mailbox.state.kind {
        RecipientKind::SharedMailbox => "shared",
        RecipientKind::ResourceMailbox => "resource",
        _ if !mailbox.is_there => "expected",
        _ => "person",
    }
}

fn names(licenses: &[AssignedLicense], view: &View<'_>) -> R<Vec<String>> {
    let all = view.licenses()?;
    let name = |assigned: &AssignedLicense| {
        let found = all.iter().find(|license: &&License| license.sku == assigned.sku);
        found.map_or_else(|| assigned.sku.to_string(), |license| license.name.clone())
    };
    Ok(licenses.iter().map(name).collect())
}

fn plain(field: Field, user: Option<&User>, online: Option<&OnlineAccount>) -> Value {
    match field {
        Field::UserName => user.map(|user| user.name.to_string()).into(),
        Field::OnlineId => online.map(|online| online.online_id.to_string()).into(),
        Field::AccessLevel => user
            .map(|user| match user.access_level {
                AccessLevel::Standard => "standard",
                AccessLevel::Administrator => "administrator",
            })
            .into(),
        Field::Enabled => user.map(|user| user.enabled).into(),
        Field::Expires => user.and_then(|user| user.expires).into(),
        Field::MustChangePassword => user.map(|user| user.must_change_password).into(),
        Field::Email => {
            online.and_then(|online| online.email.as_ref()).map(ToString::to_string).into()
        }
        Field::CanSignIn => online.map(|online| online.can_sign_in).into(),
        Field::Created => match (user, online) {
            (Some(user), _) => user.created.into(),
            (None, online) => online.and_then(|online| online.created).into(),
        },
        Field::LastChanged => user.map(|user| user.last_changed).into(),
        detail => {
            let local = user.and_then(|user| user.details.get(detail));
            let text = local.or_else(|| online.and_then(|online| online.details.get(detail)));
            text.map(str::to_owned).into()
        }
    }
}
