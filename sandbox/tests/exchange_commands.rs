//! How Exchange is asked, and how it refuses.

#![allow(clippy::unwrap_used, reason = "a story ends where it can't go on")]

mod exchange;
mod tenant;

use exchange::{ANCHOR, Exchange, command, edits};
use reqwest::Method;
use serde_json::{Value, json};
use tenant::Answer;

#[tokio::test]
async fn a_token_is_for_one_of_the_two_resources() {
    let mut exchange = Exchange::new().await;
    let body = command("Get-AcceptedDomain", json!({}));
    let bare = exchange.tenant.http.post(exchange.url()).json(&body);
    assert_eq!(bare.send().await.unwrap().status(), 401);
    assert_eq!(exchange.done("Get-AcceptedDomain", json!({})).await.len(), 2);
    std::mem::swap(&mut exchange.token, &mut exchange.tenant.token);
    assert_eq!(exchange.run("Get-AcceptedDomain", json!({})).await.status, 401);
    assert_eq!(exchange.tenant.get("/users").await.status, 401);
}

#[tokio::test]
async fn without_permission_it_is_401_and_without_role_an_empty_403() {
    let mut exchange = Exchange::new().await;
    exchange.tenant.knob(Method::PUT, "/app", json!({ "roles": ["Global Reader"] })).await;
    exchange.done("Get-Mailbox", json!({})).await;
    let write = exchange.run("Set-Mailbox", json!({ "Identity": "mia" })).await;
    assert_eq!((write.status, write.body), (403, json!("")));
    exchange.tenant.knob(Method::PUT, "/app", json!({ "roles": [] })).await;
    assert_eq!(exchange.run("Get-Mailbox", json!({})).await.status, 403);
    let only = json!({ "permissions": ["User.Read.All"], "roles": ["Exchange Administrator"] });
    exchange.tenant.knob(Method::PUT, "/app", only).await;
    exchange.sign_in().await;
    assert_eq!(exchange.run("Get-Mailbox", json!({})).await.status, 401);
}

#[tokio::test]
async fn an_unknown_cmdlet_is_403_and_its_body_may_be_nothing_but_zeros() {
    let exchange = Exchange::new().await;
    let answer = exchange.run("Get-Weather", json!({})).await;
    assert_eq!((answer.status, answer.body), (403, json!("")));
    exchange.behave(json!({ "bare_forbidden": true })).await;
    let request = exchange.post(&exchange.url(), &command("Get-Weather", json!({})));
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert!(response.bytes().await.is_ok_and(|body| body.iter().all(|byte| *byte == 0)));
}

