//! The online half that is wanted: its online ID and domain, its licences.

use deunicode::deunicode;
use serde::{Deserialize, Serialize};

use crate::accounts::R;
use crate::model::{
    Authentication, CountryCode, Domain, DomainName, Field, LicenseName, OnlineId, PasswordHome,
    Problem, UserName, nearest,
};
use crate::plan::edit::Edits;
use crate::plan::view::View;

/// The online ID that is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnlineName {
    /// Made from the user name.
    #[default]
    Suggested,
    /// This name, in the domain that new accounts go to.
    Local(String),
    /// Exactly this.
    Full(OnlineId),
}

/// The online half that is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Where the person changes the password.
    #[serde(default, skip_serializing_if = "PasswordHome::is_online")]
    pub password_home: PasswordHome,
}

impl OnlineWish {
    /// The online ID, or `None` after a problem.
    pub(super) fn online_id(
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
                        format!("the online ID {text} can't be used: {reason}"),
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
