//! What `create_account` and `assign` share: giving a user an online account with licences.

use deunicode::deunicode;
use serde::{Deserialize, Serialize};

use crate::accounts::R;
use crate::model::{
    Anchor, AssignedLicense, Authentication, CountryCode, Details, Domain, DomainName, Field,
    LicenseName, OnlineAccount, OnlineId, Problem, UserGuid, UserName, nearest,
};
use crate::plan::edit::{Edits, What};
use crate::plan::step::OnlineDraft;
use crate::plan::view::{Person, View};

/// The online ID that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnlineName {
    /// Made from the user name.
    Suggested,
    /// This name, in the domain that new accounts go to.
    Local(String),
    /// Exactly this.
    Full(OnlineId),
}

/// The online half that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnlineWish {
    /// Its online ID.
    pub name: OnlineName,
    /// The domain for a suggested or local name; `None` for the tenant's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainName>,
    /// Licences, as the person named them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<LicenseName>,
    /// Services of those licences that stay off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// Where licences are used, if neither row nor user says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_location: Option<CountryCode>,
}

impl OnlineWish {
    /// Asks for every fact that [`give_online`] may want, so that they are read in one round.
    pub(super) fn note_needs(&self, user_name: &UserName, details: &Details, view: &View<'_>) {
        let _ = view.licenses();
        let mut scratch = Edits::new(super::ChangeNo(0), super::Subject::New(super::ChangeNo(0)));
        if let Ok(Some(online_id)) = self.online_id(user_name, view, &mut scratch) {
            let _ = view.online_in_tenant(&online_id);
            let _ = view.deleted(&online_id);
        }
        let _ = view.look_alikes(details.get(Field::DisplayName), details.get(Field::EmployeeId));
    }

    /// The online ID, or `None` after a problem.
    fn online_id(
        &self,
        user_name: &UserName,
        view: &View<'_>,
        out: &mut Edits,
    ) -> R<Option<OnlineId>> {
        let domains = view.domains()?;
        let text = match &self.name {
            OnlineName::Full(online_id) => online_id.to_string(),
            OnlineName::Local(_) | OnlineName::Suggested => {
                let Some(domain) = self.domain_for_new(domains, user_name, out) else {
                    return Ok(None);
                };
                let local = match &self.name {
                    OnlineName::Local(local) => local.clone(),
                    _ => local_part_for(user_name),
                };
                format!("{local}@{domain}")
            }
        };
        let online_id = match OnlineId::parse(&text) {
            Ok(online_id) => online_id,
            Err(reason) => {
                out.problem(
                    Problem::error(
                        "invalid_online_id",
                        user_name,
                        format!("the online ID can't be used: {reason}"),
                    )
                    .field(Field::OnlineId)
                    .value(&text)
                    .advice("give an online ID in a column online_id"),
                );
                return Ok(None);
            }
        };
        match domains
            .iter()
            .find(|domain| domain.name.as_str().eq_ignore_ascii_case(online_id.domain()))
        {
            Some(domain)
                if domain.is_verified && domain.authentication == Authentication::Federated =>
            {
                let message = format!(
                    "the domain {} is federated: accounts there take no password",
                    domain.name
                );
                out.problem(
                    Problem::error("domain_federated", user_name, message)
                        .field(Field::OnlineId)
                        .value(&online_id)
                        .advice("use another domain of the tenant"),
                );
                Ok(None)
            }
            Some(domain) if domain.is_verified => Ok(Some(online_id)),
            _ => {
                let verified = verified_names(domains);
                let near = nearest(online_id.domain(), verified.iter().map(String::as_str));
                let advice = match near {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("verified domains are: {}", verified.join(", ")),
                };
                let message =
                    format!("{} is not a verified domain of the tenant", online_id.domain());
                out.problem(
                    Problem::error("domain_not_verified", user_name, message)
                        .field(Field::OnlineId)
                        .value(&online_id)
                        .advice(advice),
                );
                Ok(None)
            }
        }
    }

