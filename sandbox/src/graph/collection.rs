//! A collection that comes whole: domains, products, roles, …

use serde_json::{Map, Value, json};

use super::Desk;
use crate::call::Reply;
use crate::odata::filter::Filter;
use crate::odata::query::Query;
use crate::odata::select::Projection;
use crate::refusal::Refusal;
use crate::schema::Resource;

/// Answers with all the objects; `of` is the name in `@odata.context`.
pub(super) fn whole(
    desk: &Desk<'_>,
    resource: &'static Resource,
    of: &str,
    objects: &[Map<String, Value>],
) -> Result<Reply, Refusal> {
    let query = Query::parse(desk.call, &["$select", "$filter"])?;
    let projection = Projection::parse(query.get("$select"), resource)?;
    let filter = query.get("$filter").map(|text| Filter::parse(text, resource)).transpose()?;
    if let Some(operator) = filter.as_ref().and_then(Filter::advanced_operator) {
        return Err(Refusal::needs_advanced(operator));
    }
    let value: Vec<Value> = objects
        .iter()
        .filter(|object| filter.as_ref().is_none_or(|filter| filter.matches(object)))
        .map(|object| Value::Object(projection.apply(object)))
        .collect();
    Ok(Reply::json(
        200,
        json!({
            "@odata.context": desk.context(&format!("{of}{}", projection.suffix())),
            "value": value,
        }),
    ))
}

/// Answers with one object.
pub(super) fn single(
    desk: &Desk<'_>,
    resource: &'static Resource,
    of: &str,
    object: &Map<String, Value>,
) -> Result<Reply, Refusal> {
    let query = Query::parse(desk.call, &["$select"])?;
    let projection = Projection::parse(query.get("$select"), resource)?;
    let mut body = projection.apply(object);
    let context = desk.context(&format!("{of}{}/$entity", projection.suffix()));
    body.insert("@odata.context".to_owned(), context.into());
    Ok(Reply::json(200, Value::Object(body)))
}
