//! Reads what is needed, in as few requests as there can be.

use std::sync::Arc;

use futures::future::try_join_all;

use super::fact::DeletedAccounts;
use super::facts::{DirectoryFacts, Facts};
use super::needs::Needs;
use super::read_mail::MailReader;
use super::sources::{AccountsFault, Sources};
use crate::directory::UserQuery;
use crate::model::{DeletedAccount, DeletedUser, Domain, License, OnlineAccount, User};
use crate::online::{Access, AccountQuery, OnlineFault, Organization, RoleHolders, Tenant};

/// After so many separate look-ups of users, the next one reads the whole directory.
const USER_LOOK_UPS: u32 = 32;

/// Reads facts from both backends. It remembers what single look-ups have cost: once that is what a
/// listing would cost, it lists.
pub struct Reader {
    sources: Arc<Sources>,
    user_look_ups: u32,
    online_requests: usize,
    online_count: Option<u64>,
    mail: MailReader,
}

impl Reader {
    /// A reader of these backends.
    pub fn new(sources: Arc<Sources>) -> Self {
        Self {
            sources,
            user_look_ups: 0,
            online_requests: 0,
            online_count: None,
            mail: MailReader::default(),
        }
    }

    /// The backends it reads.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// Reads what is needed, from both sides at the same time, and adds it to the facts.
    pub async fn read(&mut self, needs: Needs, facts: &mut Facts) -> Result<(), AccountsFault> {
        let users = self.user_queries(&needs, facts);
        let online = self.online_query(&needs, facts).await?;
        let all_users = users.contains(&UserQuery::All);
        let all_online = online == Some(AccountQuery::All);
        let sources = &*self.sources;
        let (users, bin, directory, accounts, tenant) = futures::try_join!(
            read_users(sources, users),
            read_deleted_users(sources, needs.deleted_users),
            read_directory(sources, needs.directory),
            read_accounts(sources, online),
            read_tenant(sources, &needs),
        )?;
        for user in users {
            facts.users.add(user);
        }
        // Whose an account is will be asked by whoever wants to know.
        for account in accounts {
            facts.online.add(account);
        }
        facts.all_users |= all_users;
        facts.all_online |= all_online;
        facts.deleted_users = bin.or(facts.deleted_users.take());
        facts.directory = directory.or(facts.directory.take());
        if needs.passwords || needs.waiting_passwords {
            facts.has_waiting_passwords |= needs.waiting_passwords;
            let book = self.sources.passwords(facts.has_waiting_passwords).await?;
            facts.passwords = Some(book);
        }
        facts.licenses = tenant.licenses.map(Arc::new).or(facts.licenses.take());
        facts.domains = tenant.domains.map(Arc::new).or(facts.domains.take());
        facts.deleted = tenant.deleted.map(DeletedAccounts::new).or(facts.deleted.take());
        facts.organization = tenant.organization.or(facts.organization.take());
        facts.roles = tenant.roles.or(facts.roles.take());
        facts.access = tenant.access.or(facts.access.take());
        facts.absent_names.extend(needs.user_names);
        facts.absent_guids.extend(needs.user_guids);
        facts.absent_links.extend(needs.user_links);
        facts.asked_online.extend(needs.online);
        if !needs.mail.is_empty() {
            let tenant = self.sources.tenant()?;
            self.mail.read(&tenant, needs.mail, &mut facts.mail).await?;
        }
        Ok(())
    }

    fn user_queries(&mut self, needs: &Needs, facts: &Facts) -> Vec<UserQuery> {
        let mut queries = Vec::new();
        if !needs.user_names.is_empty() {
            queries.push(UserQuery::Names(needs.user_names.iter().cloned().collect()));
        }
        if !needs.user_guids.is_empty() {
            queries.push(UserQuery::Guids(needs.user_guids.iter().copied().collect()));
        }
        if !needs.user_links.is_empty() {
            queries.push(UserQuery::Links(needs.user_links.iter().copied().collect()));
        }
        self.user_look_ups += u32::try_from(queries.len()).unwrap_or(u32::MAX);
        if facts.all_users {
            return Vec::new();
        }
        if needs.all_users || self.user_look_ups > USER_LOOK_UPS {
            return vec![UserQuery::All];
        }
        queries
    }

