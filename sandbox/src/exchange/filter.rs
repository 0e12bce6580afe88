//! Which recipients a `Get-` cmdlet shows: one by identity, or all that a filter fits
//! (`exchange.md` §4, §11.7).

use serde_json::{Map, Value};

use super::command::Given;
use super::failure::Failure;
use super::recipient::{self, Recipient};
use super::{Desk, Output};

/// Answers with one or many recipients of these kinds.
pub(super) fn list(
    desk: &Desk<'_>,
    given: &Given,
    kinds: &[&str],
    show: impl Fn(&Recipient) -> Result<Map<String, Value>, Failure>,
) -> Result<Output, Failure> {
    let wanted: Vec<String> = given.list("RecipientTypeDetails");
    let kinds: Vec<&str> = kinds
        .iter()
        .copied()
        .filter(|kind| {
            wanted.is_empty() || wanted.iter().any(|each| each.eq_ignore_ascii_case(kind))
        })
        .collect();
    if let Some(identity) = given.text("Identity").filter(|text| !text.trim().is_empty()) {
        let found = recipient::get(desk, identity, &kinds)?;
        return Ok(Output::of(vec![Value::Object(show(&found)?)]));
    }
    // Nobody named: everybody (§0.10).
    let mut numbers = match given.text("Filter") {
        Some(filter) => Condition::parse(filter)?.numbers(desk, &kinds)?,
        None => recipient::numbers(desk, &kinds)?,
    };
    if let Some(start) = given.text("Anr") {
        let mut fitting = Vec::new();
        for no in numbers {
            let found = recipient::by_no(desk.state, no)?;
            let starts = |text: &str| text.to_lowercase().starts_with(&start.to_lowercase());
            if found.is_some_and(|each| starts(each.display_name()) || starts(each.text("Alias"))) {
                fitting.push(no);
            }
        }
        numbers = fitting;
    }
    let (numbers, mut output) = Output::part(desk, given, numbers)?;
    for no in numbers {
        if let Some(found) = recipient::by_no(desk.state, no)? {
            output.objects.push(Value::Object(show(&found)?));
        }
    }
    Ok(output)
}

/// One comparison; several are joined by `-and`.
struct Comparison {
    property: String,
    is_equal: bool,
    value: String,
}

struct Condition(Vec<Comparison>);

impl Condition {
    fn parse(filter: &str) -> Result<Self, Failure> {
        let refuse = || Failure::invalid_data(format!("Cannot parse the filter \"{filter}\"."));
        let mut rest = filter.trim();
        let mut all = Vec::new();
        loop {
            let mut words = rest.splitn(3, char::is_whitespace);
            let (property, operator, value) = (words.next(), words.next(), words.next());
            let (Some(property), Some(operator), Some(value)) = (property, operator, value) else {
                return Err(refuse());
            };
            let is_equal = match operator.to_ascii_lowercase().as_str() {
                "-eq" => true,
                "-ne" => false,
                _ => return Err(refuse()),
            };
            let (value, left) = quoted(value.trim_start()).ok_or_else(refuse)?;
            all.push(Comparison { property: property.to_owned(), is_equal, value });
            let left = left.trim();
            if left.is_empty() {
                return Ok(Self(all));
            }
            rest = left.strip_prefix("-and ").ok_or_else(refuse)?.trim_start();
        }
    }

    fn numbers(&self, desk: &Desk<'_>, kinds: &[&str]) -> Result<Vec<i64>, Failure> {
        let mut numbers = recipient::numbers(desk, kinds)?;
        for comparison in &self.0 {
            // By index, since the lists can be long.
            let fast = match comparison.property.to_ascii_lowercase().as_str() {
                "emailaddresses" if comparison.is_equal => {
                    let address = super::address::bare(&comparison.value);
                    let found = if address.contains('@') {
                        recipient::find(desk, address, kinds)?
                    } else {
                        None
                    };
                    let has = found.filter(|found| {
                        let all = found.addresses();
                        all.iter()
                            .any(|each| super::address::bare(each).eq_ignore_ascii_case(address))
                    });
                    Some(has.into_iter().map(|found| found.no).collect::<Vec<_>>())
                }
                "members" if comparison.is_equal => {
                    let member = recipient::find(desk, &comparison.value, recipient::ALL)?;
                    Some(groups_of(desk, member.map(|member| member.no))?)
                }
                _ => None,
            };
            if let Some(fast) = fast {
                numbers.retain(|no| fast.contains(no));
            } else {
                let mut fitting = Vec::new();
                for no in numbers {
                    let Some(found) = recipient::by_no(desk.state, no)? else { continue };
                    if comparison.fits(&found)? {
                        fitting.push(no);
                    }
                }
                numbers = fitting;
            }
        }
        Ok(numbers)
    }
}

impl Comparison {
    fn fits(&self, found: &Recipient) -> Result<bool, Failure> {
        let shown = found.shown();
        let property = shown.iter().find(|(name, _)| name.eq_ignore_ascii_case(&self.property));
        let (_, value) = property.ok_or_else(|| {
            Failure::invalid_data(format!("\"{}\" is not a filterable property.", self.property))
        })?;
        let same = |value: &Value| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text.eq_ignore_ascii_case(&self.value)
        };
        let is_equal = match value {
            Value::Array(list) => list.iter().any(same),
            value => same(value),
        };
        Ok(is_equal == self.is_equal)
    }
}

fn groups_of(desk: &Desk<'_>, member: Option<i64>) -> Result<Vec<i64>, Failure> {
    let mut statement = desk.state.prepare_cached(
        "SELECT group_no FROM group_members WHERE member_no = ?1 ORDER BY group_no",
    )?;
    let rows = statement.query_map([member], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// `'O''Neil' rest` is `O'Neil`, and the rest.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('\'')?;
    let mut value = String::new();
    let mut rest = inner;
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}
