//! Mail as another administrator has it: what Exchange says, asked by a client that isn't acctsh.
#![allow(dead_code, unreachable_pub, reason = "each story uses what it needs")]

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

/// A group as another administrator makes it, with its alias in the default domain.
pub fn new_group(tenant: &Tenant, name: &str, alias: &str) {
    let group = json!({
        "Name": name, "Alias": alias, "ManagedBy": [acctsh_sandbox::ADMINISTRATOR]
    });
    tenant.exchange("New-DistributionGroup", &group);
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

/// The members of a group, by their addresses, sorted.
pub fn members(tenant: &Tenant, group: &str) -> Vec<String> {
    let all = tenant.exchange("Get-DistributionGroupMember", &json!({ "Identity": group }));
    let address = |member: &Value| member["PrimarySmtpAddress"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = all.iter().map(address).collect();
    names.sort();
    names
}

/// Turns knobs of its Exchange.
pub fn behaves(tenant: &Tenant, changes: Value) {
    tenant.knob("PUT", "exchange", Some(changes));
}

/// How many times a cmdlet was sent so far.
pub fn commands(tenant: &Tenant, cmdlet: &str) -> u64 {
    tenant.summary()["requests"][format!("POST /exchange/{cmdlet}")].as_u64().unwrap_or_default()
}
