//! Reads what is needed, in as few requests as there can be.

use std::sync::Arc;

use futures::future::try_join_all;

use super::fact::DeletedAccounts;
use super::facts::{DirectoryFacts, Facts};
use super::needs::Needs;
use super::sources::{AccountsFault, Sources};
use crate::directory::UserQuery;
use crate::online::{AccountQuery, OnlineFault, Tenant};

/// After so many separate look-ups of users, the next one reads the whole directory.
const USER_LOOK_UPS: u32 = 32;

/// Reads facts from both backends. It remembers what single look-ups have cost: once that is what a
/// listing would cost, it lists.
pub struct Reader {
    sources: Arc<Sources>,
    user_look_ups: u32,
    online_requests: usize,
    online_count: Option<u64>,
}

impl Reader {
    /// A reader of these backends.
    pub fn new(sources: Arc<Sources>) -> Self {
        Self { sources, user_look_ups: 0, online_requests: 0, online_count: None }
    }

    /// The backends it reads.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// Reads what is needed and adds it to the facts.
    pub async fn read(&mut self, needs: Needs, facts: &mut Facts) -> Result<(), AccountsFault> {
        self.read_users(&needs, facts).await?;
        self.read_online(&needs, facts).await?;
        self.read_tenant(&needs, facts).await
    }

    async fn read_users(&mut self, needs: &Needs, facts: &mut Facts) -> Result<(), AccountsFault> {
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
        let all = needs.all_users || self.user_look_ups > USER_LOOK_UPS;
        if all && !facts.all_users {
            queries = vec![UserQuery::All];
        }
        if queries.is_empty() && !needs.directory && !needs.deleted_users {
            return Ok(());
        }
        let directory = self.sources.directory()?;
        for users in try_join_all(queries.into_iter().map(|query| directory.users(query))).await? {
            for user in users {
                facts.users.add(user);
            }
        }
        facts.all_users |= all;
        facts.absent_names.extend(needs.user_names.iter().cloned());
        facts.absent_guids.extend(needs.user_guids.iter().copied());
        facts.absent_links.extend(needs.user_links.iter().copied());
        if needs.deleted_users {
            facts.deleted_users = Some(directory.deleted_users().await?);
        }
        if needs.directory {
            let identity = directory.identity().await?;
            let policy = directory.password_policy().await?;
            let people = directory.count().await?;
            facts.directory = Some(DirectoryFacts { identity, policy, people });
        }
        Ok(())
    }

    async fn read_online(&mut self, needs: &Needs, facts: &mut Facts) -> Result<(), AccountsFault> {
        if facts.all_online || (needs.online.is_empty() && !needs.all_online) {
            return Ok(());
        }
        let tenant = self.sources.tenant()?;
        let query =
            if needs.all_online || self.listing_is_cheaper(&tenant, needs.online.len()).await? {
                AccountQuery::All
            } else {
                AccountQuery::Matching(needs.online.iter().cloned().collect())
            };
        facts.all_online = query == AccountQuery::All;
        for account in tenant.accounts(query).await? {
            // Its user will be asked for by whoever wants to know whose it is.
            facts.online.add(account);
        }
        facts.asked_online.extend(needs.online.iter().cloned());
        Ok(())
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

    async fn read_tenant(&self, needs: &Needs, facts: &mut Facts) -> Result<(), AccountsFault> {
        let wanted =
            [needs.licenses, needs.domains, needs.deleted, needs.organization, needs.roles];
        if !wanted.contains(&true) {
            return Ok(());
        }
        let tenant = self.sources.tenant()?;
        let licenses =
            async { Ok(if needs.licenses { Some(tenant.licenses().await?) } else { None }) };
        let domains =
            async { Ok(if needs.domains { Some(tenant.domains().await?) } else { None }) };
        let deleted =
            async { Ok(if needs.deleted { Some(tenant.deleted_accounts().await?) } else { None }) };
        let organization = async {
            Ok(if needs.organization { Some(tenant.organization().await?) } else { None })
        };
        let roles =
            async { Ok(if needs.roles { Some(tenant.role_holders().await?) } else { None }) };
        let (licenses, domains, deleted, organization, roles) =
            futures::try_join!(licenses, domains, deleted, organization, roles)
                .map_err(|fault: OnlineFault| AccountsFault::from(fault))?;
        facts.licenses = licenses.map(Arc::new).or(facts.licenses.take());
        facts.domains = domains.map(Arc::new).or(facts.domains.take());
        facts.deleted = deleted.map(DeletedAccounts::new).or(facts.deleted.take());
        facts.roles = roles.or(facts.roles.take());
        facts.organization = organization.or(facts.organization.take());
        Ok(())
    }
}
