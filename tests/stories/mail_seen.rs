//! Mail as another administrator has it: what Exchange says, asked by a client that isn't acctsh.
#![allow(dead_code, unreachable_pub, reason = "each story uses what it needs")]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::story::Tenant;

/// The e-mail addresses of whoever goes by that name or address, the primary one first as `SMTP:…`, the
/// others sorted; the tenant's own `onmicrosoft.com` address is left out.
#[track_caller]
pub fn addresses(tenant: &Tenant, name: &str) -> Vec<String> {
    let found = tenant.exchange("Get-Recipient", &json!({ "Identity": name }));
    let all = found[0]["EmailAddresses"].as_array().unwrap().iter();
    let all = all.map(|entry| entry.as_str().unwrap().to_owned());
    let mut all: Vec<String> = all
        .filter(|entry| entry.to_lowercase().starts_with("smtp:"))
        .filter(|entry| !entry.ends_with(".onmicrosoft.com"))
        .collect();
    // Capitals come first.
    all.sort();
    all
}

/// Another administrator gives an address to a mailbox.
pub fn give_alias(tenant: &Tenant, mailbox: &str, address: &str) {
    let list = json!({
        "@odata.type": "#Exchange.GenericHashTable",
        "add": [format!("smtp:{address}")]
    });
    tenant.exchange("Set-Mailbox", &json!({ "Identity": mailbox, "EmailAddresses": list }));
}

/// Another administrator makes an address a mailbox's primary one.
pub fn make_primary(tenant: &Tenant, mailbox: &str, address: &str) {
    let primary = json!({ "Identity": mailbox, "WindowsEmailAddress": address });
    tenant.exchange("Set-Mailbox", &primary);
}

/// Turns knobs of its Exchange.
pub fn behaves(tenant: &Tenant, changes: Value) {
    tenant.knob("PUT", "exchange", Some(changes));
}

/// How many times a cmdlet was sent so far.
pub fn commands(tenant: &Tenant, cmdlet: &str) -> u64 {
    tenant.summary()["requests"][format!("POST /exchange/{cmdlet}")].as_u64().unwrap_or_default()
}

/// A group as another administrator makes it.
pub fn new_group(tenant: &Tenant, name: &str, alias: &str) {
    let group = json!({
        "Name": name, "Alias": alias, "ManagedBy": [acctsh_sandbox::ADMINISTRATOR]
    });
    tenant.exchange("New-DistributionGroup", &group);
}

/// Somebody elsewhere, whom another administrator has put into the address list.
pub fn new_contact(tenant: &Tenant, name: &str, address: &str) {
    let contact = json!({ "Name": name, "ExternalEmailAddress": address });
    tenant.exchange("New-MailContact", &contact);
}

/// Takes somebody into a group as another administrator does.
pub fn new_member(tenant: &Tenant, group: &str, member: &str) {
    let both = json!({
        "Identity": group, "Member": member, "BypassSecurityGroupManagerCheck": true
    });
    tenant.exchange("Add-DistributionGroupMember", &both);
}

/// The group of that name or address.
#[track_caller]
pub fn group(tenant: &Tenant, name: &str) -> Value {
    let mut found = tenant.exchange("Get-DistributionGroup", &json!({ "Identity": name }));
    assert_eq!(found.len(), 1, "{name}");
    found.remove(0)
}

/// The names of all groups, sorted.
pub fn group_names(tenant: &Tenant) -> Vec<String> {
    let all = tenant.exchange("Get-DistributionGroup", &json!({ "ResultSize": "Unlimited" }));
    let name = |group: &Value| group["DisplayName"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = all.iter().map(name).collect();
    names.sort();
    names
}

/// The members of a group, by their addresses, sorted.
pub fn members(tenant: &Tenant, group: &str) -> Vec<String> {
    let wanted = json!({ "Identity": group, "ResultSize": "Unlimited" });
    let all = tenant.exchange("Get-DistributionGroupMember", &wanted);
    let address = |member: &Value| member["PrimarySmtpAddress"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = all.iter().map(address).collect();
    names.sort();
    names
}

/// The owners of a group, by their addresses, sorted.
pub fn owners(tenant: &Tenant, group_name: &str) -> Vec<String> {
    let owners = group(tenant, group_name)["ManagedBy"].as_array().unwrap().clone();
    let address = |owner: &Value| {
        let found = tenant.exchange("Get-Recipient", &json!({ "Identity": owner }));
        found[0]["PrimarySmtpAddress"].as_str().unwrap().to_owned()
    };
    let mut names: Vec<String> = owners.iter().map(address).collect();
    names.sort();
    names
}

/// How often each cmdlet was asked for, by this server.
pub fn calls(tenant: &Tenant) -> BTreeMap<String, u64> {
    let all = tenant.summary()["requests"].as_object().unwrap().clone();
    let of = |(shape, count): (String, Value)| {
        Some((shape.rsplit('/').next()?.to_owned(), count.as_u64()?))
    };
    all.into_iter().filter_map(of).filter(|(name, _)| name.contains('-')).collect()
}

/// How often each cmdlet was asked for since then.
pub fn calls_since(tenant: &Tenant, before: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let mut calls = calls(tenant);
    for (name, count) in before {
        *calls.get_mut(name).unwrap() -= count;
    }
    calls.retain(|_, count| *count > 0);
    calls
}
