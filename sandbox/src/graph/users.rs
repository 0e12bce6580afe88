//! Reading users: one, many, how many.

use serde_json::{Map, Value, json};

use super::{Desk, licenses};
use crate::call::{Content, Reply};
use crate::odata::filter::Filter;
use crate::odata::page;
use crate::odata::query::Query;
use crate::odata::search::Search;
use crate::odata::select::Projection;
use crate::permission::READ_USERS;
use crate::refusal::Refusal;
use crate::schema::{Kind, USER};
use crate::state::former;
use crate::state::users::{self, Cursor, Document, Order, Scan, User};

/// How many users one page looks through at most; beyond, it comes short with a link to the rest.
const LOOKED_THROUGH: usize = 20_000;

/// The live user whom a write's path names by id or user principal name, if others see it by now.
pub(super) fn find(desk: &Desk<'_>, name: &str) -> Result<User, Refusal> {
    let found = if uuid::Uuid::parse_str(name).is_ok() {
        users::by_id(desk.state, name)?
    } else {
        users::by_principal_name(desk.state, name)?
    };
    found
        .filter(|user| user.deleted_at.is_none() && user.visible_at <= desk.now)
        .ok_or_else(|| Refusal::not_found(name))
}

/// The user whom a read's path names, as others see it by now: perhaps as it was, or one that is
/// deleted already.
pub(super) fn seen(desk: &Desk<'_>, name: &str) -> Result<User, Refusal> {
    let is_id = uuid::Uuid::parse_str(name).is_ok();
    let known_as = if is_id { None } else { former::named(desk.state, name, desk.now)? };
    let found = match known_as {
        Some(id) => users::by_id(desk.state, &id)?,
        None if is_id => users::by_id(desk.state, name)?,
        None => users::by_principal_name(desk.state, name)?,
    };
    let mut user =
        found.filter(|user| user.visible_at <= desk.now).ok_or_else(|| Refusal::not_found(name))?;
    if let Some(document) = former::read(desk.state, user.seq, desk.now)? {
        user = User { document, deleted_at: None, ..user };
    }
    let has_name = |user: &User| {
        users::text(&user.document, "userPrincipalName")
            .is_some_and(|own| own.to_lowercase() == name.to_lowercase())
    };
    if user.deleted_at.is_none() && (is_id || has_name(&user)) {
        Ok(user)
    } else {
        Err(Refusal::not_found(name))
    }
}

/// Lets others see the user as it is for a while, whatever is written to it now.
pub(super) fn let_linger(desk: &Desk<'_>, user: &User) -> Result<(), Refusal> {
    if desk.lag == 0 {
        return Ok(());
    }
    former::keep(desk.state, user.seq, desk.now, desk.seen_by_others())
}

/// A user's answer: the projection of what is kept, without a password even by name.
pub(super) fn show(
    desk: &Desk<'_>,
    projection: &Projection,
    document: &Document,
) -> Result<Map<String, Value>, Refusal> {
    let mut shown = projection.apply(document);
    if let Some(Value::Object(profile)) = shown.get_mut("passwordProfile") {
        profile.insert("password".to_owned(), Value::Null);
    }
    if projection.shows("assignedPlans") {
        let plans = licenses::assigned_plans(desk, document)?;
        shown.insert("assignedPlans".to_owned(), plans);
    }
    Ok(shown)
}

/// The answer that holds one user.
pub(super) fn entity(
    desk: &Desk<'_>,
    status: u16,
    projection: &Projection,
    document: &Document,
) -> Result<Reply, Refusal> {
    let mut body = show(desk, projection, document)?;
    let context = desk.context(&format!("users{}/$entity", projection.suffix()));
    body.insert("@odata.context".to_owned(), context.into());
    Ok(Reply::json(status, Value::Object(body)))
}

pub(super) fn get(desk: &Desk<'_>, name: &str) -> Result<Reply, Refusal> {
    desk.granted.require(READ_USERS)?;
    let query = Query::parse(desk.call, &["$select"])?;
    let projection = Projection::parse(query.get("$select"), &USER)?;
    let user = seen(desk, name)?;
    entity(desk, 200, &projection, &user.document)
}

/// What a listing leaves out, and in which order the rest comes.
struct Listing {
    filter: Option<Filter>,
    search: Option<Search>,
    order: Order,
    deleted: bool,
    counts: bool,
}

impl Listing {
    fn parse(desk: &Desk<'_>, query: &Query, deleted: bool) -> Result<Self, Refusal> {
        let eventual = desk.call.eventual();
        let counts = query.count()? && eventual;
        let filter = query.get("$filter").map(|text| Filter::parse(text, &USER)).transpose()?;
        if let Some(operator) = filter.as_ref().and_then(Filter::advanced_operator)
            && !counts
        {
            return Err(Refusal::needs_advanced(operator));
        }
        let search = match query.get("$search") {
            Some(_) if !eventual => {
                return Err(Refusal::unsupported_query(
                    "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
                ));
            }
            Some(text) => Some(Search::parse(text, &USER)?),
            None => None,
        };
        let order = match query.get("$orderby") {
            Some(text) => order(text, counts, filter.is_some())?,
            None => Order::Made,
        };
        Ok(Self { filter, search, order, deleted, counts })
    }

