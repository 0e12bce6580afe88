//! What a header cell means. The spellings of other templates and languages will be added to
//! [`OTHER_SPELLINGS`].

use std::collections::HashSet;

use heck::ToSnakeCase;

use crate::model::Field;
use crate::model::field::{Access, FIELDS};
use crate::table::TableFault;

/// A column of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The header as written, without blanks around it.
    pub header: String,
    /// Its name in scripts: the field's, else the header in `snake_case`. No two columns share one.
    pub name: String,
    /// The field it holds, if it is one that an account can be created with.
    pub field: Option<Field>,
}

impl Column {
    /// Whether its cells are secrets.
    pub(super) fn is_secret(&self) -> bool {
        self.field == Some(Field::Password)
    }
}

/// The column that [`write_failed_rows`](crate::table::write_failed_rows) adds. It is ours, so it
/// is left out when such a file is read again.
pub(in crate::table) const REASON: &str = "acctsh_reason";

/// Whether there is to be an online account. No field of a person, but a column of ours.
const ONLINE: &str = "online";

/// Headers besides the fields' own names, as [`key`] makes them.
const OTHER_SPELLINGS: &[(&str, Field)] = &[
    // The Microsoft 365 admin center's template (graph.md §18.1).
    ("officenumber", Field::Office),
    ("officephone", Field::Phone),
    ("mobilephone", Field::Mobile),
    ("alternateemailaddress", Field::AlternateEmail),
    ("address", Field::Street),
    ("stateorprovince", Field::State),
    ("ziporpostalcode", Field::PostalCode),
    ("countryorregion", Field::Country),
    // A password under a name that we don't know would be kept in the open with its row.
    ("initialpassword", Field::Password),
    ("temporarypassword", Field::Password),
    ("accountpassword", Field::Password),
    ("passwordrequired", Field::Password),
    ("initialpasswordpasswordprofilerequired", Field::Password),
    ("passwort", Field::Password),
    ("kennwort", Field::Password),
    ("motdepasse", Field::Password),
    ("contraseña", Field::Password),
    ("senha", Field::Password),
    ("wachtwoord", Field::Password),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Field(Field),
    Online,
    Reason,
    Unknown,
}

impl Meaning {
    fn of(header: &str) -> Self {
        let key = key(header);
        let known = |spelling: &str| self::key(spelling) == key;
        let field = || {
            let own = FIELDS.iter().filter(|spec| spec.access != Access::ReadOnly);
            own.map(|spec| (spec.name, spec.field))
                .chain(OTHER_SPELLINGS.iter().copied())
                .find(|(spelling, _)| known(spelling))
                .map(|(_, field)| field)
        };
        if key.is_empty() {
            Self::Unknown
        } else if known(REASON) {
            Self::Reason
        } else if known(ONLINE) {
            Self::Online
        } else {
            field().map_or(Self::Unknown, Self::Field)
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Field(field) => field.name(),
            Self::Online => ONLINE,
            Self::Reason => REASON,
            Self::Unknown => "nothing known",
        }
    }
}

/// The letters and digits of a header in lower case: what is compared. Marks such as the `*` of a
/// required column go too, so that no header looks like a field without being it.
fn key(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What stands at a place of every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The column with this number.
    Column(usize),
    /// Nothing: the header cell is empty.
    Nameless,
    /// The reason of an earlier failure.
    Reason,
}

/// A header understood.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) columns: Vec<Column>,
    pub(super) places: Vec<Place>,
}

impl Header {
    /// `cells`: the header's cells.
    pub(super) fn understand(cells: &[String], file: &str) -> Result<Self, TableFault> {
        let mut seen: Vec<(Meaning, &str)> = Vec::new();
        let mut names = Names::default();
        let (mut columns, mut places) = (Vec::new(), Vec::new());
        for header in cells.iter().map(|cell| cell.trim()) {
            let meaning = Meaning::of(header);
            if meaning != Meaning::Unknown {
                if let Some((_, first)) = seen.iter().find(|(other, _)| *other == meaning) {
                    return Err(TableFault::SameMeaning {
                        file: file.to_owned(),
                        first: (*first).to_owned(),
                        second: header.to_owned(),
                        meaning: meaning.name(),
                    });
                }
                seen.push((meaning, header));
            }
            let (name, field) = match meaning {
                Meaning::Reason => {
                    places.push(Place::Reason);
                    continue;
                }
                Meaning::Unknown if header.is_empty() => {
                    places.push(Place::Nameless);
                    continue;
                }
                Meaning::Unknown => (names.free(header, places.len() + 1), None),
                Meaning::Online => (ONLINE.to_owned(), None),
                Meaning::Field(field) => (field.name().to_owned(), Some(field)),
            };
            places.push(Place::Column(columns.len()));
            columns.push(Column { header: header.to_owned(), name, field });
        }
        Ok(Self { columns, places })
    }

