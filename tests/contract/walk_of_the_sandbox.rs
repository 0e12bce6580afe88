//! A walk of the sandbox's Graph, also where acctsh doesn't go: every endpoint once granted and once
//! refused, so that its answers are what the description says.

use reqwest::Method;
use serde_json::{Value, json};

use crate::proxy::exchange::Exchange;
use crate::proxy::judgement::{Side, violations};
use crate::story::Tenant;

pub(crate) const BASIC: &str = "3b555118-da6a-4418-894f-7df1e2096870";
const PREMIUM: &str = "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// Every property of a user that the directory itself keeps: all that a listing may select.
const OF_THE_DIRECTORY: &str = "id,accountEnabled,ageGroup,assignedLicenses,assignedPlans,authorizationInfo,\
    businessPhones,city,companyName,consentProvidedForMinor,country,createdDateTime,creationType,\
    department,displayName,employeeHireDate,employeeId,employeeOrgData,employeeType,externalUserState,\
    externalUserStateChangeDateTime,faxNumber,givenName,identities,imAddresses,isResourceAccount,jobTitle,\
    lastPasswordChangeDateTime,legalAgeGroupClassification,licenseAssignmentStates,mail,mailNickname,\
    mobilePhone,officeLocation,onPremisesDistinguishedName,onPremisesDomainName,\
    onPremisesExtensionAttributes,onPremisesImmutableId,onPremisesLastSyncDateTime,\
    onPremisesProvisioningErrors,onPremisesSamAccountName,onPremisesSecurityIdentifier,\
    onPremisesSyncEnabled,onPremisesUserPrincipalName,otherMails,passwordPolicies,passwordProfile,\
    postalCode,preferredDataLocation,preferredLanguage,provisionedPlans,proxyAddresses,securityIdentifier,\
    serviceProvisioningErrors,showInAddressList,signInSessionsValidFromDateTime,state,streetAddress,\
    surname,usageLocation,userPrincipalName,userType";

/// A client that is signed in, behind a proxy.
pub(crate) struct Caller {
    pub(crate) tenant: Tenant,
    token: String,
    client: reqwest::blocking::Client,
}

impl Caller {
    pub(crate) fn new() -> Self {
        let tenant = Tenant::start(&[]);
        let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        let mut caller = Self { tenant, token: String::new(), client };
        let answer = caller.sign_in(acctsh_sandbox::CLIENT_SECRET);
        answer["access_token"].as_str().unwrap().clone_into(&mut caller.token);
        caller
    }

