//! The paths under `/v1.0`: who may ask, what is meant, and which file answers.
//!
//! A new path is an arm in `route.rs`, an arm in [`operate`], and its function in the file of its
//! resource. Functions get a [`Desk`] and give an answer or a [`Refusal`]; a refusal undoes every
//! write, since the desk's transaction is only kept when there is an answer.

mod collection;
mod create_user;
mod delete_user;
mod deleted_items;
mod directory_roles;
pub(crate) mod license_states;
mod licenses;
mod mailbox;
mod passwords;
mod reporting_line;
pub(crate) mod route;
mod tenant_facts;
mod update_user;
mod user_fields;
mod users;

pub(crate) use deleted_items::expire as expire_deleted;
use hyper::Method;
use rusqlite::Connection;

use crate::call::{Call, Reply};
use crate::clock::Moment;
use crate::permission::Granted;
use crate::refusal::Refusal;
use route::Route;

/// Everything a function needs to answer.
pub(crate) struct Desk<'a> {
    /// Inside a transaction.
    pub(crate) state: &'a Connection,
    pub(crate) call: &'a Call,
    pub(crate) now: Moment,
    pub(crate) granted: &'a Granted,
    /// How much later others see what is created now, in milliseconds.
    pub(crate) lag: i64,
}

impl Desk<'_> {
    /// When others find what is made now by its id, and when in lists.
    pub(crate) fn seen_by_others(&self) -> (Moment, Moment) {
        // Lists come from an index that lags more (`graph.md` §14).
        let later = self.lag.saturating_mul(2);
        (self.now.plus_millis(self.lag), self.now.plus_millis(later))
    }

    /// `@odata.context` of an answer.
    pub(crate) fn context(&self, of: &str) -> String {
        format!("{}/v1.0/$metadata#{of}", self.call.origin)
    }
}

/// Answers a request whose path and method were found to go together.
pub(crate) fn operate(desk: &Desk<'_>, route: &Route) -> Result<Reply, Refusal> {
    match (&desk.call.method, route) {
        (&Method::GET, Route::Users) => users::list(desk),
        (&Method::POST, Route::Users) => create_user::create(desk),
        (&Method::GET, Route::UsersCount) => users::count(desk),
        (&Method::GET, Route::User(name)) => users::get(desk, name),
        (&Method::PATCH, Route::User(name)) => update_user::update(desk, name),
        (&Method::DELETE, Route::User(name)) => delete_user::delete(desk, name),
        (&Method::GET, Route::Manager(name)) => reporting_line::get(desk, name),
        (&Method::PUT, Route::ManagerReference(name)) => reporting_line::put(desk, name),
        (&Method::DELETE, Route::ManagerReference(name)) => reporting_line::clear(desk, name),
        (&Method::POST, Route::AssignLicense(name)) => licenses::assign(desk, name),
        (&Method::GET, Route::LicenseDetails(name)) => licenses::details(desk, name),
        (&Method::POST, Route::RevokeSignInSessions(name)) => update_user::revoke(desk, name),
        (&Method::GET, Route::SubscribedSkus) => licenses::list_skus(desk),
        (&Method::GET, Route::SubscribedSku(id)) => licenses::get_sku(desk, id),
        (&Method::GET, Route::Domains) => tenant_facts::list_domains(desk),
        (&Method::GET, Route::Domain(name)) => tenant_facts::get_domain(desk, name),
        (&Method::GET, Route::Organizations) => tenant_facts::list_organizations(desk),
        (&Method::GET, Route::Organization(id)) => tenant_facts::get_organization(desk, id),
        (&Method::GET, Route::DirectoryRoles) => directory_roles::list(desk),
        (&Method::GET, Route::DirectoryRole(id)) => directory_roles::get(desk, id),
        (&Method::GET, Route::RoleMembers(id)) => directory_roles::members(desk, id),
        (&Method::GET, Route::DeletedUsers) => deleted_items::list(desk),
        (&Method::GET, Route::DeletedItem(id)) => deleted_items::get(desk, id),
        (&Method::DELETE, Route::DeletedItem(id)) => deleted_items::purge(desk, id),
        (&Method::POST, Route::Restore(id)) => deleted_items::restore(desk, id),
        _ => Err(Refusal::method_not_allowed()),
    }
}
