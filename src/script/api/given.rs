//! Everything that was said about a person, from a row or a map of options, value by value.

use rhai::{Array, Dynamic, Map};

use super::rows::SecretCell;
use crate::model::field::{Access, FIELDS};
use crate::model::{
    AccessLevel, CountryCode, Details, DomainName, Field, LicenseName, OnlineId, Problem, Secret,
    UserGuid, UserName, nearest,
};
use crate::plan::change::{
    AddressWish, CreateAccount, ExistingOnline, GroupWish, OnlineName, OnlineWish,
};
use crate::script::session::Session;
use crate::table::{CellText, Row};

/// Options that are no fields of a person.
const OPTIONS: &[&str] = &["online", "domain", "take_over"];

/// Everything that was said about a person, each value in its own form.
#[derive(Default)]
pub(super) struct Given {
    pub(super) details: Details,
    pub(super) user_name: Option<String>,
    pub(super) online_id: Option<String>,
    pub(super) domain: Option<DomainName>,
    pub(super) licenses: Option<Vec<LicenseName>>,
    pub(super) without: Vec<String>,
    pub(super) aliases: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) enabled: Option<bool>,
    pub(super) must_change_password: Option<bool>,
    pub(super) expires: Option<jiff::civil::Date>,
    pub(super) access_level: Option<AccessLevel>,
    pub(super) online: Option<bool>,
    /// The online ID of an account that is there.
    pub(super) existing: Option<String>,
    pub(super) take_over: Option<bool>,
    pub(super) password: Option<Secret>,
    pub(super) problems: Vec<Problem>,
}

impl Given {
    fn label(&self) -> String {
        self.user_name.clone().unwrap_or_default()
    }

    fn wrong(
        &mut self,
        code: &'static str,
        field: Option<Field>,
        value: &str,
        message: String,
        advice: Option<String>,
    ) {
        let mut problem = Problem::error(code, self.label(), message).value(value);
        problem.field = field;
        problem.advice = advice;
        self.problems.push(problem);
    }

    /// A name that is no field.
    fn unknown(&mut self, what: &str, name: &str, shown: &str) {
        let names = FIELDS.iter().filter(|spec| is_taken(spec.field)).map(|spec| spec.name);
        let near = nearest(name, names.chain(OPTIONS.iter().copied()));
        let advice = Some(match near {
            Some(near) => format!("did you mean {near}?"),
            None => format!("remove the {what}, or give it the name of a field"),
        });
        self.wrong(
            "unknown_field",
            None,
            shown,
            format!("there is no {what} {shown:?} for an account"),
            advice,
        );
    }

    /// Takes a text for a field; an empty one says nothing.
    fn take(&mut self, field: Field, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        match field {
            Field::UserName => self.user_name = Some(text.to_owned()),
            Field::OnlineId => self.online_id = Some(text.to_owned()),
            Field::Licenses => {
                let names = split(text).map(|name| LicenseName(name.to_owned()));
                self.licenses.get_or_insert_default().extend(names);
            }
            Field::Without => self.without.extend(split(text).map(str::to_owned)),
            Field::Aliases => self.aliases.extend(split(text).map(str::to_owned)),
            Field::Groups => self.groups.extend(split(text).map(str::to_owned)),
            Field::Enabled => self.enabled = self.yes_or_no(field, text),
            Field::MustChangePassword => self.must_change_password = self.yes_or_no(field, text),
            Field::Expires => match text.parse() {
                Ok(date) => self.expires = Some(date),
                Err(_) => self.wrong(
                    "bad_value",
                    Some(field),
                    text,
                    format!("{text:?} is not a date"),
                    Some("write it as 2027-01-31".to_owned()),
                ),
            },
            Field::AccessLevel => match text.to_lowercase().as_str() {
                "standard" => self.access_level = Some(AccessLevel::Standard),
                "administrator" => self.access_level = Some(AccessLevel::Administrator),
                _ => self.wrong(
                    "bad_value",
                    Some(field),
                    text,
                    format!("{text:?} is not an access level"),
                    Some("it is standard or administrator".to_owned()),
                ),
            },
            Field::UsageLocation => match CountryCode::parse(text) {
                Ok(code) => self.details.set(field, code.as_str()),
                Err(reason) => self.wrong(
                    "bad_value",
                    Some(field),
                    text,
                    reason.to_string(),
                    Some("write a code of two letters, such as US".to_owned()),
                ),
            },
            detail => self.take_detail(detail, text),
        }
    }