    /// How many cells of a would-be header mean something to us.
    pub(super) fn known(cells: &[String]) -> usize {
        cells.iter().filter(|cell| Meaning::of(cell) != Meaning::Unknown).count()
    }
}

/// The names of columns that we don't know.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// The header in `snake_case`, with a number if that name is taken.
    fn free(&mut self, header: &str, place: usize) -> String {
        let mut base = header.to_snake_case();
        if base.is_empty() {
            base = format!("column_{place}");
        }
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let name =
            std::iter::once(base.clone()).chain(numbered).find(|name| !self.0.contains(name));
        let name = name.unwrap_or(base);
        self.0.insert(name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(header: &[&str]) -> Vec<(String, Option<Field>)> {
        let cells: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
        let understood = Header::understand(&cells, "f.csv").unwrap();
        understood.columns.into_iter().map(|column| (column.name, column.field)).collect()
    }

    fn fields(header: &[&str]) -> Vec<Option<Field>> {
        columns(header).into_iter().map(|(_, field)| field).collect()
    }

    #[test]
    fn every_column_of_the_microsoft_365_template_is_a_field() {
        let template = "User Name,First Name,Last Name,Display Name,Job Title,Department,\
            Office Number,Office Phone,Mobile Phone,Fax,Alternate email address,Address,City,\
            State or Province,ZIP or Postal Code,Country or Region";
        let expected = [
            Field::UserName,
            Field::FirstName,
            Field::LastName,
            Field::DisplayName,
            Field::JobTitle,
            Field::Department,
            Field::Office,
            Field::Phone,
            Field::Mobile,
            Field::Fax,
            Field::AlternateEmail,
            Field::Street,
            Field::City,
            Field::State,
            Field::PostalCode,
            Field::Country,
        ]
        .map(Some);
        let header: Vec<&str> = template.split(',').collect();
        assert_eq!(fields(&header), expected);
        let newer = template.to_lowercase().replacen("user name", "Username", 1);
        assert_eq!(fields(&newer.split(',').collect::<Vec<_>>()), expected);
    }

    #[test]
    fn every_field_that_an_account_is_created_with_is_found_under_its_own_name() {
        for spec in FIELDS {
            let expected = (spec.access != Access::ReadOnly).then_some(spec.field);
            assert_eq!(fields(&[spec.name]), [expected]);
            assert_eq!(columns(&[spec.name])[0].0, spec.name);
        }
        assert_eq!(columns(&["Online"]), [("online".to_owned(), None)]);
    }

    #[test]
    fn case_blanks_underscores_hyphens_and_dots_make_no_difference() {
        for header in ["USER_NAME", "user-name", " User.Name ", "userName", "User\u{a0}Name*"] {
            assert_eq!(fields(&[header]), [Some(Field::UserName)], "{header}");
        }
    }

    #[test]
    fn unknown_headers_keep_a_snake_case_name_and_doubles_get_a_number() {
        let header =
            ["Delete after", "LastDay", "delete-after", "Delete after 2", "Größe", "#", ""];
        let names: Vec<_> = columns(&header).into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            ["delete_after", "last_day", "delete_after_2", "delete_after_2_2", "größe", "column_6"]
        );
    }

    #[test]
    fn two_columns_of_one_meaning_are_refused_with_both_names() {
        let cells = ["Mobile".to_owned(), "City".to_owned(), "Mobile Phone".to_owned()];
        let fault = Header::understand(&cells, "f.csv").unwrap_err();
        assert_eq!(
            fault.to_string(),
            "f.csv: the columns \"Mobile\" and \"Mobile Phone\" both mean mobile"
        );
        let twice = ["online".to_owned(), "Online".to_owned()];
        assert!(Header::understand(&twice, "f.csv").is_err());
    }

    #[test]
    fn other_words_for_password_are_secrets_too() {
        for header in ["Password", "Initial Password", "Passwort", "Mot de passe", "PASSWORD*"] {
            assert_eq!(fields(&[header]), [Some(Field::Password)], "{header}");
        }
        assert_eq!(fields(&["Must change password"]), [Some(Field::MustChangePassword)]);
    }
}
