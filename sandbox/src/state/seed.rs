//! What a new tenant holds: domains, products, one administrator with a mailbox, the app
//! registration.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rand::RngCore;
use rusqlite::Connection;
use serde_json::{Map, json};

use super::catalogue::{PRODUCTS, plans};
use super::domains::{self, Domain};
use super::skus::{self, Plan, Sku, Standing};
use super::users::{self, NewUser};
use super::{roles, settings};
use crate::clock::machine;
use crate::permission;
use crate::refusal::Refusal;

const SEATS: i64 = 10_000;
const ADMINISTRATOR_ID: &str = "0f6a1f64-90b3-4d0e-8b39-3a1c0a4be001";
const GLOBAL_ADMINISTRATOR_ID: &str = "5f1c2a54-6c0e-4a4f-9b5e-0a4a2f6f9d11";

/// Fills a new tenant; does nothing to one that was filled before.
pub(super) fn plant(state: &Connection) -> Result<(), Refusal> {
    if settings::read::<String>(state, settings::TOKEN_KEY)?.is_some() {
        return Ok(());
    }
    let mut key = [0_u8; 32];
    rand::rng().fill_bytes(&mut key);
    let key = BASE64.encode(key);
    settings::write(state, settings::TOKEN_KEY, &key)?;
    settings::write(state, settings::APP_PERMISSIONS, &permission::ALL_GRANTED)?;
    settings::write(state, settings::APP_ROLES, &["User Administrator", "Exchange Administrator"])?;
    own_domains(state)?;
    own_products(state)?;
    administrator(state)
}

fn own_domains(state: &Connection) -> Result<(), Refusal> {
    for (name, initial) in [("contoso.onmicrosoft.com", true), ("contoso.com", false)] {
        let domain = Domain {
            name: name.to_owned(),
            is_default: !initial,
            is_initial: initial,
            is_verified: true,
            federated: false,
        };
        domains::put(state, &domain)?;
    }
    Ok(())
}

fn own_products(state: &Connection) -> Result<(), Refusal> {
    for (column, product) in PRODUCTS.iter().enumerate() {
        let sku = Sku {
            sku_id: product.sku_id.to_owned(),
            part_number: product.part_number.to_owned(),
            seats: SEATS,
            consumed: 0,
            standing: Standing::Enabled,
            pending: BTreeSet::new(),
            plans: plans(column)
                .map(|(id, name)| Plan { id: id.to_owned(), name: name.to_owned() })
                .collect(),
        };
        skus::add(state, &sku)?;
    }
    Ok(())
}

fn administrator(state: &Connection) -> Result<(), Refusal> {
    let now = machine();
    let document = Map::from_iter(
        [
            ("id", json!(ADMINISTRATOR_ID)),
            ("accountEnabled", json!(true)),
            ("createdDateTime", json!(now.to_text())),
            ("displayName", json!("Administrator")),
            ("lastPasswordChangeDateTime", json!(now.to_text())),
            ("mailNickname", json!("admin")),
            ("userPrincipalName", json!(crate::ADMINISTRATOR)),
            ("userType", json!("Member")),
            ("usageLocation", json!("DE")),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    // Nobody knows this password: a digest of random bytes that no text hashes to.
    let mut password = vec![0_u8; 48];
    rand::rng().fill_bytes(&mut password);
    let user = NewUser {
        id: ADMINISTRATOR_ID.to_owned(),
        document,
        password,
        visible_at: now,
        listed_at: now,
    };
    let seq = users::insert(state, &user)?;
    roles::activate(state, GLOBAL_ADMINISTRATOR_ID, &roles::TEMPLATES[0])?;
    roles::give(state, GLOBAL_ADMINISTRATOR_ID, seq)?;
    Ok(state.execute_batch(super::ADMINISTRATORS_MAILBOX)?)
}