    /// The domain that new accounts go to: the one asked for, the tenant's default, or the only
    /// verified custom one where the default is Microsoft's own.
    fn domain_for_new(
        &self,
        domains: &[Domain],
        user_name: &UserName,
        out: &mut Edits,
    ) -> Option<DomainName> {
        if let Some(domain) = &self.domain {
            return Some(domain.clone());
        }
        let default = domains.iter().find(|domain| domain.is_default)?;
        if !default.name.is_onmicrosoft() {
            return Some(default.name.clone());
        }
        let custom: Vec<&Domain> =
            domains.iter().filter(|d| d.is_verified && !d.name.is_onmicrosoft()).collect();
        match custom.as_slice() {
            [] => Some(default.name.clone()),
            [only] => Some(only.name.clone()),
            several => {
                let names: Vec<&str> = several.iter().map(|domain| domain.name.as_str()).collect();
                let message = "the tenant has several domains and its default is Microsoft's own";
                out.problem(
                    Problem::error("domain_unclear", user_name, message)
                        .field(Field::OnlineId)
                        .advice(format!("say which one with --domain: {}", names.join(", "))),
                );
                None
            }
        }
    }
}

fn verified_names(domains: &[Domain]) -> Vec<String> {
    domains
        .iter()
        .filter(|domain| domain.is_verified)
        .map(|domain| domain.name.to_string())
        .collect()
}

/// A user name in the characters that an online ID takes (`graph.md §4.2`).
fn local_part_for(user_name: &UserName) -> String {
    let plain = deunicode(user_name.as_str()).to_lowercase();
    plain.chars().filter(|c| c.is_ascii_alphanumeric() || "'.-_!#^~".contains(*c)).collect()
}

/// The mail nickname for an online ID: its local part without what nicknames don't take
/// (`graph.md §4.2`).
fn nickname_for(online_id: &OnlineId) -> String {
    let local = online_id.local_part();
    let kept: String = local.chars().filter(|c| !"@()/[]';:<>, ".contains(*c)).collect();
    kept.trim_matches('.').to_owned()
}

/// Gives the user an online account, or what is missing of the one it has.
#[expect(clippy::too_many_arguments, reason = "the two changes hand over what they know, no more")]
pub(super) fn give_online(
    guid: UserGuid,
    user_name: &UserName,
    details: &Details,
    person: Option<&Person>,
    wish: &OnlineWish,
    must_change_password: bool,
    view: &View<'_>,
    out: &mut Edits,
) -> R<()> {
    let details = with_usage_location(details, wish);
    match person.and_then(|person| person.online.as_ref().map(|online| (person, online))) {
        Some((person, online)) => {
            complete(guid, user_name, person, online, &details, wish, view, out)
        }
        None => make(guid, user_name, &details, wish, must_change_password, view, out),
    }
}

