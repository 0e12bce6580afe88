//! The same two requests for every person, as a short program would send them: no plan, no
//! directory, no journal, no passwords worth the name, no repetition.

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use reqwest::Client;
use serde_json::{Value, json};

use crate::Outcome;

/// More at once than acctsh has on their way, and enough to keep the tenant busy all the time.
const CONCURRENCY: usize = 16;
/// Microsoft 365 Business Basic (`graph.md` §19).
const SKU: &str = "3b555118-da6a-4418-894f-7df1e2096870";

pub(crate) fn run(url: &str, people: usize) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = Client::new();
        let token = sign_in(&client, url).await?;
        let (client, token) = (&client, &token);
        stream::iter(1..=people)
            .map(|number| async move { one(client, url, token, number).await })
            .buffer_unordered(CONCURRENCY)
            .try_collect::<()>()
            .await?;
        Ok(())
    })
}

pub(crate) async fn sign_in(client: &Client, url: &str) -> Outcome<String> {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", acctsh_sandbox::CLIENT_ID),
        ("client_secret", acctsh_sandbox::CLIENT_SECRET),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let url = format!("{url}/{}/oauth2/v2.0/token", acctsh_sandbox::TENANT_ID);
    let answer: Value =
        client.post(url).form(&form).send().await?.error_for_status()?.json().await?;
    Ok(answer["access_token"].as_str().ok_or("no token")?.to_owned())
}

async fn one(client: &Client, url: &str, token: &str, number: usize) -> reqwest::Result<()> {
    let user = json!({
        "userPrincipalName": format!("starter.{number:06}@contoso.com"),
        "mailNickname": format!("starter.{number:06}"),
        "accountEnabled": true,
        "displayName": format!("Kim starter{number:06}"),
        "givenName": "Kim",
        "surname": format!("starter{number:06}"),
        "department": "Plant",
        "country": "Germany",
        "usageLocation": "DE",
        // Sixteen bytes in base64, as an anchor is.
        "onPremisesImmutableId": format!("AAAAAAAAAAAAAAAA{number:06}=="),
        "passwordProfile": {
            "password": format!("Bare-{number:06}-loop"),
            "forceChangePasswordNextSignIn": true,
        },
    });
    let made = client.post(format!("{url}/v1.0/users")).bearer_auth(token).json(&user);
    let made: Value = made.send().await?.error_for_status()?.json().await?;
    let license = json!({
        "addLicenses": [{ "skuId": SKU, "disabledPlans": [] }],
        "removeLicenses": [],
    });
    let id = made["id"].as_str().unwrap_or_default();
    let url = format!("{url}/v1.0/users/{id}/assignLicense");
    client.post(url).bearer_auth(token).json(&license).send().await?.error_for_status()?;
    Ok(())
}
