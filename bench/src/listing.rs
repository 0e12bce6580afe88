//! Listing a large tenant, against fetching the same pages.

use std::path::Path;
use std::process::Command;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Outcome;
use crate::bare_loop::sign_in;
use crate::process::{self, Spent};
use crate::report::{self, MB};
use crate::world::World;

/// What acctsh reads of an online account.
const SELECT: &str = "id,userPrincipalName,accountEnabled,userType,mail,assignedLicenses,\
                      onPremisesImmutableId,onPremisesSyncEnabled,createdDateTime,\
                      lastPasswordChangeDateTime,licenseAssignmentStates,displayName,givenName,surname,employeeId,\
                      jobTitle,department,companyName,officeLocation,businessPhones,mobilePhone,\
                      faxNumber,streetAddress,city,state,postalCode,country,usageLocation,\
                      otherMails,preferredLanguage";
/// The most of a page.
const PAGE: usize = 999;
/// The most of a batch.
const BATCH: usize = 20;

pub(crate) fn measure(acctsh: &Path, accounts: usize, rounds: usize) -> Outcome<()> {
    let world = World::new(acctsh)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(fill(&world.url, accounts))?;
    let (mut listed, mut fetched) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        fetched.push(bare(&world)?);
        listed.push(world.acctsh(&["-c", "online_accounts().len()"])?);
    }
    world.end()?;
    let (listed, fetched) = (process::median(&listed), process::median(&fetched));
    report::heading(&format!("Listing {accounts} accounts, median of {rounds} rounds"));
    let shown = |spent: Spent| {
        format!("{} ({} of processor)", report::time(spent.wall), report::time(spent.cpu))
    };
    report::detail("fetching the pages", &shown(fetched));
    report::detail("acctsh -c 'online_accounts().len()'", &shown(listed));
    let ratio = listed.wall.as_secs_f64() / fetched.wall.as_secs_f64();
    report::goal("time, against fetching", ratio, "×", 1.2);
    report::goal("peak memory", listed.peak / MB, "MB", 200.0);
    Ok(())
}

/// In a process of its own, so that both share the machine with the tenant in the same way.
pub(crate) fn bare(world: &World) -> Outcome<Spent> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--bare-listing", &world.url]);
    process::run(&mut command, &world.home().join("log"))
}

/// One page after the other, as each is known only from the one before; what is in it is read over.
pub(crate) fn fetch(url: &str) -> Outcome<()> {
    #[derive(Deserialize)]
    struct Page {
        #[serde(rename = "@odata.nextLink")]
        next: Option<String>,
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = Client::new();
        let token = sign_in(&client, url).await?;
        let mut next = Some(format!("{url}/v1.0/users?$select={SELECT}&$top={PAGE}"));
        while let Some(page) = next {
            let answer = client.get(page).bearer_auth(&token).send().await?.error_for_status()?;
            next = serde_json::from_slice::<Page>(&answer.bytes().await?)?.next;
        }
        Ok(())
    })
}

/// Makes that many accounts.
async fn fill(url: &str, accounts: usize) -> Outcome<()> {
    let client = Client::new();
    let token = sign_in(&client, url).await?;
    let (client, token) = (&client, &token);
    stream::iter((0..accounts).step_by(BATCH))
        .map(|first| async move {
            let users = (first..accounts.min(first + BATCH)).map(|number| {
                json!({
                    "id": number.to_string(), "method": "POST", "url": "/users",
                    "headers": { "Content-Type": "application/json" },
                    "body": person(number),
                })
            });
            let batch = json!({ "requests": users.collect::<Vec<Value>>() });
            let call = client.post(format!("{url}/v1.0/$batch")).bearer_auth(token).json(&batch);
            let answer: Value = call.send().await?.error_for_status()?.json().await?;
            let answers = answer["responses"].as_array().ok_or("no batch")?;
            match answers.iter().find(|answer| answer["status"] != 201) {
                Some(refused) => Err(refused.to_string().into()),
                None => Ok(()),
            }
        })
        .buffer_unordered(4)
        .try_collect::<()>()
        .await
}

/// An account with as many texts as people have.
fn person(number: usize) -> Value {
    json!({
        "userPrincipalName": format!("kim.{number:06}@contoso.com"),
        "mailNickname": format!("kim.{number:06}"),
        "accountEnabled": true,
        "displayName": format!("Kim {number:06}"),
        "givenName": "Kim",
        "surname": format!("{number:06}"),
        "jobTitle": "Engineer",
        "department": "Plant",
        "officeLocation": "Building 4",
        "city": "Hamburg",
        "country": "Germany",
        "usageLocation": "DE",
        "employeeId": number.to_string(),
        "passwordProfile": { "password": format!("Bare-{number:06}-loop") },
    })
}