/// Makes the online account.
fn make(
    guid: UserGuid,
    user_name: &UserName,
    details: &Details,
    wish: &OnlineWish,
    must_change_password: bool,
    view: &View<'_>,
    out: &mut Edits,
) -> R<()> {
    wish.note_needs(user_name, details, view);
    let licenses = licenses_wanted(user_name, wish, view, out)?;
    let Some(online_id) = wish.online_id(user_name, view, out)? else { return Ok(()) };
    if let Some(holder) = view.online_in_tenant(&online_id)? {
        report_holder(user_name, &online_id, holder, view, out)?;
        return Ok(());
    }
    if let Some(deleted) = view.deleted(&online_id)? {
        let when = deleted
            .deleted
            .map_or_else(String::new, |time| format!(" on {}", time.strftime("%Y-%m-%d")));
        let message = format!(
            "{online_id} ({}) was deleted{when} and can still be restored",
            deleted.display_name
        );
        out.problem(
            Problem::warning("deleted_before", user_name, message)
                .field(Field::OnlineId)
                .value(&online_id)
                .advice("if it is the same person, restore that account instead: its mail and files come back"),
        );
    }
    for other in
        view.look_alikes(details.get(Field::DisplayName), details.get(Field::EmployeeId))?
    {
        let same = match details.get(Field::EmployeeId) {
            Some(number) if other.details.get(Field::EmployeeId) == Some(number) => {
                "personnel number"
            }
            _ => "name",
        };
        let message =
            format!("the online account {} has no user and the same {same}", other.online_id);
        out.problem(
            Problem::warning("maybe_same_person", user_name, message)
                .field(Field::OnlineId)
                .value(&other.online_id)
                .advice("is that the same person? then assign that account instead"),
        );
    }
    check_usage_location(user_name, &licenses, details, out);
    let mail_nickname = nickname_for(&online_id);
    if mail_nickname.is_empty() {
        let message = "no mail nickname can be made from the online ID";
        out.problem(
            Problem::error("invalid_online_id", user_name, message)
                .field(Field::OnlineId)
                .value(&online_id),
        );
        return Ok(());
    }
    debug_assert!(Anchor::of(guid).user() == Some(guid));
    out.add(What::OnlineMade(OnlineDraft {
        online_id,
        mail_nickname,
        details: details.clone(),
        must_change_password,
    }));
    out.add(What::Linked { old: None });
    if !licenses.is_empty() {
        out.add(What::Licenses { old: Vec::new(), new: licenses });
    }
    Ok(())
}

/// Adds what an existing online account lacks: the link, and licences.
#[expect(clippy::too_many_arguments, reason = "see give_online")]
fn complete(
    guid: UserGuid,
    user_name: &UserName,
    person: &Person,
    online: &OnlineAccount,
    details: &Details,
    wish: &OnlineWish,
    view: &View<'_>,
    out: &mut Edits,
) -> R<()> {
    let wanted = licenses_wanted(user_name, wish, view, out)?;
    let in_plan = person.online_made_by.is_some();
    if !in_plan && online.anchor.as_ref() != Some(&Anchor::of(guid)) {
        let message = format!("the user remembers {}, which does not point back", online.online_id);
        out.problem(
            Problem::error("broken_link", user_name, message)
                .field(Field::OnlineId)
                .value(&online.online_id)
                .advice("repair the link of the two halves first"),
        );
        return Ok(());
    }
    let link = person.user.as_ref().and_then(|user| user.link);
    if !in_plan && link != Some(online.id) {
        out.add(What::Linked { old: link });
    }
    if let OnlineName::Full(asked) = &wish.name
        && *asked != online.online_id
    {
        let message = format!("the online ID stays {}; {asked} was asked for", online.online_id);
        out.problem(
            Problem::note("differs", user_name, message).field(Field::OnlineId).value(asked),
        );
    }
    let missing: Vec<AssignedLicense> = wanted
        .into_iter()
        .filter(|license| online.licenses.iter().all(|has| has.sku != license.sku))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let known =
        if online.details.get(Field::UsageLocation).is_some() { &online.details } else { details };
    if online.details.get(Field::UsageLocation).is_none() {
        let message =
            format!("{} has no usage location online, so it can't be licensed", online.online_id);
        out.problem(
            Problem::error("no_usage_location", user_name, message)
                .field(Field::UsageLocation)
                .advice("set its usage location in the tenant first"),
        );
    }
    check_usage_location(user_name, &missing, known, out);
    let old = online.licenses.clone();
    let new = old.iter().cloned().chain(missing).collect();
    out.add(What::Licenses { old, new });
    Ok(())
}

fn report_holder(
    user_name: &UserName,
    online_id: &OnlineId,
    holder: &OnlineAccount,
    view: &View<'_>,
    out: &mut Edits,
) -> R<()> {
    let (whose, advice) = match view.owner(holder)? {
        Some(user) => (format!("is held by the user {}", user.name), "choose another online ID"),
        None => (
            "is held by an online account without user".to_owned(),
            "is that the same person? then assign that account instead, else choose another online ID",
        ),
    };
    let shown = holder.details.get(Field::DisplayName).unwrap_or("no display name");
    out.problem(
        Problem::error("online_id_taken", user_name, format!("{online_id} {whose} ({shown})"))
            .field(Field::OnlineId)
            .value(online_id)
            .advice(advice),
    );
    Ok(())
}