    fn sign_in(&self, secret: &str) -> Value {
        let scope = format!("{}/.default", self.tenant.url());
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", acctsh_sandbox::CLIENT_ID),
            ("client_secret", secret),
            ("scope", &scope),
        ];
        let url = format!("{}/{}/oauth2/v2.0/token", self.tenant.url(), acctsh_sandbox::TENANT_ID);
        self.client.post(url).form(&form).send().unwrap().json().unwrap()
    }

    /// Sends a request and gives the exchange as the proxy saw it.
    pub(crate) fn send(&self, method: &str, path: &str, body: Option<Value>) -> Exchange {
        self.tenant.proxy().take();
        let url = match path.strip_prefix("http") {
            Some(_) => path.to_owned(),
            None => format!("{}/v1.0{path}", self.tenant.url()),
        };
        let method: Method = method.parse().unwrap();
        let mut request = self.client.request(method, url).bearer_auth(&self.token);
        if path.contains("$count") || path.contains("$search") {
            request = request.header("ConsistencyLevel", "eventual");
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().unwrap().bytes().unwrap();
        self.tenant.proxy().take().pop().unwrap()
    }

    /// A request that is right in every way, and granted; gives the body.
    #[track_caller]
    pub(crate) fn granted(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let exchange = self.send(method, path, body);
        let found: Vec<String> = violations(&exchange).iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
        let answer = exchange.answered.map_or(Value::Null, |content| content.value);
        assert!(exchange.status < 300, "{method} {path}: {} {answer}", exchange.status);
        answer
    }

    /// A request that is refused with this status, in the form that refusals have.
    #[track_caller]
    fn refused(&self, status: u16, method: &str, path: &str, body: Option<Value>) {
        let exchange = self.send(method, path, body);
        let of_the_answer =
            |violation: &crate::proxy::judgement::Violation| violation.side == Side::Answer;
        let found: Vec<_> = violations(&exchange).into_iter().filter(of_the_answer).collect();
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(exchange.status, status, "{method} {path}: {:?}", exchange.answered);
    }

    pub(crate) fn create(&self, alias: &str) -> String {
        let made = self.granted("POST", "/users", Some(person(alias)));
        made["id"].as_str().unwrap().to_owned()
    }

    fn first(&self, collection: &str) -> String {
        let all = self.granted("GET", collection, None);
        all["value"][0]["id"].as_str().unwrap().to_owned()
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

fn licenses(add: &[&str], remove: &[&str]) -> Value {
    let add: Vec<Value> =
        add.iter().map(|sku| json!({ "skuId": sku, "disabledPlans": [] })).collect();
    json!({ "addLicenses": add, "removeLicenses": remove })
}

#[test]
fn users_are_made_read_changed_and_deleted() {
    let caller = Caller::new();
    let kim = caller.create("kim");
    let kim = format!("/users/{kim}");
    caller.granted("GET", &kim, None);
    caller.granted("GET", "/users/kim@contoso.com", None);
    caller.granted("GET", "/users('kim@contoso.com')?$select=id", None);
    caller.granted("GET", &format!("{kim}?$select={OF_THE_DIRECTORY}"), None);
    let change = json!({ "city": "Berlin", "department": null, "businessPhones": ["+49 30 5550101"],
        "otherMails": ["kim@example.com"], "onPremisesExtensionAttributes": { "extensionAttribute1": "x" } });
    caller.granted("PATCH", &kim, Some(change));
    caller.granted("GET", &format!("{kim}?$select={OF_THE_DIRECTORY}"), None);
    caller.granted("POST", &format!("{kim}/revokeSignInSessions"), None);
    caller.granted("DELETE", &kim, None);

    caller.refused(404, "GET", &kim, None);
    caller.refused(404, "PATCH", &kim, Some(json!({ "city": "Berlin" })));
    caller.refused(404, "DELETE", &kim, None);
    caller.refused(404, "POST", &format!("/users/{NOBODY}/revokeSignInSessions"), None);
    caller.refused(405, "PUT", &kim, Some(json!({})));
    caller.create("robin");
    caller.refused(400, "POST", "/users", Some(person("robin")));
    caller.refused(400, "POST", "/users", Some(json!({ "displayName": "Nobody" })));
    caller.refused(400, "PATCH", "/users/robin@contoso.com", Some(json!({ "proxyAddresses": [] })));
    caller.refused(400, "PATCH", "/users/robin@contoso.com", Some(json!({ "cty": "Berlin" })));
    caller.refused(400, "GET", "/users/robin@contoso.com?$select=cty", None);
    caller.refused(400, "GET", "/nothing", None);
}

#[test]
fn users_are_listed_searched_and_counted() {
    let caller = Caller::new();
    for number in 0..7 {
        caller.create(&format!("kim.{number}"));
    }
    let mut page =
        caller.granted("GET", &format!("/users?$top=3&$select={OF_THE_DIRECTORY}"), None);
    let mut seen = 0;
    loop {
        seen += page["value"].as_array().unwrap().len();
        let Some(next) = page["@odata.nextLink"].as_str() else { break };
        page = caller.granted("GET", next, None);
    }
    assert_eq!(seen, 8, "the administrator and seven more");
    caller.granted("GET", "/users", None);
    caller.granted("GET", "/users?$filter=startsWith(displayName,'Person kim')&$orderby=displayName&$count=true&$top=2", None);
    caller.granted("GET", "/users?$search=\"displayName:kim\"&$select=id", None);
    caller.granted("GET", "/users/$count", None);
    caller.granted("GET", "/users/$count?$filter=accountEnabled%20eq%20true", None);

    caller.refused(400, "GET", "/users?$filter=endsWith(mail,'contoso.com')", None);
    caller.refused(400, "GET", "/users?$filter=cty%20eq%20'x'", None);
    caller.refused(400, "GET", "/users?$top=1000", None);
    caller.refused(400, "GET", "/users?$skiptoken=none", None);
    caller.refused(400, "GET", "/users?$expand=manager", None);
}

#[test]
fn licenses_are_read_assigned_and_removed() {
    let caller = Caller::new();
    let kim = format!("/users/{}", caller.create("kim"));
    let sku = caller.first("/subscribedSkus");
    caller.granted("GET", &format!("/subscribedSkus/{sku}"), None);
    caller.granted(
        "GET",
        "/subscribedSkus?$select=skuId,skuPartNumber,prepaidUnits,servicePlans",
        None,
    );
    let assign = format!("{kim}/assignLicense");
    caller.granted("POST", &assign, Some(licenses(&[BASIC], &[])));
    caller.granted("GET", &format!("{kim}/licenseDetails"), None);
    caller.granted("GET", &format!("{kim}?$select={OF_THE_DIRECTORY}"), None);
    caller.granted("POST", &assign, Some(licenses(&[PREMIUM], &[BASIC])));
    caller.granted("POST", &assign, Some(licenses(&[], &[PREMIUM])));
    caller.granted("GET", &format!("{kim}/licenseDetails"), None);

    caller.refused(400, "POST", &assign, Some(licenses(&[], &[PREMIUM])));
    caller.refused(400, "POST", &assign, Some(licenses(&[NOBODY], &[])));
    caller.refused(400, "POST", &assign, Some(json!({ "addLicenses": [] })));
    caller.tenant.knob("PUT", &format!("skus/{BASIC}"), Some(json!({ "seats": 0 })));
    caller.refused(400, "POST", &assign, Some(licenses(&[BASIC], &[])));
    caller.refused(404, "GET", &format!("/users/{NOBODY}/licenseDetails"), None);
    caller.refused(404, "GET", &format!("/subscribedSkus/{NOBODY}"), None);
}

#[test]
fn deleted_users_are_listed_restored_and_purged() {
    let caller = Caller::new();
    let deleted = "/directory/deletedItems";
    let (kim, robin) = (caller.create("kim"), caller.create("robin"));
    caller.granted("POST", &format!("/users/{kim}/assignLicense"), Some(licenses(&[BASIC], &[])));
    for id in [&kim, &robin] {
        caller.granted("DELETE", &format!("/users/{id}"), None);
    }
    caller.granted("GET", &format!("{deleted}/microsoft.graph.user?$top=1"), None);
    caller.granted(
        "GET",
        &format!("{deleted}/microsoft.graph.user?$select={OF_THE_DIRECTORY}"),
        None,
    );
    caller.granted("GET", &format!("{deleted}/{kim}"), None);
    caller.granted("GET", &format!("{deleted}/{kim}/microsoft.graph.user?$select=mail"), None);
    caller.create("kim");
    caller.refused(400, "POST", &format!("{deleted}/{kim}/restore"), None);
    let other_name =
        json!({ "autoReconcileProxyConflict": true, "newUserPrincipalName": "kim2@contoso.com" });
    caller.granted("POST", &format!("{deleted}/{kim}/restore"), Some(other_name));
    caller.granted("DELETE", &format!("{deleted}/{robin}"), None);

    caller.refused(404, "GET", &format!("{deleted}/{robin}"), None);
    caller.refused(404, "POST", &format!("{deleted}/{robin}/restore"), None);
    caller.refused(404, "DELETE", &format!("{deleted}/{robin}"), None);
    caller.refused(400, "GET", &format!("{deleted}/robin"), None);
}

#[test]
fn the_tenant_tells_about_itself() {
    let caller = Caller::new();
    let domain = caller.first("/domains");
    caller.granted("GET", &format!("/domains/{domain}"), None);
    let organization = caller.first("/organization");
    caller.granted(
        "GET",
        &format!("/organization/{organization}?$select=id,verifiedDomains"),
        None,
    );
    let roles =
        caller.granted("GET", "/directoryRoles?$select=id,displayName,roleTemplateId", None);
    let roles = roles["value"].as_array().unwrap();
    // Its holder is a user: the description doesn't say what else an app has that holds a role.
    let role = roles.iter().find(|role| role["displayName"] == "Global Administrator").unwrap();
    let role = role["id"].as_str().unwrap();
    caller.granted("GET", &format!("/directoryRoles/{role}/members"), None);
    caller.granted("GET", &format!("/directoryRoles/{role}/members?$select=id,displayName"), None);

    caller.refused(404, "GET", "/domains/fabrikam.com", None);
    caller.refused(404, "GET", &format!("/organization/{NOBODY}"), None);
    caller.refused(404, "GET", &format!("/directoryRoles/{NOBODY}/members"), None);
    caller.refused(400, "GET", "/organization?$select=cty", None);
}

#[test]
fn items_of_a_batch_are_answered_each_in_its_own_right() {
    let caller = Caller::new();
    let json_headers = json!({ "Content-Type": "application/json" });
    let batch = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/users?$select=id&$top=1" },
        { "id": "2", "method": "POST", "url": "users", "headers": json_headers, "body": person("kim") },
        { "id": "3", "method": "PATCH", "url": "/users/kim@contoso.com", "headers": json_headers,
          "body": { "city": "Berlin" }, "dependsOn": ["2"] },
        { "id": "4", "method": "GET", "url": "/users/nobody@contoso.com" },
        { "id": "5", "method": "DELETE", "url": "/users/nobody@contoso.com", "dependsOn": ["4"] },
        { "id": "6", "method": "GET", "url": "/users/$count",
          "headers": { "ConsistencyLevel": "eventual" } },
        { "id": "7", "method": "GET", "url": "/subscribedSkus" },
    ]});
    let answer = caller.granted("POST", "/$batch", Some(batch));
    let mut statuses: Vec<(&str, u64)> = answer["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["id"].as_str().unwrap(), item["status"].as_u64().unwrap()))
        .collect();
    statuses.sort_unstable();
    let expected =
        [("1", 200), ("2", 201), ("3", 204), ("4", 404), ("5", 424), ("6", 200), ("7", 200)];
    assert_eq!(statuses, expected);

    caller.refused(400, "POST", "/$batch", Some(json!({ "requests": [] })));
    let twice = json!({ "id": "1", "method": "GET", "url": "/users" });
    caller.refused(400, "POST", "/$batch", Some(json!({ "requests": [twice, twice] })));
}