#[tokio::test]
async fn the_keys_of_the_body_are_case_sensitive_and_all_needed() {
    let exchange = Exchange::new().await;
    for body in [
        json!({}),
        json!({ "cmdletInput": { "CmdletName": "Get-Mailbox", "Parameters": {} } }),
        json!({ "CmdletInput": { "cmdletName": "Get-Mailbox", "Parameters": {} } }),
        json!({ "CmdletInput": { "CmdletName": "Get-Mailbox" } }),
        json!({ "CmdletInput": { "CmdletName": "Get-Mailbox", "Parameters": null } }),
    ] {
        assert_eq!(exchange.post(&exchange.url(), &body).send().await.unwrap().status(), 400);
    }
    let old = exchange.url().replace("/beta/", "/v1.0/");
    let body = command("Get-Mailbox", json!({}));
    assert_eq!(exchange.post(&old, &body).send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn an_unknown_parameter_and_a_wrong_value_are_named_in_the_inner_exception_alone() {
    let exchange = Exchange::new().await;
    for (cmdlet, parameters, class) in [
        ("Set-DistributionGroup", json!({ "Notez": "x" }), "AmbiguousParameterSetException"),
        ("Set-Mailbox", json!({ "PrimarySmtpAddress": "x" }), "AmbiguousParameterSetException"),
        ("Set-Mailbox", json!({ "Type": "Huge" }), "ParameterTransformationException"),
        (
            "Set-Mailbox",
            json!({ "HiddenFromAddressListsEnabled": "yes" }),
            "ParameterTransformationException",
        ),
        (
            "Set-Mailbox",
            json!({ "EmailAddresses": { "add": ["smtp:x@contoso.com"] } }),
            "ParameterTransformationException",
        ),
        ("Set-Mailbox", json!({ "Identity": null }), "ParameterBindingException"),
    ] {
        let answer = exchange.run(cmdlet, parameters).await;
        assert_eq!(answer.status, 400);
        let error = &answer.body["error"];
        assert_eq!(
            (&error["message"], &error["details"]),
            (&json!("Invalid Operation"), &Value::Null)
        );
        assert_eq!(error["innererror"]["internalexception"]["type"], class);
    }
}

#[tokio::test]
async fn the_real_error_hides_in_one_of_three_places() {
    let exchange = Exchange::new().await;
    let ask =
        async || exchange.run("Get-Mailbox", json!({ "Identity": "nosuch@contoso.com" })).await;
    let plain = ask().await;
    assert_eq!(plain.status, 404);
    assert_eq!(plain.body["error"]["message"], "Error executing cmdlet");
    let message = plain.body["error"]["details"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|The operation couldn't"));
    exchange.behave(json!({ "refusals": "json" })).await;
    let hidden = ask().await.body["error"]["details"][0]["message"].as_str().unwrap().to_owned();
    let document: Value = serde_json::from_str(&hidden).unwrap();
    assert_eq!(document["localizedString"]["stringId"], "Ex6F9304");
    exchange.behave(json!({ "refusals": "inner" })).await;
    let error = ask().await.body["error"].clone();
    assert_eq!(error["details"], Value::Null);
    let inner = error["innererror"]["internalexception"]["message"].as_str().unwrap();
    assert!(inner.contains("nosuch@contoso.com"));
}

#[tokio::test]
async fn a_question_changes_nothing() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    let group = exchange.group("sales", "mia").await;
    let id = group["Guid"].as_str().unwrap();
    let remove = |confirm: bool| json!({ "Identity": id, "Confirm": confirm, "BypassSecurityGroupManagerCheck": true });
    let asked = exchange.run("Remove-DistributionGroup", remove(true)).await;
    assert_eq!(asked.status, 200);
    assert!(asked.body["@adminapi.confirmationmessage"].is_string());
    exchange.one("Get-DistributionGroup", id).await;
    exchange.done("Remove-DistributionGroup", remove(false)).await;
    assert_eq!(exchange.run("Get-DistributionGroup", json!({ "Identity": id })).await.status, 404);
}

#[tokio::test]
async fn nobody_named_means_everybody() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    exchange.person("jo").await;
    assert_eq!(exchange.done("Get-Mailbox", json!({ "Identity": null })).await.len(), 3);
    assert_eq!(exchange.done("Get-Recipient", json!({})).await.len(), 3);
}

#[tokio::test]
async fn a_page_is_followed_by_post_with_the_same_body_and_anchor() {
    let exchange = Exchange::new().await;
    for alias in ["a", "b", "c", "d", "e"] {
        exchange.person(alias).await;
    }
    let body = command("Get-Mailbox", json!({ "ResultSize": "Unlimited" }));
    let page = async |url: &str, body: &Value, anchor: &str| {
        let request = exchange.post(url, body).header("X-AnchorMailbox", anchor);
        Answer::of(request.header("Prefer", "odata.maxpagesize=2").send().await.unwrap()).await
    };
    let mut all = Vec::new();
    let first = page(&exchange.url(), &body, ANCHOR).await;
    assert_eq!(first.header("preference-applied"), "odata.maxpagesize=2");
    let link = first.body["@odata.nextLink"].as_str().unwrap().to_owned();
    assert!(link.contains("InvokeCommand?%24skiptoken="), "{link}");
    let mut answer = first;
    loop {
        all.extend(answer.column("Alias").into_iter().map(str::to_owned));
        let Some(next) = answer.body["@odata.nextLink"].as_str() else { break };
        let next = next.to_owned();
        answer = page(&next, &body, ANCHOR).await;
    }
    assert_eq!(all, ["admin", "a", "b", "c", "d", "e"]);
    let other = command("Get-Recipient", json!({ "ResultSize": "Unlimited" }));
    for (body, anchor) in [(&body, "UPN:admin@contoso.com"), (&other, ANCHOR)] {
        let answer = page(&link, body, anchor).await;
        assert_eq!(answer.status, 400);
        assert!(answer.refusal().2.contains("expired or invalid"));
    }
    let by_get = exchange.tenant.http.get(&link).bearer_auth(&exchange.token);
    assert_eq!(by_get.send().await.unwrap().status(), 405);
    exchange.pass(601).await;
    assert_eq!(page(&link, &body, ANCHOR).await.status, 400);
}

#[tokio::test]
async fn a_list_that_is_cut_says_so() {
    let exchange = Exchange::new().await;
    exchange.person("a").await;
    exchange.person("b").await;
    let answer = exchange.run("Get-Mailbox", json!({ "ResultSize": 1 })).await;
    assert_eq!(answer.body["value"].as_array().unwrap().len(), 1);
    let warning = answer.body["@adminapi.warnings"][0].as_str().unwrap();
    assert!(warning.contains("more results available than are currently displayed"));
}

#[tokio::test]
async fn a_write_without_anchor_is_a_bare_403() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    let body =
        command("Set-Mailbox", json!({ "Identity": "mia", "HiddenFromAddressListsEnabled": true }));
    let response = exchange.post(&exchange.url(), &body).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.bytes().await.unwrap().len()), (403, 0));
    assert_eq!(exchange.one("Get-Mailbox", "mia").await["HiddenFromAddressListsEnabled"], false);
}

