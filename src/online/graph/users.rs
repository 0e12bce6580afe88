//! `/users`: online accounts (`graph.md §3, §4, §5`).

use std::collections::HashSet;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::filter::{CLAUSES, filters};
use super::object::Object;
use super::paging::{PAGE_SIZE, collect};
use crate::model::{
    Anchor, AssignedLicense, Details, EmailAddress, Field, ObjectId, OnlineAccount, OnlineId,
    Secret, ServiceId, SkuId, UserType,
};
use crate::online::http::Call;
use crate::online::{OnlineFault, Outcome, Tenant};

/// Which online accounts to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountQuery {
    /// All of them.
    All,
    /// Those that have one of the keys; keys that nobody has are left out.
    Matching(Vec<AccountKey>),
}

/// What an account is found by. Texts are compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AccountKey {
    /// The identity.
    Id(ObjectId),
    /// The sign-in name.
    OnlineId(OnlineId),
    /// The anchor.
    Anchor(Anchor),
    /// The display name, which several may have.
    DisplayName(String),
    /// The personnel number.
    EmployeeId(String),
    /// The primary e-mail address.
    Email(EmailAddress),
}

/// An online account to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewOnlineAccount {
    /// Its sign-in name.
    pub online_id: OnlineId,
    /// The alias of a later mailbox (`graph.md §4.2`).
    pub mail_nickname: String,
    /// Its texts. Without a display name it gets the online ID's local part, as one is required.
    pub details: Details,
    /// Whose it is: written by the same request, so that a lost answer can be made good.
    pub anchor: Anchor,
    /// Whether sign-in is open.
    pub can_sign_in: bool,
    /// Whether the password must be changed at the first sign-in.
    pub must_change_password: bool,
    /// Whether its password expires as the domain has it (`graph.md §5`), and not never.
    pub password_expires: bool,
}

/// How Graph keeps a text.
#[derive(Clone, Copy)]
enum Shape {
    /// As a text.
    Text,
    /// As the first of a list.
    First,
}

/// A person's texts and Graph's names for them.
static PROPERTIES: &[(Field, &str, Shape)] = &[
    (Field::DisplayName, "displayName", Shape::Text),
    (Field::FirstName, "givenName", Shape::Text),
    (Field::LastName, "surname", Shape::Text),
    (Field::EmployeeId, "employeeId", Shape::Text),
    (Field::JobTitle, "jobTitle", Shape::Text),
    (Field::Department, "department", Shape::Text),
    (Field::Company, "companyName", Shape::Text),
    (Field::Office, "officeLocation", Shape::Text),
    (Field::Phone, "businessPhones", Shape::First),
    (Field::Mobile, "mobilePhone", Shape::Text),
    (Field::Fax, "faxNumber", Shape::Text),
    (Field::Street, "streetAddress", Shape::Text),
    (Field::City, "city", Shape::Text),
    (Field::State, "state", Shape::Text),
    (Field::PostalCode, "postalCode", Shape::Text),
    (Field::Country, "country", Shape::Text),
    (Field::UsageLocation, "usageLocation", Shape::Text),
    (Field::AlternateEmail, "otherMails", Shape::First),
    (Field::PreferredLanguage, "preferredLanguage", Shape::Text),
];

/// What is read of an account besides its texts.
const OTHERS: &str = "id,userPrincipalName,accountEnabled,userType,mail,assignedLicenses,\
                      onPremisesImmutableId,onPremisesSyncEnabled,createdDateTime,\
                      lastPasswordChangeDateTime,licenseAssignmentStates";

impl Tenant {
    /// How many accounts there are, guests included, by an index that may lag.
    pub async fn account_count(&self) -> Result<u64, OnlineFault> {
        let answer = self.http.send(Call::get("/users/$count").eventual()).await?;
        let text = String::from_utf8_lossy(answer.body());
        // The text may begin with a byte order mark.
        let digits = text.trim_start_matches('\u{feff}').trim();
        let count = digits
            .parse()
            .map_err(|_| OnlineFault::bad_answer("the number of users is not a whole number"))?;
        self.http.tenant_has(count);
        Ok(count)
    }

    /// The accounts that the query means, each once.
    pub async fn accounts(&self, query: AccountQuery) -> Result<Vec<OnlineAccount>, OnlineFault> {
        let first = format!("/users?$select={}&$top={PAGE_SIZE}", selected());
        let mut found = match query {
            AccountQuery::All => collect(&self.http, Call::get(first), "user", read).await?,
            AccountQuery::Matching(keys) => {
                let lists = stream::iter(filters(&keys))
                    .map(|filter| Call::look_up(format!("{first}&$filter={filter}")))
                    .map(|call| collect(&self.http, call, "user", read))
                    .buffered(self.http.calls_at_once())
                    .try_collect::<Vec<_>>()
                    .await?;
                lists.into_iter().flatten().collect()
            }
        };
        let mut seen = HashSet::with_capacity(found.len());
        found.retain(|account| seen.insert(account.id));
        Ok(found)
    }