#[test]
fn refusals_of_the_service_itself_have_the_same_form() {
    let caller = Caller::new();
    for (status, kind) in [
        (429, "too_many_requests"),
        (503, "service_unavailable"),
        (500, "server_error"),
        (504, "gateway_timeout"),
        (409, "conflict"),
    ] {
        let order = json!({ "kind": kind, "method": "GET", "path": "/v1.0/users" });
        caller.tenant.knob("POST", "faults", Some(order));
        caller.refused(status, "GET", "/users", None);
    }
    caller.tenant.knob("POST", "tokens/expire", None);
    caller.refused(401, "GET", "/users", None);
}

#[test]
fn tokens_are_given_and_refused_as_described() {
    let caller = Caller::new();
    caller.tenant.proxy().take();
    caller.sign_in(acctsh_sandbox::CLIENT_SECRET);
    caller.sign_in("not the secret");
    let statuses: Vec<u16> = caller
        .tenant
        .proxy()
        .take()
        .iter()
        .map(|exchange| {
            assert_eq!(violations(exchange), []);
            exchange.status
        })
        .collect();
    assert_eq!(statuses, [200, 401]);
}

#[test]
fn without_the_permission_the_refusal_has_the_same_form() {
    let mut caller = Caller::new();
    let permissions = json!({ "permissions": ["User.Read.All"] });
    caller.tenant.knob("PUT", "app", Some(permissions));
    let answer = caller.sign_in(acctsh_sandbox::CLIENT_SECRET);
    answer["access_token"].as_str().unwrap().clone_into(&mut caller.token);
    caller.granted("GET", "/users", None);
    caller.refused(403, "POST", "/users", Some(person("kim")));
    caller.refused(403, "GET", "/domains", None);
}
