//! Whether the app may use Exchange: token, permission, role (`exchange.md §2`).

use super::command::Command;
use crate::online::permissions::MANAGE_EXCHANGE;
use crate::online::{FaultKind, OnlineFault, Tenant};

/// What Exchange lets the app do, as far as a read can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExchangeAccess {
    /// Whether the token has the permission [`MANAGE_EXCHANGE`]; `None` where the token can't be read, and
    /// Exchange doesn't tell either.
    pub has_permission: Option<bool>,
    /// Whether a read was let through, which takes a role; `None` where the permission is missing, as then
    /// nobody knows.
    pub is_let_in: Option<bool>,
}

impl Tenant {
    /// Asks for Exchange's token, and reads the accepted domains with it. A fault is one of signing in or
    /// of a host out of reach; what the app lacks isn't.
    pub async fn exchange_access(&self) -> Result<ExchangeAccess, OnlineFault> {
        let permissions = self.exchange_token().await?.permissions;
        let in_token = permissions.map(|granted| MANAGE_EXCHANGE.granted_by(&granted).is_some());
        if in_token == Some(false) {
            return Ok(ExchangeAccess { has_permission: Some(false), is_let_in: None });
        }
        let command = Command::get("Get-AcceptedDomain", "DomainName");
        match self.run(&command, "accepted domain").await {
            Ok(_) => Ok(ExchangeAccess { has_permission: Some(true), is_let_in: Some(true) }),
            Err(fault) if fault.kind == FaultKind::PermissionMissing => {
                // Past the permission, at the role (`exchange.md §2`, measured).
                Ok(ExchangeAccess { has_permission: in_token, is_let_in: Some(false) })
            }
            Err(fault) if fault.status == Some(401) && in_token.is_none() => {
                Ok(ExchangeAccess { has_permission: Some(false), is_let_in: None })
            }
            Err(fault) => Err(fault),
        }
    }
}