    fn holds(&self, document: &Document) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches(document))
            && self.search.as_ref().is_none_or(|search| search.matches(document))
    }

    fn count(&self, desk: &Desk<'_>) -> Result<i64, Refusal> {
        if self.filter.is_none() && self.search.is_none() {
            let (live, deleted) = users::count(desk.state, desk.now)?;
            return Ok(if self.deleted { deleted } else { live });
        }
        let mut count = 0;
        let narrow = self.filter.as_ref().and_then(Filter::narrow);
        let scan = Scan {
            deleted: self.deleted,
            now: desk.now,
            narrow: narrow.as_ref(),
            order: &Order::Made,
            after: None,
        };
        users::each(desk.state, &scan, |_, document| {
            count += i64::from(self.holds(&document));
            Ok(true)
        })?;
        Ok(count)
    }

    /// The documents of one page, and where the next one begins if there is more.
    fn page(
        &self,
        desk: &Desk<'_>,
        after: Option<&Cursor>,
        size: usize,
        projection: &Projection,
    ) -> Result<(Vec<Value>, Option<Cursor>), Refusal> {
        let narrow = self.filter.as_ref().and_then(Filter::narrow);
        let scan = Scan {
            deleted: self.deleted,
            now: desk.now,
            narrow: narrow.as_ref(),
            order: &self.order,
            after,
        };
        let (mut items, mut last, mut next, mut looked) = (Vec::new(), None, None, 0);
        users::each(desk.state, &scan, |cursor, document| {
            looked += 1;
            if self.holds(&document) {
                if items.len() == size {
                    next = last.take();
                    return Ok(false);
                }
                items.push(Value::Object(show(desk, projection, &document)?));
                last = Some(cursor);
            } else if looked >= LOOKED_THROUGH {
                next = Some(cursor);
                return Ok(false);
            }
            Ok(true)
        })?;
        Ok((items, next))
    }
}

/// `$orderby`: what it needs is `graph.md` §3's.
fn order(text: &str, advanced: bool, filtered: bool) -> Result<Order, Refusal> {
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or_default();
    let descending = match words.next().map(str::to_ascii_lowercase).as_deref() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => {
            return Err(Refusal::malformed_url(format!("Syntax error in $orderby '{text}'.")));
        }
    };
    if name.contains(',') || words.next().is_some() {
        return Err(Refusal::unsupported_query(
            "Sorting by more than one property is not supported.",
        ));
    }
    let property = USER.property(name).ok_or_else(|| {
        Refusal::malformed_url(format!(
            "Could not find a property named '{name}' on type '{}'.",
            USER.type_name
        ))
    })?;
    let simple = matches!(property.name, "displayName" | "userPrincipalName");
    let sortable = simple
        || matches!(property.kind, Kind::Text(_) | Kind::Time) && property.supports("ge")
        || property.name == "deletedDateTime";
    if !sortable || !advanced && (filtered || !simple) {
        return Err(Refusal::unsupported_query(format!(
            "Sorting not supported for current query: property '{name}'."
        )));
    }
    Ok(Order::Text { property: property.name, descending })
}

pub(super) fn list(desk: &Desk<'_>) -> Result<Reply, Refusal> {
    desk.granted.require(READ_USERS)?;
    listing(desk, false)
}

/// A page of live or deleted users.
pub(super) fn listing(desk: &Desk<'_>, deleted: bool) -> Result<Reply, Refusal> {
    let query = Query::parse(
        desk.call,
        &["$select", "$filter", "$top", "$count", "$orderby", "$search", "$skiptoken"],
    )?;
    let projection = Projection::parse(query.get("$select"), &USER)?;
    projection.check_for_collection()?;
    let size = query.page_size()?;
    let listing = Listing::parse(desk, &query, deleted)?;
    let after = query.get("$skiptoken").map(page::read).transpose()?;
    let (items, next) = listing.page(desk, after.as_ref(), size, &projection)?;
    let mut body = json!({
        "@odata.context": desk.context(&format!("users{}", projection.suffix())),
        "value": items,
    });
    if listing.counts && after.is_none() {
        body["@odata.count"] = listing.count(desk)?.into();
    }
    if let Some(next) = next {
        let path = desk.call.path.trim_end_matches('/');
        let query = query.continued(&page::write(&next)?);
        body["@odata.nextLink"] = format!("{}{path}?{query}", desk.call.origin).into();
    }
    Ok(Reply::json(200, body))
}

/// `/users/$count`: an advanced query whatever it asks.
pub(super) fn count(desk: &Desk<'_>) -> Result<Reply, Refusal> {
    desk.granted.require(READ_USERS)?;
    if !desk.call.eventual() {
        return Err(Refusal::bad_request("$count is not currently supported."));
    }
    let query = Query::parse(desk.call, &["$filter", "$search"])?;
    let filter = query.get("$filter").map(|text| Filter::parse(text, &USER)).transpose()?;
    let search = query.get("$search").map(|text| Search::parse(text, &USER)).transpose()?;
    let listing = Listing { filter, search, order: Order::Made, deleted: false, counts: true };
    let count = listing.count(desk)?;
    Ok(Reply { status: 200, headers: Vec::new(), content: Content::Text(count.to_string()) })
}
