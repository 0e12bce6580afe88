//! Exchange Online of the same tenant: the admin API's `InvokeCommand` (`exchange.md`).
//!
//! `POST /exchange/adminapi/beta/{tenant}/InvokeCommand`, with a token for its own resource. A cmdlet is a
//! [`Cmdlet`] in the file of what it is about, and a line in [`CMDLETS`]. It gets a [`Desk`] and gives an
//! [`Output`] or a [`Failure`], which undoes what it wrote.
//!
//! * `behavior`: what `PUT /sandbox/exchange` changes
//! * `command`, `page`, `failure`: how it is asked, cut, refused
//! * `life`: when mailboxes come and go; `address`: who may have which address
//! * `recipient`: what is kept, and finding it; `filter`: which of them a `Get-` shows
//! * `mailboxes`, `groups`, `members`, `permissions`, `others`: the cmdlets

mod address;
mod behavior;
mod command;
mod failure;
mod filter;
mod groups;
mod life;
mod mailboxes;
mod members;
mod others;
mod page;
mod permissions;
mod recipient;

use std::borrow::Cow;

pub(crate) use behavior::{delay_mailboxes, turn};
use hyper::Method;
use rusqlite::{Connection, TransactionBehavior};
use serde_json::{Map, Value, json};

use crate::TENANT_ID;
use crate::call::{Call, Reply, decode};
use crate::clock::{self, Moment};
use crate::permission::EXCHANGE_AS_APP;
use crate::refusal::Refusal;
use crate::state::domains;
use crate::throttle::{Bucket, Throttle, too_many_requests};
use crate::token::{self, EXCHANGE_PATH, Resource};
use behavior::{Behavior, use_up};
use command::{Cmdlet, Given};
use failure::Failure;
use page::Page;

const CMDLETS: &[&Cmdlet] = &[
    &mailboxes::GET,
    &mailboxes::SET,
    &groups::NEW,
    &groups::GET,
    &groups::SET,
    &groups::SET_NOTES,
    &groups::REMOVE,
    &members::GET,
    &members::ADD,
    &members::REMOVE,
    &members::UPDATE,
    &permissions::GET,
    &permissions::ADD,
    &permissions::REMOVE,
    &permissions::GET_SENDER,
    &permissions::ADD_SENDER,
    &permissions::REMOVE_SENDER,
    &others::GET_RECIPIENT,
    &others::NEW_CONTACT,
    &others::REMOVE_CONTACT,
    &others::GET_REPLY,
    &others::SET_REPLY,
    &others::GET_DOMAIN,
];

/// Commands in one go, and per second after that: the service's own numbers are not known
/// (`exchange.md` §8).
const QUOTA: Bucket = Bucket {
    name: "exchange",
    capacity: 300.0,
    per_second: 10.0,
    limit: "Exchange",
    information: "ExchangeLimitExceeded",
};

/// Roles that let an app in (`exchange.md` §2); the first three may change recipients.
const ROLES: &[&str] = &[
    "Global Administrator",
    "Exchange Administrator",
    "Exchange Recipient Administrator",
    "Global Reader",
    "Compliance Administrator",
    "Security Administrator",
    "Security Reader",
    "Helpdesk Administrator",
];
const WRITERS: usize = 3;

/// Everything a cmdlet needs.
struct Desk<'a> {
    state: &'a Connection,
    now: Moment,
    /// How much later others see what is written now, in milliseconds.
    lag: i64,
    behavior: Behavior,
    page: Page,
}

/// What a cmdlet gives.
#[derive(Debug, Default)]
struct Output {
    objects: Vec<Value>,
    warnings: Vec<String>,
    has_more: bool,
}

impl Output {
    fn nothing() -> Self {
        Self::default()
    }

    fn of(objects: Vec<Value>) -> Self {
        Self { objects, ..Self::default() }
    }

    fn unchanged(name: &str) -> Self {
        let warning = format!(
            "The command completed successfully but no settings of '{name}' have been modified."
        );
        Self { warnings: vec![warning], ..Self::default() }
    }

    /// Cuts a list to `ResultSize`, and to the page that is asked for (`exchange.md` §6).
    fn part(
        desk: &Desk<'_>,
        given: &Given,
        mut all: Vec<i64>,
    ) -> Result<(Vec<i64>, Self), Failure> {
        let most = match given.value("ResultSize") {
            None => 1000,
            Some(Value::String(_)) => usize::MAX,
            Some(number) => number
                .as_u64()
                .and_then(|number| usize::try_from(number).ok())
                .ok_or_else(|| Failure::wrong_value("ResultSize", &[]))?,
        };
        let mut output = Self::default();
        if all.len() > most {
            all.truncate(most);
            output.warnings.push(
                "There are more results available than are currently displayed. To view them, increase the value for the ResultSize parameter.".to_owned(),
            );
        }
        output.has_more = all.len() > desk.page.skip.saturating_add(desk.page.take);
        let part = all.into_iter().skip(desk.page.skip).take(desk.page.take).collect();
        Ok((part, output))
    }
}

