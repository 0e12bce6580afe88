//! A fresh tenant in a folder of its own, and a plain HTTP client that is signed in to it.

#![allow(dead_code, reason = "each story uses its part")]
#![allow(clippy::unwrap_used, reason = "a story ends where it can't go on")]

use acctsh_sandbox::{CLIENT_ID, CLIENT_SECRET, Options, Server, TENANT_ID};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const BASIC: &str = "3b555118-da6a-4418-894f-7df1e2096870";
pub(crate) const PREMIUM: &str = "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46";
pub(crate) const E3: &str = "6fd2c87f-b296-42f0-b197-1e91e994b900";
pub(crate) const EXCHANGE: &str = "4b9405b0-7788-4568-add1-99614e613b69";
pub(crate) const EXCHANGE_PLAN: &str = "9aaf7827-d63c-4b61-89c3-182f06f82e5c";

pub(crate) struct Tenant {
    pub(crate) server: Option<Server>,
    pub(crate) base: String,
    pub(crate) http: Client,
    pub(crate) token: String,
    pub(crate) folder: TempDir,
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let bytes = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Self { status, headers, body }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status, code and text of a refusal.
    pub(crate) fn refusal(&self) -> (u16, &str, &str) {
        let error = &self.body["error"];
        (
            self.status,
            error["code"].as_str().unwrap_or_default(),
            error["message"].as_str().unwrap_or_default(),
        )
    }

    pub(crate) fn id(&self) -> String {
        assert_eq!(self.status, 201, "{}", self.body);
        self.body["id"].as_str().unwrap().to_owned()
    }

    /// One property of each item of a page.
    pub(crate) fn column(&self, property: &str) -> Vec<&str> {
        let items = self.body["value"].as_array().expect("a collection");
        items.iter().map(|item| item[property].as_str().unwrap()).collect()
    }
}

impl Tenant {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options =
            Options { state: folder.path().join("tenant.sqlite"), ..Options::default() };
        change(&mut options);
        let server = Server::start(options).unwrap();
        let base = server.base_url();
        let mut tenant =
            Self { server: Some(server), base, http: Client::new(), token: String::new(), folder };
        tenant.sign_in().await;
        tenant
    }

    pub(crate) async fn sign_in(&mut self) {
        let answer = self.ask_for_token(TENANT_ID, &self.credentials()).await;
        answer.body["access_token"].as_str().unwrap_or_default().clone_into(&mut self.token);
    }

    pub(crate) fn credentials(&self) -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", CLIENT_ID.to_owned()),
            ("client_secret", CLIENT_SECRET.to_owned()),
            ("scope", format!("{}/.default", self.base)),
        ]
    }

    pub(crate) async fn ask_for_token(&self, tenant: &str, form: &[(&str, String)]) -> Answer {
        let url = format!("{}/{tenant}/oauth2/v2.0/token", self.base);
        Answer::of(self.http.post(url).form(form).send().await.unwrap()).await
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}/v1.0{path}", self.base)
        };
        self.http.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).send().await.unwrap()).await
    }

    /// With the header of an advanced query.
    pub(crate) async fn get_eventual(&self, path: &str) -> Answer {
        let request = self.request(Method::GET, path).header("ConsistencyLevel", "eventual");
        Answer::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body).send().await.unwrap()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(&body).send().await.unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path).send().await.unwrap()).await
    }

    pub(crate) async fn knob(&self, method: Method, path: &str, body: Value) -> Answer {
        let url = format!("{}/sandbox{path}", self.base);
        let answer =
            Answer::of(self.http.request(method, url).json(&body).send().await.unwrap()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
    }

    pub(crate) async fn summary(&self) -> Value {
        self.knob(Method::GET, "/summary", json!({})).await.body
    }

    pub(crate) async fn create(&self, alias: &str) -> String {
        self.post("/users", person(alias)).await.id()
    }

    pub(crate) async fn assign(&self, user: &str, add: Value, remove: Value) -> Answer {
        let body = json!({ "addLicenses": add, "removeLicenses": remove });
        self.post(&format!("/users/{user}/assignLicense"), body).await
    }
}

pub(crate) fn person(alias: &str) -> Value {
    json!({
        "accountEnabled": true,
        "displayName": format!("Person {alias}"),
        "mailNickname": alias,
        "userPrincipalName": format!("{alias}@contoso.com"),
        "usageLocation": "DE",
        "passwordProfile": { "password": "kV7-rtq!Lopsen", "forceChangePasswordNextSignIn": true },
    })
}

pub(crate) fn with(mut body: Value, member: &str, value: Value) -> Value {
    body[member] = value;
    body
}

pub(crate) fn license(sku_id: &str, off: &[&str]) -> Value {
    json!([{ "skuId": sku_id, "disabledPlans": off }])
}
