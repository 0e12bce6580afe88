//! A client of Exchange beside the one of Graph, signed in to the same tenant.

#![allow(dead_code, reason = "each story uses its part")]
#![allow(clippy::unwrap_used, reason = "a story ends where it can't go on")]

use acctsh_sandbox::{Options, TENANT_ID};
use reqwest::Method;
use serde_json::{Value, json};

use crate::tenant::{Answer, EXCHANGE, Tenant, license};

pub(crate) const ANCHOR: &str =
    "APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@48a80680-7326-48cd-9935-b556b81d3a4e";

pub(crate) struct Exchange {
    pub(crate) tenant: Tenant,
    pub(crate) token: String,
}

impl Exchange {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let mut exchange = Self { tenant: Tenant::with(change).await, token: String::new() };
        exchange.sign_in().await;
        exchange
    }

    pub(crate) async fn sign_in(&mut self) {
        let mut form = self.tenant.credentials();
        for (name, value) in &mut form {
            if *name == "scope" {
                *value = format!("{}/exchange/.default", self.tenant.base);
            }
        }
        let answer = self.tenant.ask_for_token(TENANT_ID, &form).await;
        answer.body["access_token"].as_str().unwrap().clone_into(&mut self.token);
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/exchange/adminapi/beta/{TENANT_ID}/InvokeCommand", self.tenant.base)
    }

    pub(crate) fn post(&self, url: &str, body: &Value) -> reqwest::RequestBuilder {
        self.tenant.http.post(url).bearer_auth(&self.token).json(body)
    }

    pub(crate) async fn run(&self, cmdlet: &str, parameters: Value) -> Answer {
        let request = self.post(&self.url(), &command(cmdlet, parameters));
        Answer::of(request.header("X-AnchorMailbox", ANCHOR).send().await.unwrap()).await
    }

    /// Runs a cmdlet that has to succeed; its objects.
    pub(crate) async fn done(&self, cmdlet: &str, parameters: Value) -> Vec<Value> {
        let answer = self.run(cmdlet, parameters).await;
        assert_eq!(answer.status, 200, "{cmdlet}: {}", answer.body);
        answer.body["value"].as_array().unwrap().clone()
    }

    pub(crate) async fn one(&self, cmdlet: &str, identity: &str) -> Value {
        let mut found = self.done(cmdlet, json!({ "Identity": identity })).await;
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    /// Runs a cmdlet that has to fail: status, class of the exception, text.
    pub(crate) async fn refused(&self, cmdlet: &str, parameters: Value) -> (u16, String, String) {
        let answer = self.run(cmdlet, parameters).await;
        assert!(answer.status >= 400, "{cmdlet}: {}", answer.body);
        let message = answer.body["error"]["details"][0]["message"].as_str().unwrap_or_default();
        let mut parts = message.splitn(3, '|').skip(1);
        let class = parts.next().unwrap_or_default().rsplit('.').next().unwrap_or_default();
        (answer.status, class.to_owned(), parts.next().unwrap_or_default().to_owned())
    }

    pub(crate) async fn behave(&self, behavior: Value) {
        self.tenant.knob(Method::PUT, "/exchange", behavior).await;
    }

    pub(crate) async fn pass(&self, seconds: u64) {
        self.tenant.knob(Method::POST, "/clock", json!({ "advance_seconds": seconds })).await;
    }

    /// Days go by; tokens end meanwhile.
    pub(crate) async fn pass_days(&mut self, days: u64) {
        self.pass(days * 86_400).await;
        self.tenant.sign_in().await;
        self.sign_in().await;
    }

    /// A user with a licence for a mailbox; the id.
    pub(crate) async fn person(&self, alias: &str) -> String {
        let id = self.tenant.create(alias).await;
        let answer = self.tenant.assign(&id, license(EXCHANGE, &[]), json!([])).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        id
    }

    /// A group that a person owns.
    pub(crate) async fn group(&self, alias: &str, owner: &str) -> Value {
        let parameters =
            json!({ "Name": format!("Group {alias}"), "Alias": alias, "ManagedBy": [owner] });
        self.done("New-DistributionGroup", parameters).await.remove(0)
    }
}

pub(crate) fn command(cmdlet: &str, parameters: Value) -> Value {
    json!({ "CmdletInput": { "CmdletName": cmdlet, "Parameters": parameters } })
}

/// What to add to and remove from a list.
pub(crate) fn edits(add: &[&str], remove: &[&str]) -> Value {
    json!({ "@odata.type": "#Exchange.GenericHashTable", "add": add, "remove": remove })
}

pub(crate) fn column(objects: &[Value], property: &str) -> Vec<String> {
    objects.iter().map(|each| each[property].as_str().unwrap().to_owned()).collect()
}
