//! Licences: what the tenant owns, and what an account has of it.

use serde::{Deserialize, Serialize};

use super::{ServiceId, SkuId};

/// A licence as a person named it: product name, SKU part number or GUID.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LicenseName(pub String);

/// The state of a subscription (`graph.md §7.1`: `capabilityStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// At least one seat works.
    Enabled,
    /// Expired, in its grace time: still works.
    Warning,
    /// Works no more.
    Suspended,
    /// Gone.
    Deleted,
    /// Cancelled.
    LockedOut,
}

impl SubscriptionState {
    /// The word for it, as scripts compare it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Warning => "warning",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
            Self::LockedOut => "locked_out",
        }
    }

    /// Whether its seats let people work.
    pub fn works(self) -> bool {
        matches!(self, Self::Enabled | Self::Warning)
    }
}

/// One service of a licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Microsoft's name for it, such as `TEAMS1`.
    pub name: String,
    /// Whether the tenant itself still waits for it.
    pub is_pending: bool,
}

impl Service {
    /// Whether it is a mailbox: Exchange's plan 1, plan 2 or kiosk (`graph.md §19`).
    pub fn is_mailbox(&self) -> bool {
        ["EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE", "EXCHANGE_S_DESKLESS"]
            .contains(&self.name.as_str())
    }
}

/// A product that the tenant subscribes to, with its seats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct License {
    /// Its id.
    pub sku: SkuId,
    /// Microsoft's part number, such as `O365_BUSINESS_ESSENTIALS`.
    pub part_number: String,
    /// The product name, such as "Microsoft 365 Business Basic"; the part number where unknown.
    pub name: String,
    /// The subscription's state.
    pub state: SubscriptionState,
    /// Seats that may be used.
    pub seats: i64,
    /// Seats of an expired subscription in its grace time. Whether they may still be given out is
    /// unconfirmed (`graph.md §7.1`), so they are no free ones.
    pub warning: i64,
    /// Seats that work no more.
    pub suspended: i64,
    /// Seats in use.
    pub used: i64,
    /// Whether it can be given to people at all (`graph.md §7.1`: `appliesTo`).
    pub is_assignable: bool,
    /// Its services, in the tenant's order.
    pub services: Vec<Service>,
}

impl License {
    /// Seats left; negative when more are used than paid for.
    pub fn free(&self) -> i64 {
        self.seats - self.used
    }

    /// Whether a person who writes `name` means this licence.
    pub fn is_called(&self, name: &LicenseName) -> bool {
        let name = name.0.trim();
        self.name.eq_ignore_ascii_case(name)
            || self.part_number.eq_ignore_ascii_case(name)
            || name.parse::<SkuId>().is_ok_and(|sku| sku == self.sku)
    }

    /// The services that `name` means: by Microsoft's name or id, or by the word people use for it
    /// ("Teams", "Exchange", "SharePoint"), which stands at the beginning of Microsoft's name.
    pub fn services_called(&self, name: &str) -> Vec<&Service> {
        let bare = |text: &str| -> String {
            text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
        };
        let name = name.trim();
        let exact: Vec<&Service> = self
            .services
            .iter()
            .filter(|s| {
                s.name.eq_ignore_ascii_case(name)
                    || name.parse::<ServiceId>().is_ok_and(|id| id == s.id)
            })
            .collect();
        if !exact.is_empty() || bare(name).len() < 4 {
            return exact;
        }
        self.services.iter().filter(|s| bare(&s.name).starts_with(&bare(name))).collect()
    }
}

/// A licence that an account has.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AssignedLicense {
    /// The product.
    pub sku: SkuId,
    /// Its services that are off for this account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disabled: Vec<ServiceId>,
}

/// Whether a licence, with what is on of it, comes with a mailbox.
pub fn gives_mailbox(assigned: &AssignedLicense, subscribed: &[License]) -> bool {
    let license = subscribed.iter().find(|license| license.sku == assigned.sku);
    license.is_some_and(|license| {
        let mut mailboxes = license.services.iter().filter(|service| service.is_mailbox());
        mailboxes.any(|service| !assigned.disabled.contains(&service.id))
    })
}