/// Whether Exchange answers that path.
pub(crate) fn is_for(path: &str) -> bool {
    path.strip_prefix(EXCHANGE_PATH).is_some_and(|rest| rest.starts_with('/'))
}

/// The cmdlet that the body names, whether there is one or not.
fn cmdlet_named(call: &Call) -> Option<String> {
    let body: Value = serde_json::from_slice(&call.body).ok()?;
    body["CmdletInput"]["CmdletName"].as_str().map(str::to_owned)
}

/// The path, with the cmdlet as its last segment if it is a command: for faults.
pub(crate) fn path_with_cmdlet(call: &Call) -> Cow<'_, str> {
    match is_for(&call.path).then(|| cmdlet_named(call)).flatten() {
        Some(name) => format!("{}/{name}", call.path).into(),
        None => Cow::Borrowed(&call.path),
    }
}

/// What is counted as one kind of request.
pub(crate) fn shape(call: &Call) -> String {
    let name = cmdlet_named(call).filter(|name| CMDLETS.iter().any(|each| each.name == name));
    format!("{EXCHANGE_PATH}/{}", name.as_deref().unwrap_or("?"))
}

/// Answers one request in a transaction of its own.
pub(crate) fn answer(
    state: &mut Connection,
    call: &Call,
    lag: i64,
    throttle: Option<Throttle>,
) -> Reply {
    let style = Behavior::read(state).unwrap_or_default();
    serve(state, call, lag, throttle)
        .unwrap_or_else(|failure| failure.into_reply(style.refusals, style.bare_forbidden))
}

fn serve(
    state: &mut Connection,
    call: &Call,
    lag: i64,
    throttle: Option<Throttle>,
) -> Result<Reply, Failure> {
    let mut transaction = state.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = clock::now(&transaction)?;
    let granted =
        token::judge_for(&transaction, Resource::Exchange, call.header("Authorization"), now)?;
    check_path(&transaction, call)?;
    if !granted.permissions.iter().any(|name| name == EXCHANGE_AS_APP) {
        return Err(Failure::Other(Refusal::unauthenticated("The app has no permission.")));
    }
    if let Some(throttle) = throttle {
        let drawn = throttle.take(
            &transaction,
            QUOTA,
            1,
            clock::machine().as_seconds() * throttle.time_scale,
        )?;
        if drawn.wait.is_some() {
            transaction.commit()?;
            return Err(Failure::Other(too_many_requests(drawn.wait)));
        }
    }
    let mut behavior = Behavior::read(&transaction)?;
    life::catch_up(&transaction, now, &behavior)?;
    let (cmdlet, given) = command(call)?;
    check_role(&granted.directory_roles, cmdlet)?;
    // Writes without an anchor come to a server that may not do them (§3).
    if !cmdlet.reads() && call.header("X-AnchorMailbox").is_none() {
        return Err(Failure::Forbidden);
    }
    let page = Page::of(call, now)?;
    if use_up(&mut behavior.proxy_faults) {
        behavior.keep(&transaction)?;
        transaction.commit()?;
        return Err(Failure::proxy());
    }
    if !cmdlet.reads() && use_up(&mut behavior.too_new) {
        behavior.keep(&transaction)?;
        transaction.commit()?;
        return Err(Failure::entra(
            "Resource does not exist or one of its queried reference-property objects are not present.",
        ));
    }
    let savepoint = transaction.savepoint()?;
    let desk = Desk { state: &savepoint, now, lag, behavior, page };
    let ran = (cmdlet.run)(&desk, &given);
    let mut behavior = desk.behavior;
    // What a question would ask about is not done (§4).
    let is_question = given.flag("Confirm") == Some(true) && !cmdlet.reads();
    match &ran {
        Ok(_) if !is_question => savepoint.commit()?,
        _ => drop(savepoint),
    }
    let is_lost =
        ran.is_ok() && !cmdlet.reads() && !is_question && use_up(&mut behavior.lost_writes);
    if is_lost {
        behavior.keep(&transaction)?;
    }
    transaction.commit()?;
    if is_lost {
        return Err(Failure::Other(Refusal::new(502, "BadGateway", "Bad gateway.")));
    }
    compose(call, now, page, &behavior, (cmdlet, is_question), ran?)
}