    /// How many requests [`AccountQuery::Matching`] takes for that many keys; more only if the keys
    /// are very long.
    pub fn requests_for(&self, keys: usize) -> usize {
        keys.div_ceil(CLAUSES)
    }

    /// How many requests [`AccountQuery::All`] takes in a tenant of that many accounts.
    pub fn pages_for(accounts: u64) -> usize {
        usize::try_from(accounts).unwrap_or(usize::MAX).div_ceil(PAGE_SIZE).max(1)
    }

    /// Makes an account and gives its identity.
    ///
    /// An answer without that identity is a fault whose outcome is unknown: the account may be
    /// there.
    pub async fn create_account(
        &self,
        new: &NewOnlineAccount,
        password: &Secret,
    ) -> Result<ObjectId, OnlineFault> {
        let texts = new.details.iter().map(|(field, text)| property((field, Some(text))));
        let mut body = texts.collect::<Result<Map<_, _>, _>>()?;
        body.entry("displayName").or_insert_with(|| json!(new.online_id.local_part()));
        body.insert("userPrincipalName".to_owned(), json!(new.online_id));
        body.insert("mailNickname".to_owned(), json!(new.mail_nickname));
        body.insert("accountEnabled".to_owned(), json!(new.can_sign_in));
        body.insert("onPremisesImmutableId".to_owned(), json!(new.anchor));
        body.insert("passwordProfile".to_owned(), profile(password, new.must_change_password));
        if !new.password_expires {
            body.insert("passwordPolicies".to_owned(), json!("DisablePasswordExpiration"));
        }
        let answer = self
            .http
            .send(Call::post("/users", Value::Object(body)))
            .await
            .map_err(|fault| fault.without(password.expose()))?;
        Object::read(answer.body(), "new user")
            .and_then(|object| object.id())
            .map_err(|fault| fault.with_outcome(Outcome::Unknown))
    }

    /// Writes the given texts and leaves the others as they are.
    pub async fn update_account(&self, id: ObjectId, details: &Details) -> Result<(), OnlineFault> {
        self.set_texts(id, details.iter().map(|(field, text)| (field, Some(text)))).await
    }

    /// Writes the given texts and leaves the others as they are; `None` clears one. Graph replaces the
    /// whole list of office phones and of alternate addresses by the one given.
    pub async fn set_texts(
        &self,
        id: ObjectId,
        texts: impl IntoIterator<Item = (Field, Option<&str>)>,
    ) -> Result<(), OnlineFault> {
        let body = texts.into_iter().map(property).collect::<Result<Map<_, _>, _>>()?;
        if body.is_empty() {
            return Ok(());
        }
        self.patch(id, Value::Object(body)).await
    }

    /// Gives the account another sign-in name.
    pub async fn rename_account(&self, id: ObjectId, name: &OnlineId) -> Result<(), OnlineFault> {
        self.patch(id, json!({ "userPrincipalName": name })).await
    }

    /// Opens or blocks sign-in, alone in its request: it has a permission of its own
    /// (`graph.md §4.4`).
    pub async fn set_sign_in(&self, id: ObjectId, open: bool) -> Result<(), OnlineFault> {
        self.patch(id, json!({ "accountEnabled": open })).await
    }

    /// Says whom the account reports to; `None` is nobody (`graph.md §4.4`).
    pub async fn set_manager(
        &self,
        id: ObjectId,
        manager: Option<ObjectId>,
    ) -> Result<(), OnlineFault> {
        let target = format!("/users/{id}/manager/$ref");
        let call = match manager {
            Some(manager) => {
                let reference = format!("{}/users/{manager}", self.http.graph_url());
                Call::put(target, json!({ "@odata.id": reference }))
            }
            None => Call::delete(target),
        };
        self.http.send(call).await?;
        Ok(())
    }

    /// Ends all sessions of the account, with a delay of some minutes (`graph.md §10`).
    pub async fn sign_out(&self, id: ObjectId) -> Result<(), OnlineFault> {
        let target = format!("/users/{id}/revokeSignInSessions");
        self.http.send(Call::act(target)).await?;
        Ok(())
    }

    /// Puts the account into the tenant's recycle bin.
    pub async fn delete_account(&self, id: ObjectId) -> Result<(), OnlineFault> {
        self.http.send(Call::delete(format!("/users/{id}"))).await?;
        Ok(())
    }

