//! The query string of a request, taken apart, and refused where it names what isn't there.

use std::collections::BTreeMap;

use crate::call::{Call, decode};
use crate::refusal::Refusal;

/// The query options a request may carry.
const OPTIONS: [&str; 10] = [
    "$select",
    "$filter",
    "$top",
    "$skip",
    "$count",
    "$orderby",
    "$search",
    "$expand",
    "$skiptoken",
    "$format",
];

/// Query options by name in lower case, values decoded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    options: BTreeMap<String, String>,
    /// As the client wrote it, for the link to the next page.
    raw: String,
}

impl Query {
    /// Takes the query apart; `allowed` are the options this path understands.
    pub(crate) fn parse(call: &Call, allowed: &[&str]) -> Result<Self, Refusal> {
        let mut options = BTreeMap::new();
        for pair in call.query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // A plus sign means a blank here: clients must encode it (`graph.md` §3).
            let name = decode(&name.replace('+', " "))?.to_ascii_lowercase();
            let value = decode(&value.replace('+', " "))?;
            if !OPTIONS.contains(&name.as_str()) {
                return Err(Refusal::bad_request(format!(
                    "Unrecognized query argument specified: '{name}'."
                )));
            }
            if !allowed.contains(&name.as_str()) {
                return Err(Refusal::bad_request(format!(
                    "'{name}' is not supported by the service."
                )));
            }
            if options.insert(name.clone(), value).is_some() {
                return Err(Refusal::malformed_url(format!(
                    "Query option '{name}' was specified more than once, but it must be specified at most once."
                )));
            }
        }
        Ok(Self { options, raw: call.query.clone() })
    }

    /// An option's value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    /// `$count=true`; anything but the two words is refused.
    pub(crate) fn count(&self) -> Result<bool, Refusal> {
        match self.get("$count").map(str::to_ascii_lowercase).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Refusal::malformed_url(format!(
                "Invalid value '{other}' for $count query option found."
            ))),
        }
    }

    /// `$top`, or the page size where none is asked for.
    pub(crate) fn page_size(&self) -> Result<usize, Refusal> {
        let Some(text) = self.get("$top") else { return Ok(DEFAULT_PAGE) };
        match text.parse() {
            Ok(size @ 1..=LARGEST_PAGE) => Ok(size),
            _ => Err(Refusal::bad_request(format!(
                "Invalid page size specified: '{text}'. Must be between 1 and {LARGEST_PAGE} inclusive."
            ))),
        }
    }

    /// The query with another page token, everything else as the client wrote it.
    pub(crate) fn continued(&self, token: &str) -> String {
        let mut kept: Vec<&str> = self
            .raw
            .split('&')
            .filter(|pair| {
                let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
                !pair.is_empty()
                    && !decode(name).is_ok_and(|name| name.eq_ignore_ascii_case("$skiptoken"))
            })
            .collect();
        let token = format!("$skiptoken={token}");
        kept.push(&token);
        kept.join("&")
    }
}

const DEFAULT_PAGE: usize = 100;
const LARGEST_PAGE: usize = 999;