/// The path behind the prefix: version, tenant, endpoint (`exchange.md` §1).
fn check_path(state: &Connection, call: &Call) -> Result<(), Failure> {
    let pieces: Vec<String> = call
        .path
        .split('/')
        .filter(|piece| !piece.is_empty())
        .skip(1)
        .map(decode)
        .collect::<Result<_, _>>()?;
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    let ["adminapi", version, tenant, "InvokeCommand"] = pieces.as_slice() else {
        return Err(Failure::Other(Refusal::new(404, "NotFound", "No such endpoint.")));
    };
    if *version != "beta" || call.method != Method::POST {
        return Err(Failure::Other(Refusal::new(405, "MethodNotAllowed", "Method not allowed.")));
    }
    let initial = domains::initial(state)?;
    if tenant.eq_ignore_ascii_case(TENANT_ID) || tenant.eq_ignore_ascii_case(&initial) {
        Ok(())
    } else {
        Err(Failure::Forbidden)
    }
}

fn check_role(roles: &[String], cmdlet: &Cmdlet) -> Result<(), Failure> {
    let allowed = if cmdlet.reads() { ROLES } else { &ROLES[..WRITERS] };
    if roles.iter().any(|role| allowed.contains(&role.as_str())) {
        Ok(())
    } else {
        Err(Failure::Forbidden)
    }
}

/// The command of the body; its three keys are case-sensitive (`exchange.md` §4).
fn command(call: &Call) -> Result<(&'static Cmdlet, Given), Failure> {
    let body: Map<String, Value> = serde_json::from_slice(&call.body)
        .map_err(|_| Failure::misshapen("The request body is not valid JSON."))?;
    let input = body.get("CmdletInput").and_then(Value::as_object);
    let input = input.ok_or_else(|| Failure::misshapen("CmdletInput is missing."))?;
    let name = input.get("CmdletName").and_then(Value::as_str);
    let name = name.ok_or_else(|| Failure::misshapen("CmdletName is missing."))?;
    let parameters = input.get("Parameters").and_then(Value::as_object);
    let parameters = parameters.ok_or_else(|| Failure::misshapen("Parameters is missing."))?;
    let cmdlet = CMDLETS
        .iter()
        .find(|cmdlet| cmdlet.name.eq_ignore_ascii_case(name))
        .ok_or(Failure::Forbidden)?;
    Ok((cmdlet, Given::read(cmdlet, parameters)?))
}

fn compose(
    call: &Call,
    now: Moment,
    page: Page,
    behavior: &Behavior,
    (cmdlet, is_question): (&Cmdlet, bool),
    output: Output,
) -> Result<Reply, Failure> {
    let mut warnings = output.warnings;
    warnings.extend(behavior.warning.clone());
    let mut body = json!({
        "@odata.context": format!(
            "{}{EXCHANGE_PATH}/adminapi/beta/{TENANT_ID}/$metadata#Collection(Exchange.GenericHashTable)",
            call.origin
        ),
        "adminapi.warnings@odata.type": "#Collection(String)",
        "@adminapi.warnings": warnings,
        "value": [],
    });
    if is_question {
        body["@adminapi.confirmationmessage"] =
            json!(format!("Are you sure you want to perform this action? {}", cmdlet.name));
        return Ok(Reply::json(200, body));
    }
    if behavior.empty_writes && !cmdlet.reads() && output.objects.is_empty() && warnings.is_empty()
    {
        return Ok(Reply::no_content());
    }
    body["value"] = selected(call, output.objects)?.into();
    if output.has_more {
        body["@odata.nextLink"] = page.next(call, now)?.into();
    }
    let mut reply = Reply::json(200, body);
    if call.header("Prefer").is_some_and(|prefer| prefer.contains("odata.maxpagesize")) {
        reply.headers.push(("Preference-Applied", format!("odata.maxpagesize={}", page.take)));
    }
    Ok(reply)
}

/// Leaves the properties that `$select` names, and what says their type.
fn selected(call: &Call, objects: Vec<Value>) -> Result<Vec<Value>, Failure> {
    let wanted = call
        .query
        .split('&')
        .find_map(|pair| pair.strip_prefix("$select=").or_else(|| pair.strip_prefix("%24select=")));
    let Some(wanted) = wanted else { return Ok(objects) };
    let wanted = decode(wanted)?;
    let wanted: Vec<&str> = wanted.split(',').map(str::trim).collect();
    let keep = |name: &str| {
        let name = name.split('@').next().unwrap_or_default();
        wanted.iter().any(|each| each.eq_ignore_ascii_case(name))
    };
    let cut = |object: Value| match object {
        Value::Object(members) => {
            Value::Object(members.into_iter().filter(|(name, _)| keep(name)).collect())
        }
        other => other,
    };
    Ok(objects.into_iter().map(cut).collect())
}