/// The person's texts with a usage location: the one given, else what the country says, else the
/// one that was given for everybody.
fn with_usage_location(details: &Details, wish: &OnlineWish) -> Details {
    let mut details = details.clone();
    if details.get(Field::UsageLocation).is_none() {
        let country =
            details.get(Field::Country).and_then(|country| CountryCode::parse(country).ok());
        if let Some(code) = country.or(wish.usage_location) {
            details.set(Field::UsageLocation, code.as_str());
        }
    }
    details
}

fn check_usage_location(
    user_name: &UserName,
    licenses: &[AssignedLicense],
    details: &Details,
    out: &mut Edits,
) {
    if licenses.is_empty() || details.get(Field::UsageLocation).is_some() {
        return;
    }
    let (value, message) = match details.get(Field::Country) {
        Some(country) => {
            (country, format!("no usage location: the country {country:?} is not known"))
        }
        None => ("", "no usage location: without one no licence can be assigned".to_owned()),
    };
    out.problem(
        Problem::error("no_usage_location", user_name, message)
            .field(Field::UsageLocation)
            .value(value)
            .advice("fill the column usage_location or country, or give --usage-location"),
    );
}

/// The licences asked for, by the tenant's ids.
fn licenses_wanted(
    user_name: &UserName,
    wish: &OnlineWish,
    view: &View<'_>,
    out: &mut Edits,
) -> R<Vec<AssignedLicense>> {
    if wish.licenses.is_empty() {
        return Ok(Vec::new());
    }
    let all = view.licenses()?;
    let mut wanted = Vec::new();
    let mut services_found = vec![false; wish.without.len()];
    for name in &wish.licenses {
        let Some(license) = view.license(name)? else {
            let names = all.iter().flat_map(|l| [l.name.as_str(), l.part_number.as_str()]);
            let known: Vec<&str> = all.iter().map(|license| license.name.as_str()).collect();
            let advice = match nearest(&name.0, names) {
                Some(near) => format!("did you mean {near:?}?"),
                None => format!("the tenant has: {}", known.join(", ")),
            };
            let message = format!("the tenant has no licence {:?}", name.0);
            out.problem(
                Problem::error("unknown_license", user_name, message)
                    .field(Field::Licenses)
                    .value(&name.0)
                    .advice(advice),
            );
            continue;
        };
        if !license.is_assignable || !license.state.works() {
            let message = format!("the subscription {:?} can't be assigned", license.name);
            out.problem(
                Problem::error("license_unusable", user_name, message)
                    .field(Field::Licenses)
                    .value(&name.0)
                    .advice("renew the subscription, or name another licence"),
            );
            continue;
        }
        let mut disabled = Vec::new();
        for (service, found) in wish.without.iter().zip(&mut services_found) {
            let services = license.services_called(service);
            *found |= !services.is_empty();
            disabled.extend(services.iter().map(|service| service.id));
        }
        wanted.push(AssignedLicense { sku: license.sku, disabled });
    }
    for (service, found) in wish.without.iter().zip(&services_found) {
        if !found && !wanted.is_empty() {
            let offered = all.iter().filter(|l| wanted.iter().any(|w| w.sku == l.sku));
            let names =
                offered.flat_map(|license| license.services.iter().map(|s| s.name.as_str()));
            let advice = nearest(service, names).map(|near| format!("did you mean {near}?"));
            let message = format!("none of the licences has a service {service:?}");
            let problem = Problem::error("unknown_service", user_name, message)
                .field(Field::Without)
                .value(service);
            out.problem(match advice {
                Some(advice) => problem.advice(advice),
                None => problem,
            });
        }
    }
    Ok(wanted)
}
