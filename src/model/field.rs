//! The table of a person's fields. It serves `set` and `create`, CSV columns, completion and help.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a field lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// On the user only.
    User,
    /// On the online account only.
    Online,
    /// On both halves.
    Both,
}

/// What a field's value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A day, `2027-01-31`.
    Date,
    /// A point in time.
    Time,
    /// A country's ISO code of two letters.
    Country,
    /// Several texts.
    List,
    /// Another person, by user name.
    Person,
}

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// By `create_account` and later by `set`.
    Writable,
    /// When the account is made; a verb of its own changes it later.
    AtCreation,
    /// It follows from other things.
    ReadOnly,
}

/// One line of the table.
#[derive(Debug)]
pub struct FieldSpec {
    /// The field.
    pub field: Field,
    /// Its name in scripts, CSV columns and results.
    pub name: &'static str,
    /// What its value looks like.
    pub kind: Kind,
    /// Where it lives.
    pub home: Home,
    /// How it is written.
    pub access: Access,
    /// The most characters that both halves take (`graph.md §4.2`, `active-directory.md §3`; where
    /// they differ the smaller).
    pub max_chars: Option<usize>,
    /// What it is, in a few words.
    pub help: &'static str,
}

macro_rules! fields {
    ($($variant:ident $name:literal $kind:ident $home:ident $access:ident $max:expr, $help:literal;)*) => {
        /// A field of a person.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the table says what each one is")]
        pub enum Field { $($variant,)* }

        /// All fields, in the order in which they are shown.
        pub static FIELDS: &[FieldSpec] = &[$(FieldSpec {
            field: Field::$variant,
            name: $name,
            kind: Kind::$kind,
            home: Home::$home,
            access: Access::$access,
            max_chars: $max,
            help: $help,
        },)*];
    };
}

fields! {
    UserName "user_name" Text User AtCreation Some(64), "name in the directory";
    OnlineId "online_id" Text Online AtCreation Some(113), "sign-in name of the online account";
    DisplayName "display_name" Text Both Writable Some(256), "name as others see it";
    FirstName "first_name" Text Both Writable Some(64), "first name";
    LastName "last_name" Text Both Writable Some(64), "last name";
    EmployeeId "employee_id" Text Both Writable Some(16), "personnel number";
    JobTitle "job_title" Text Both Writable Some(128), "job title";
    Department "department" Text Both Writable Some(64), "department";
    Company "company" Text Both Writable Some(64), "company";
    Office "office" Text Both Writable Some(128), "office or room";
    Phone "phone" Text Both Writable Some(64), "office phone";
    Mobile "mobile" Text Both Writable Some(64), "mobile phone";
    Fax "fax" Text Both Writable Some(64), "fax";
    Street "street" Text Both Writable Some(1023), "street and number";
    City "city" Text Both Writable Some(128), "city";
    State "state" Text Both Writable Some(128), "state or province";
    PostalCode "postal_code" Text Both Writable Some(40), "postal code";
    Country "country" Text Both Writable Some(128), "country, by name";
    UsageLocation "usage_location" Country Online Writable Some(2), "country in which licences are used";
    AlternateEmail "alternate_email" Text Both Writable Some(250), "private address, for recovery";
    PreferredLanguage "preferred_language" Text Both Writable Some(16), "language, such as en-US";
    Manager "manager" Person Both Writable None, "who the person reports to, by user name";
    AccessLevel "access_level" Text User AtCreation None, "standard or administrator";
    Enabled "enabled" Bool User AtCreation None, "may sign in to the directory";
    Expires "expires" Date User AtCreation None, "last day of the account";
    MustChangePassword "must_change_password" Bool User AtCreation None, "password must be changed at next sign-in";
    Email "email" Text Online ReadOnly None, "primary e-mail address";
    Aliases "aliases" List Online AtCreation None, "more e-mail addresses, besides the primary one";
    Groups "groups" List Online AtCreation None, "distribution groups that the person is in";
    Mailbox "mailbox" Text Online ReadOnly None, "its mailbox: person, shared, resource, expected or none";
    Licenses "licenses" List Online AtCreation None, "licences, by product name, part number or id";
    Without "without" List Online AtCreation None, "services of the licences that stay off";
    Status "status" Text Online ReadOnly None, "active, inactive, none, unlinked or broken";
    StatusReason "status_reason" Text Online ReadOnly None, "why it is inactive";
    CanSignIn "can_sign_in" Bool Online ReadOnly None, "may sign in online";
    PasswordState "password_state" Text Online ReadOnly None, "in step, waits, pending, own, changed online, refused or unknown";
    PasswordSince "password_since" Time Online ReadOnly None, "since when the password's state is so";
    Created "created" Time Both ReadOnly None, "when it was made";
    LastChanged "last_changed" Time User ReadOnly None, "when the user last changed";
    Password "password" Text User AtCreation Some(256), "initial password; made up when empty";
}

impl Field {
    /// Its line of the table.
    pub fn spec(self) -> &'static FieldSpec {
        // The table and the enum come from the same list, so the index is right.
        &FIELDS[self as usize]
    }

    /// Its name in scripts, CSV columns and results.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// Whether it is one of the texts in [`Details`](super::Details).
    pub fn is_detail(self) -> bool {
        self.spec().access == Access::Writable && self.spec().kind != Kind::Person
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Field {
    type Err = UnknownField;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        FIELDS
            .iter()
            .find(|spec| spec.name == name)
            .map(|spec| spec.field)
            .ok_or_else(|| UnknownField(name.to_owned()))
    }
}

/// There is no field of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no field {0:?}")]
pub struct UnknownField(pub String);

impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_under_its_name_and_survives_serialization() {
        for spec in FIELDS {
            assert_eq!(spec.name.parse::<Field>(), Ok(spec.field));
            assert_eq!(spec.field.name(), spec.name);
            let json = serde_json::to_string(&spec.field).unwrap();
            assert_eq!(serde_json::from_str::<Field>(&json).unwrap(), spec.field);
        }
    }
}
