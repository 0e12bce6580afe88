//! What properties each resource has. Tables only: reading and judging values is done elsewhere.
//!
//! A new resource is a table in a file of its own beside `user.rs`, or, if it has nothing but names,
//! a line in `plain.rs`.

mod plain;
mod user;

pub(crate) use plain::{DIRECTORY_ROLE, DOMAIN, LICENSE_DETAILS, ORGANIZATION, SUBSCRIBED_SKU};
pub(crate) use user::USER;

/// Marks a text whose length Graph doesn't document.
pub(crate) const ANY_LENGTH: usize = 0;

/// The type of a property's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A string of at most so many characters; [`ANY_LENGTH`] for no documented limit.
    Text(usize),
    Bool,
    Int,
    /// UTC, RFC 3339.
    Time,
    Texts,
    Object,
    Objects,
}

/// Who may write a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    ReadOnly,
    /// Not writable by an app alone (`graph.md` §4.4).
    Delegated,
    /// Lives outside the directory: readable on one object only, not writable by an app alone
    /// (`graph.md` §3, §4.4).
    Outside,
}

/// One property of a resource.
#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) access: Access,
    /// Whether a write may clear it.
    pub(crate) nullable: bool,
    /// Whether it is in the answer when nothing is selected.
    pub(crate) default: bool,
    /// The operators `$filter` takes on it, separated by blanks; `null` stands for `eq null`.
    operators: &'static str,
}

impl Property {
    /// Whether `$filter` takes `operator` on this property.
    pub(crate) fn supports(&self, operator: &str) -> bool {
        self.operators.split(' ').any(|known| known == operator)
    }

    const fn not_null(mut self) -> Self {
        self.nullable = false;
        self
    }

    const fn by_default(mut self) -> Self {
        self.default = true;
        self
    }
}

const fn property(
    name: &'static str,
    kind: Kind,
    access: Access,
    operators: &'static str,
) -> Property {
    Property { name, kind, access, nullable: true, default: false, operators }
}

/// A kind of object with its properties.
#[derive(Debug)]
pub(crate) struct Resource {
    /// As error texts name it.
    pub(crate) name: &'static str,
    /// As `@odata.type` names it, without `#`.
    pub(crate) type_name: &'static str,
    pub(crate) properties: &'static [Property],
}

impl Resource {
    /// The property of that name, without regard to case (`graph.md` §1).
    pub(crate) fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties.iter().find(|property| property.name.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_found_without_regard_to_case() {
        assert_eq!(USER.property("mailNickName").map(|found| found.name), Some("mailNickname"));
        assert!(USER.property("nickname").is_none());
    }

    #[test]
    fn operators_are_whole_words() {
        let department = USER.property("department").unwrap();
        assert!(department.supports("in"));
        assert!(!department.supports("startsWith"));
    }
}
