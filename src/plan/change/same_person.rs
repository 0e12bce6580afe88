//! Whether a row and a user of the same name are the same person.

use crate::model::{Details, Field};

/// They are if the personnel numbers are equal or, where one side has none, if every first, last and
/// display name that was given is the user's. Otherwise the first field that differs is returned.
pub(super) fn same_person(given: &Details, there: &Details) -> Result<(), Field> {
    let equal = |field| match (given.get(field), there.get(field)) {
        (Some(given), Some(there)) => given.trim().to_lowercase() == there.trim().to_lowercase(),
        (Some(_), None) => false,
        (None, _) => true,
    };
    if given.get(Field::EmployeeId).is_some() && there.get(Field::EmployeeId).is_some() {
        return if equal(Field::EmployeeId) { Ok(()) } else { Err(Field::EmployeeId) };
    }
    for field in [Field::FirstName, Field::LastName, Field::DisplayName] {
        if !equal(field) {
            return Err(field);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(pairs: &[(Field, &str)]) -> Details {
        pairs.iter().map(|(field, text)| (*field, (*text).to_owned())).collect()
    }

    #[test]
    fn equal_personnel_numbers_decide_alone() {
        let given = details(&[(Field::EmployeeId, "7"), (Field::LastName, "Li-Berg")]);
        let there = details(&[(Field::EmployeeId, "7"), (Field::LastName, "Li")]);
        assert_eq!(same_person(&given, &there), Ok(()));
        let other = details(&[(Field::EmployeeId, "8"), (Field::LastName, "Li-Berg")]);
        assert_eq!(same_person(&given, &other), Err(Field::EmployeeId));
    }

    #[test]
    fn without_a_number_every_given_name_counts() {
        let there = details(&[(Field::FirstName, "Eva"), (Field::LastName, "Li")]);
        assert_eq!(same_person(&details(&[(Field::FirstName, "eva")]), &there), Ok(()));
        let other = details(&[(Field::FirstName, "Eva"), (Field::LastName, "Berg")]);
        assert_eq!(same_person(&other, &there), Err(Field::LastName));
        let shown = details(&[(Field::DisplayName, "Eva Li")]);
        assert_eq!(same_person(&shown, &there), Err(Field::DisplayName));
    }
}
