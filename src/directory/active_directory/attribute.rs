//! Which attribute keeps which field of a person.

use crate::model::{CountryCode, Field};

/// The texts of a person. The usage location is kept online only.
pub(super) const TEXTS: &[(Field, &str)] = &[
    (Field::DisplayName, "displayName"),
    (Field::FirstName, "givenName"),
    (Field::LastName, "sn"),
    (Field::EmployeeId, "employeeID"),
    (Field::JobTitle, "title"),
    (Field::Department, "department"),
    (Field::Company, "company"),
    (Field::Office, "physicalDeliveryOfficeName"),
    (Field::Phone, "telephoneNumber"),
    (Field::Mobile, "mobile"),
    (Field::Fax, "facsimileTelephoneNumber"),
    (Field::Street, "streetAddress"),
    (Field::City, "l"),
    (Field::State, "st"),
    (Field::PostalCode, "postalCode"),
    (Field::Country, "co"),
    (Field::AlternateEmail, "otherMailbox"),
    (Field::PreferredLanguage, "preferredLanguage"),
];

/// What else is read of a user; the link's attribute comes on top.
pub(super) const OTHERS: &[&str] = &[
    "objectGUID",
    "objectSid",
    "sAMAccountName",
    "userAccountControl",
    "pwdLastSet",
    "accountExpires",
    "lockoutTime",
    "mS-DS-ConsistencyGuid",
    "adminCount",
    "isCriticalSystemObject",
    "servicePrincipalName",
    "manager",
    "proxyAddresses",
    "whenCreated",
    "whenChanged",
    "uSNCreated",
];

/// The attribute of a text; `None` for what the directory doesn't keep.
pub(super) fn of(field: Field) -> Option<&'static str> {
    TEXTS.iter().find(|(kept, _)| *kept == field).map(|(_, attribute)| *attribute)
}

/// The country's code and number, which belong to its name (`active-directory.md §3`).
pub(super) fn country(name: &str) -> Option<(String, String)> {
    let code = CountryCode::parse(name).ok()?;
    let country = celes::Country::from_alpha2(code.as_str()).ok()?;
    Some((code.to_string(), country.value.to_string()))
}

/// Bits of `userAccountControl`.
pub(super) mod control {
    /// The account is off.
    pub(crate) const DISABLED: i64 = 0x2;
    /// An account of a person.
    pub(crate) const NORMAL: i64 = 0x200;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::field::FIELDS;

    #[test]
    fn every_text_of_a_person_has_its_attribute_but_the_usage_location() {
        let without: Vec<Field> = FIELDS
            .iter()
            .map(|spec| spec.field)
            .filter(|field| field.is_detail() && of(*field).is_none())
            .collect();
        assert_eq!(without, [Field::UsageLocation]);
    }

    #[test]
    fn a_country_has_code_and_number() {
        let of = |name| country(name).map(|(code, number)| format!("{code} {number}"));
        assert_eq!(of("Germany").as_deref(), Some("DE 276"));
        assert_eq!(of("United States").as_deref(), Some("US 840"));
        assert_eq!(of("Atlantis"), None);
    }
}