    async fn online_query(
        &mut self,
        needs: &Needs,
        facts: &Facts,
    ) -> Result<Option<AccountQuery>, AccountsFault> {
        if facts.all_online || (needs.online.is_empty() && !needs.all_online) {
            return Ok(None);
        }
        let tenant = self.sources.tenant()?;
        if needs.all_online || self.listing_is_cheaper(&tenant, needs.online.len()).await? {
            return Ok(Some(AccountQuery::All));
        }
        Ok(Some(AccountQuery::Matching(needs.online.iter().cloned().collect())))
    }

    /// Whether reading every online account takes no more requests than these keys and the earlier
    /// ones together.
    async fn listing_is_cheaper(
        &mut self,
        tenant: &Tenant,
        keys: usize,
    ) -> Result<bool, AccountsFault> {
        let asked = self.online_requests + tenant.requests_for(keys);
        if asked <= 1 {
            self.online_requests = asked;
            return Ok(false);
        }
        let count = match self.online_count {
            Some(count) => count,
            None => *self.online_count.insert(tenant.account_count().await?),
        };
        if asked >= Tenant::pages_for(count) {
            return Ok(true);
        }
        self.online_requests = asked;
        Ok(false)
    }
}

async fn read_users(
    sources: &Sources,
    queries: Vec<UserQuery>,
) -> Result<Vec<User>, AccountsFault> {
    if queries.is_empty() {
        return Ok(Vec::new());
    }
    let directory = sources.directory()?;
    let lists = try_join_all(queries.into_iter().map(|query| directory.users(query))).await?;
    Ok(lists.into_iter().flatten().collect())
}

async fn read_deleted_users(
    sources: &Sources,
    wanted: bool,
) -> Result<Option<Vec<DeletedUser>>, AccountsFault> {
    if !wanted {
        return Ok(None);
    }
    Ok(Some(sources.directory()?.deleted_users().await?))
}

async fn read_directory(
    sources: &Sources,
    wanted: bool,
) -> Result<Option<DirectoryFacts>, AccountsFault> {
    if !wanted {
        return Ok(None);
    }
    let directory = sources.directory()?;
    Ok(Some(DirectoryFacts {
        identity: directory.identity().await?,
        passwords: directory.password_rules().await?,
        rules: directory.rules().await?,
        people: directory.count().await?,
    }))
}

async fn read_accounts(
    sources: &Sources,
    query: Option<AccountQuery>,
) -> Result<Vec<OnlineAccount>, AccountsFault> {
    match query {
        Some(query) => Ok(sources.tenant()?.accounts(query).await?),
        None => Ok(Vec::new()),
    }
}

/// Facts about the tenant as a whole, those that were asked for.
#[derive(Default)]
struct TenantFacts {
    licenses: Option<Vec<License>>,
    domains: Option<Vec<Domain>>,
    deleted: Option<Vec<DeletedAccount>>,
    organization: Option<Organization>,
    roles: Option<RoleHolders>,
    access: Option<Access>,
}

async fn read_tenant(sources: &Sources, needs: &Needs) -> Result<TenantFacts, AccountsFault> {
    let wanted = [
        needs.licenses,
        needs.domains,
        needs.deleted,
        needs.organization,
        needs.roles,
        needs.access,
    ];
    if !wanted.contains(&true) {
        return Ok(TenantFacts::default());
    }
    let tenant = sources.tenant()?;
    let licenses = async { Ok(if needs.licenses { Some(tenant.licenses().await?) } else { None }) };
    let domains = async { Ok(if needs.domains { Some(tenant.domains().await?) } else { None }) };
    let deleted =
        async { Ok(if needs.deleted { Some(tenant.deleted_accounts().await?) } else { None }) };
    let organization =
        async { Ok(if needs.organization { Some(tenant.organization().await?) } else { None }) };
    let roles = async { Ok(if needs.roles { Some(tenant.role_holders().await?) } else { None }) };
    let (licenses, domains, deleted, organization, roles) =
        futures::try_join!(licenses, domains, deleted, organization, roles)
            .map_err(|fault: OnlineFault| AccountsFault::from(fault))?;
    // After the others, which have signed in and waited where the tenant was busy.
    let access = if needs.access { Some(tenant.access().await?) } else { None };
    Ok(TenantFacts { licenses, domains, deleted, organization, roles, access })
}