    fn take_detail(&mut self, field: Field, text: &str) {
        let length = text.chars().count();
        if let Some(limit) = field.spec().max_chars
            && length > limit
        {
            let shown: String = text.chars().take(40).chain("…".chars()).collect();
            let message = format!("{field} has {length} characters, at most {limit} are allowed");
            return self.wrong(
                "too_long",
                Some(field),
                &shown,
                message,
                Some("shorten it".to_owned()),
            );
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
            let shown: String = text.chars().filter(|c| !c.is_control()).collect();
            let message = format!("{field} has a character that can't be printed");
            return self.wrong(
                "bad_value",
                Some(field),
                &shown,
                message,
                Some("remove it".to_owned()),
            );
        }
        self.details.set(field, text);
    }

    fn yes_or_no(&mut self, field: Field, text: &str) -> Option<bool> {
        match text.to_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => {
                let advice = Some("write yes or no".to_owned());
                self.wrong(
                    "bad_value",
                    Some(field),
                    text,
                    format!("{text:?} is not yes or no"),
                    advice,
                );
                None
            }
        }
    }

    pub(super) fn take_row(&mut self, row: &Row) {
        // The user name first: problems name it.
        if let Some(name) = row.by_field(Field::UserName) {
            self.take(Field::UserName, name);
        }
        for (column, cell) in row.cells() {
            match (column.field, column.name.as_str(), cell) {
                (Some(Field::Password | Field::UserName), ..)
                | (Some(_), _, CellText::Secret(_)) => {}
                (Some(field), _, CellText::Plain(text)) => self.take(field, text),
                (None, "online", CellText::Plain(text)) if text.contains('@') => {
                    self.existing = Some(text.to_owned());
                }
                (None, "online", CellText::Plain(text)) if !text.is_empty() => {
                    self.online = self.yes_or_no(Field::OnlineId, text);
                }
                (None, "online", _) => {}
                (None, name, _) => self.unknown("column", name, &column.header),
            }
        }
        self.password = row.secret().cloned();
    }

    /// Takes the options of a map. A wrong one is an error at once.
    pub(super) fn take_map(&mut self, map: &Map) {
        if let Some(name) = map.get("user_name") {
            self.take(Field::UserName, &name.to_string());
        }
        for (key, value) in map {
            let field = key.parse::<Field>().ok().filter(|field| is_taken(*field));
            match (key.as_str(), field) {
                ("online", _) if value.is_string() => self.existing = Some(value.to_string()),
                ("online", _) => match value.as_bool() {
                    Ok(online) => self.online = Some(online),
                    Err(kind) => self.wrong_type(key, "true, false or an online ID", kind),
                },
                ("take_over", _) => match value.as_bool() {
                    Ok(take_over) => self.take_over = Some(take_over),
                    Err(kind) => self.wrong_type(key, "true or false", kind),
                },
                ("domain", _) if value.is_unit() => {}
                ("domain", _) => match DomainName::parse(&value.to_string()) {
                    Ok(domain) => self.domain = Some(domain),
                    Err(reason) => {
                        let message = format!("the domain can't be used: {reason}");
                        self.wrong("bad_value", None, &value.to_string(), message, None);
                    }
                },
                (_, Some(Field::Password)) => self.take_password(value),
                (_, Some(field)) => self.take_value(field, value),
                (name, None) => self.unknown("option", name, name),
            }
        }
    }

    fn take_password(&mut self, value: &Dynamic) {
        if let Some(cell) = value.read_lock::<SecretCell>() {
            self.password = Some(cell.0.clone());
        } else if let Ok(text) = value.as_immutable_string_ref() {
            self.password = (!text.is_empty()).then(|| Secret::new(text.to_string()));
        } else if !value.is_unit() {
            self.wrong_type("password", "a text", value.type_name());
        }
    }

    fn take_value(&mut self, field: Field, value: &Dynamic) {
        if value.is_unit() {
            return;
        }
        if let Some(array) = value.read_lock::<Array>() {
            if matches!(field, Field::Licenses | Field::Without | Field::Aliases | Field::Groups) {
                if field == Field::Licenses {
                    self.licenses.get_or_insert_default();
                }
                for text in array.iter().map(ToString::to_string) {
                    // An element of a list is one name, whatever stands in it.
                    match field {
                        Field::Licenses => {
                            self.licenses.get_or_insert_default().push(LicenseName(text));
                        }
                        Field::Aliases => self.aliases.push(text),
                        Field::Groups => self.groups.push(text),
                        _ => self.without.push(text),
                    }
                }
            } else {
                self.wrong_type(field.name(), "a single value", "an array");
            }
            return;
        }
        if value.is_string() || value.is_bool() || value.is_int() {
            self.take(field, &value.to_string());
        } else {
            self.wrong_type(field.name(), "a text", value.type_name());
        }
    }

    fn wrong_type(&mut self, name: &str, wanted: &str, got: &str) {
        let message = format!("{name} must be {wanted}, not {got}");
        self.wrong("wrong_type", name.parse().ok(), got, message, None);
    }

    /// What the row or map doesn't say is taken from the options for everybody.
    pub(super) fn fall_back_on(&mut self, common: Given) {
        for (field, text) in common.details.iter() {
            if self.details.get(field).is_none() {
                self.details.set(field, text);
            }
        }
        self.domain = self.domain.take().or(common.domain);
        self.licenses = self.licenses.take().or(common.licenses);
        let lists = [
            (&mut self.without, common.without),
            (&mut self.aliases, common.aliases),
            (&mut self.groups, common.groups),
        ];
        for (own, common) in lists {
            if own.is_empty() {
                *own = common;
            }
        }
        self.enabled = self.enabled.or(common.enabled);
        self.must_change_password = self.must_change_password.or(common.must_change_password);
        self.expires = self.expires.or(common.expires);
        self.access_level = self.access_level.or(common.access_level);
        self.online = self.online.or(common.online);
        self.existing = self.existing.take().or(common.existing);
        self.take_over = self.take_over.or(common.take_over);
        self.problems.extend(common.problems);
    }

    fn existing_online(&mut self, text: &str) -> Option<ExistingOnline> {
        match OnlineId::parse(text) {
            Ok(online_id) => {
                Some(ExistingOnline { online_id, take_over: self.take_over.unwrap_or(false) })
            }
            Err(reason) => {
                let message = format!("the online ID {text:?} can't be used: {reason}");
                self.wrong("invalid_online_id", Some(Field::OnlineId), text, message, None);
                None
            }
        }
    }

    /// The online half that is wanted.
    pub(super) fn wish(&mut self, session: &Session) -> OnlineWish {
        let defaults = session.profile().defaults();
        let name = match self.online_id.clone() {
            None => OnlineName::Suggested,
            Some(text) if text.contains('@') => match OnlineId::parse(&text) {
                Ok(online_id) => OnlineName::Full(online_id),
                Err(reason) => {
                    let message = format!("the online ID {text:?} can't be used: {reason}");
                    self.wrong("invalid_online_id", Some(Field::OnlineId), &text, message, None);
                    OnlineName::Suggested
                }
            },
            Some(local) => OnlineName::Local(local),
        };
        OnlineWish {
            name,
            domain: self.domain.clone().or_else(|| defaults.domain.clone()),
            licenses: self.licenses.clone().unwrap_or_else(|| defaults.licenses.clone()),
            without: self.without.clone(),
            usage_location: defaults.usage_location,
            password_home: session.profile().password_home(),
        }
    }

    pub(super) fn into_create(
        mut self,
        session: &Session,
    ) -> (Result<CreateAccount, Vec<Problem>>, Option<Secret>) {
        // "User Name" may be a whole online ID (graph.md §18.1).
        if let Some(text) = self.user_name.clone()
            && let Some((local, _)) = text.split_once('@')
        {
            if self.online_id.is_none() {
                self.online_id = Some(text.clone());
            }
            self.user_name = Some(local.to_owned());
        }
        let user_name = match self.user_name.as_deref().map(UserName::parse) {
            Some(Ok(name)) => Some(name),
            Some(Err(reason)) => {
                let text = self.label();
                let message = format!("the user name can't be used: {reason}");
                self.wrong("invalid_user_name", Some(Field::UserName), &text, message, None);
                None
            }
            None => {
                let advice = Some("fill the column user_name".to_owned());
                self.wrong(
                    "no_user_name",
                    Some(Field::UserName),
                    "",
                    "there is no user name".to_owned(),
                    advice,
                );
                None
            }
        };
        let existing = self.existing.clone().and_then(|text| self.existing_online(&text));
        let online = match self.online {
            Some(false) => None,
            _ if self.existing.is_some() => None,
            _ => Some(self.wish(session)),
        };
        let Some(user_name) = user_name.filter(|_| self.problems.is_empty()) else {
            return (Err(self.problems), None);
        };
        let domain = self.domain.or_else(|| session.profile().defaults().domain.clone());
        let create = CreateAccount {
            guid: UserGuid::random(),
            user_name,
            details: self.details,
            enabled: self.enabled.unwrap_or(true),
            must_change_password: self.must_change_password.unwrap_or(true),
            expires: self.expires,
            access_level: self.access_level.unwrap_or_default(),
            online,
            existing,
            aliases: self
                .aliases
                .into_iter()
                .map(|text| AddressWish { text, domain: domain.clone() })
                .collect(),
            groups: self.groups.into_iter().map(GroupWish::Named).collect(),
            password_given: self.password.is_some(),
        };
        (Ok(create), self.password)
    }
}

/// Names in one cell.
fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '|']).map(str::trim).filter(|name| !name.is_empty())
}

/// Whether `create_account` takes the field.
fn is_taken(field: Field) -> bool {
    // A manager is somebody who is there: `set` writes it.
    field.spec().access != Access::ReadOnly && field != Field::Manager
}