#[tokio::test]
async fn select_leaves_what_it_names() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    let url = format!("{}?$select=PrimarySmtpAddress,EmailAddresses", exchange.url());
    let request = exchange.post(&url, &command("Get-Mailbox", json!({ "Identity": "mia" })));
    let found = Answer::of(request.send().await.unwrap()).await.body["value"][0].clone();
    let names: Vec<&String> = found.as_object().unwrap().keys().collect();
    assert_eq!(names, ["EmailAddresses", "EmailAddresses@odata.type", "PrimarySmtpAddress"]);
}

#[tokio::test]
async fn a_full_list_comes_in_pages_of_a_thousand_with_what_was_selected() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    exchange.group("sales", "mia").await;
    for no in 0..1000 {
        let contact = json!({ "Name": format!("C{no}"), "ExternalEmailAddress": format!("c{no}@fabrikam.com") });
        exchange.done("New-MailContact", contact).await;
    }
    let body = command("Get-Recipient", json!({ "ResultSize": "Unlimited" }));
    let mut url = Some(format!("{}?$select=EmailAddresses", exchange.url()));
    let mut sizes = Vec::new();
    while let Some(page) = url {
        let request = exchange.post(&page, &body).header("X-AnchorMailbox", ANCHOR);
        let answer = Answer::of(request.send().await.unwrap()).await;
        let all = answer.body["value"].as_array().unwrap();
        assert!(all.iter().all(|each| each["EmailAddresses"][0].is_string()
            && each.get("PrimarySmtpAddress").is_none()));
        sizes.push(all.len());
        url = answer.body["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(sizes, [1000, 3], "the administrator's among them");
    for (cmdlet, alias) in
        [("Get-Recipient", "sales"), ("Get-Mailbox", "mia"), ("Get-DistributionGroup", "sales")]
    {
        let url = format!("{}?$select=EmailAddresses", exchange.url());
        let request = exchange.post(&url, &command(cmdlet, json!({ "Identity": alias })));
        let found = Answer::of(request.send().await.unwrap()).await.body["value"][0].clone();
        assert_eq!(found["EmailAddresses"][0], format!("SMTP:{alias}@contoso.com"));
    }
}

#[tokio::test]
async fn exchange_throttles_by_itself() {
    let exchange = Exchange::with(|options| options.throttle = true).await;
    let mut answer = exchange.run("Get-AcceptedDomain", json!({})).await;
    for _ in 0..400 {
        if answer.status != 200 {
            break;
        }
        answer = exchange.run("Get-AcceptedDomain", json!({})).await;
    }
    assert_eq!((answer.status, answer.header("retry-after")), (429, "1"));
    assert_eq!(exchange.tenant.get("/users").await.status, 200, "Graph has a quota of its own");
}

#[tokio::test]
async fn a_fault_can_be_ordered_for_one_cmdlet() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    let order = json!({ "kind": "too_many_requests", "path": "/exchange/adminapi/beta/*/InvokeCommand/Set-Mailbox" });
    exchange.tenant.knob(Method::POST, "/faults", order).await;
    exchange.one("Get-Mailbox", "mia").await;
    let hide = json!({ "Identity": "mia", "HiddenFromAddressListsEnabled": true });
    let answer = exchange.run("Set-Mailbox", hide.clone()).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, ""));
    exchange.behave(json!({ "empty_writes": true, "lost_writes": 1 })).await;
    assert_eq!(exchange.run("Set-Mailbox", hide.clone()).await.status, 502);
    assert_eq!(exchange.one("Get-Mailbox", "mia").await["HiddenFromAddressListsEnabled"], true);
    let again = exchange.run("Set-Mailbox", hide).await;
    let warning = again.body["@adminapi.warnings"][0].as_str().unwrap();
    assert!(warning.contains("no settings of 'Person mia' have been modified"));
    let show = json!({ "Identity": "mia", "HiddenFromAddressListsEnabled": false });
    assert_eq!(exchange.run("Set-Mailbox", show.clone()).await.status, 204);
    exchange.behave(json!({ "too_new": 1, "proxy_faults": 1 })).await;
    assert_eq!(exchange.refused("Set-Mailbox", show.clone()).await.1, "CmdletProxyException");
    let (status, class, text) = exchange.refused("Set-Mailbox", show).await;
    assert_eq!((status, class.as_str()), (400, "UnableToWriteToAadException"));
    assert!(
        text.contains("queried reference-property objects are not present")
            && text.contains("[DualWrite (Graph) RequestId: ")
    );
}

#[tokio::test]
async fn the_sidecar_of_an_added_list_is_ignored() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    let mut addresses = edits(&["smtp:berg@contoso.com"], &[]);
    addresses["add@odata.type"] = json!("#Collection(String)");
    exchange.done("Set-Mailbox", json!({ "Identity": "mia", "EmailAddresses": addresses })).await;
    let mailbox = exchange.one("Get-Mailbox", "berg@contoso.com").await;
    assert_eq!(mailbox["Alias"], "mia");
}
