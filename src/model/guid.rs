//! Identities: 128-bit ids that can't be mistaken for one another, and the anchor made of one.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new random id.
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id! {
    /// The user's GUID in the directory: the identity of the local half. It survives renames.
    UserGuid
}
id! {
    /// The online account's object id in the tenant: the identity of the online half.
    ObjectId
}
id! {
    /// A product that the tenant subscribes to. Part numbers aren't stable names, ids are
    /// (`graph.md §19`).
    SkuId
}
id! {
    /// One service (service plan) of a product.
    ServiceId
}
id! {
    /// The tenant itself.
    TenantId
}
id! {
    /// A group: the id that Exchange Online gives it.
    GroupId
}
id! {
    /// Anybody who can receive mail, by Exchange Online's id; a group's is its [`GroupId`] too.
    RecipientId
}

impl ObjectId {
    /// Stands for the id of an online account that a plan makes; only the tenant can give it.
    pub const KNOWN_AFTER_APPLY: Self = Self(Uuid::nil());
}

impl GroupId {
    /// Stands for the id of a group that a plan makes; only the tenant can give it.
    pub const KNOWN_AFTER_APPLY: Self = Self(Uuid::nil());
}

/// What ties an online account to a user: the user's GUID as Base64 of its 16 bytes in Active
/// Directory's order, kept in `onPremisesImmutableId` (`graph.md §4.5`). A tenant may hold any
/// other string there; such an anchor is *foreign* and belongs to nobody we know.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Anchor(String);

impl Anchor {
    /// The anchor of a user.
    pub fn of(user: UserGuid) -> Self {
        Self(BASE64.encode(user.0.to_bytes_le()))
    }

    /// An anchor as the tenant keeps it, which may be anything.
    pub fn received(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The user it points to; `None` for a foreign one.
    pub fn user(&self) -> Option<UserGuid> {
        let bytes = BASE64.decode(&self.0).ok()?;
        Uuid::from_slice_le(&bytes).ok().map(UserGuid)
    }

    /// The text that Graph sees.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_is_the_guid_in_active_directory_order_and_leads_back_to_it() {
        let user: UserGuid = "00112233-4455-6677-8899-aabbccddeeff".parse().unwrap();
        let anchor = Anchor::of(user);
        assert_eq!(anchor.as_str(), "MyIRAFVEd2aImaq7zN3u/w==");
        assert_eq!(anchor.user(), Some(user));
    }

    #[test]
    fn a_foreign_anchor_points_to_nobody() {
        assert_eq!(Anchor::received("employee-4711").user(), None);
    }
}