    /// Writes the anchor, or empties it.
    pub async fn set_anchor(
        &self,
        id: ObjectId,
        anchor: Option<&Anchor>,
    ) -> Result<(), OnlineFault> {
        self.patch(id, json!({ "onPremisesImmutableId": anchor })).await
    }

    /// Sets the password, alone in its request: with anything else beside it a missing permission
    /// for the one would refuse the other as well (`graph.md §4.4`).
    pub async fn set_password(
        &self,
        id: ObjectId,
        password: &Secret,
        must_change: bool,
    ) -> Result<(), OnlineFault> {
        self.patch(id, json!({ "passwordProfile": profile(password, must_change) }))
            .await
            .map_err(|fault| fault.without(password.expose()))
    }

    async fn patch(&self, id: ObjectId, body: Value) -> Result<(), OnlineFault> {
        self.http.send(Call::patch(format!("/users/{id}"), body)).await?;
        Ok(())
    }
}

fn profile(password: &Secret, must_change: bool) -> Value {
    json!({ "password": password.expose(), "forceChangePasswordNextSignIn": must_change })
}

/// A text as Graph takes it.
fn property((field, text): (Field, Option<&str>)) -> Result<(String, Value), OnlineFault> {
    let (_, name, shape) = PROPERTIES
        .iter()
        .find(|(known, ..)| *known == field)
        .ok_or_else(|| OnlineFault::setting(field.name(), "is no text of an account"))?;
    let value = match shape {
        Shape::Text => json!(text),
        Shape::First => text.into_iter().collect(),
    };
    Ok(((*name).to_owned(), value))
}

/// Everything that [`read`] reads.
pub(super) fn selected() -> String {
    let texts = PROPERTIES.iter().map(|(_, name, _)| *name);
    std::iter::once(OTHERS).chain(texts).collect::<Vec<_>>().join(",")
}

pub(super) fn read(mut object: Object) -> Result<OnlineAccount, OnlineFault> {
    let text = |(field, name, shape): &(Field, &str, Shape)| {
        let text = match shape {
            Shape::Text => object.text_or_null(name)?,
            Shape::First => object.texts(name)?.into_iter().next(),
        };
        Ok((*field, text.unwrap_or_default()))
    };
    let details = PROPERTIES.iter().map(text).collect::<Result<_, OnlineFault>>()?;
    Ok(OnlineAccount {
        id: object.id()?,
        online_id: OnlineId::received(object.text("userPrincipalName")?),
        details,
        can_sign_in: object.flag("accountEnabled")?,
        user_type: object.text_or_null("userType")?.and_then(|kind| match kind.as_str() {
            "Member" => Some(UserType::Member),
            "Guest" => Some(UserType::Guest),
            _ => None,
        }),
        email: filled(object.text_or_null("mail")?).map(EmailAddress::received),
        licenses: object
            .objects("assignedLicenses", "assigned licence")?
            .into_iter()
            .map(assigned)
            .collect::<Result<_, _>>()?,
        inherited: inherited(&mut object)?,
        anchor: filled(object.text_or_null("onPremisesImmutableId")?).map(Anchor::received),
        // Null is what an account has that was never synchronised (`graph.md §4.3`).
        is_synchronized: object.flag_or_null("onPremisesSyncEnabled")?.unwrap_or(false),
        created: object.time_or_null("createdDateTime")?,
        last_password_change: object.time_or_null("lastPasswordChangeDateTime")?,
    })
}

/// Products that only a group assigns (`graph.md §7.2`).
fn inherited(object: &mut Object) -> Result<Vec<SkuId>, OnlineFault> {
    let (mut by_group, mut direct) = (Vec::new(), Vec::new());
    for mut state in object.objects("licenseAssignmentStates", "licence assignment")? {
        let sku = state.parsed("skuId")?;
        match filled(state.text_or_null("assignedByGroup")?) {
            Some(_) => by_group.push(sku),
            None => direct.push(sku),
        }
    }
    by_group.retain(|sku| !direct.contains(sku));
    Ok(by_group)
}

fn assigned(mut object: Object) -> Result<AssignedLicense, OnlineFault> {
    let mut disabled: Vec<ServiceId> = object
        .texts("disabledPlans")?
        .iter()
        .map(|id| {
            id.parse().map_err(|_| object.wrong("disabledPlans", "has something else than ids"))
        })
        .collect::<Result<_, _>>()?;
    // It is a set, whose order means nothing.
    disabled.sort_unstable();
    Ok(AssignedLicense { sku: object.parsed("skuId")?, disabled })
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
