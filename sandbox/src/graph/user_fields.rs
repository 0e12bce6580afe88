//! What each property of a user takes (`graph.md` §4.2). Judges one value at a time; what needs the
//! rest of the tenant (uniqueness, domains) is with the operation.

use serde_json::{Map, Value, json};

use crate::refusal::Refusal;
use crate::schema::{ANY_LENGTH, Access, Kind, Property, USER};

/// A body's members, by the names the schema has, each judged; read-only and unknown ones refused.
pub(super) fn read_body(
    body: &Map<String, Value>,
) -> Result<Vec<(&'static Property, Value)>, Refusal> {
    let mut members: Vec<(&'static Property, Value)> = Vec::new();
    // Annotations (`@odata.type`) say nothing here.
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        let property =
            USER.property(name).ok_or_else(|| Refusal::unknown_property(name, USER.type_name))?;
        if members.iter().any(|(known, _)| known.name == property.name) {
            return Err(invalid(property));
        }
        match property.access {
            Access::Write => {}
            Access::ReadOnly => return Err(Refusal::read_only(property.name)),
            Access::Delegated | Access::Outside => return Err(Refusal::denied()),
        }
        members.push((property, judged(property, value)?));
    }
    Ok(members)
}

fn invalid(property: &Property) -> Refusal {
    Refusal::invalid_value(property.name, USER.name)
}

fn judged(property: &Property, value: &Value) -> Result<Value, Refusal> {
    if value.is_null() {
        let clears = property.nullable && !matches!(property.kind, Kind::Texts | Kind::Objects);
        return if clears { Ok(Value::Null) } else { Err(invalid(property)) };
    }
    match (property.kind, value) {
        (Kind::Text(longest), Value::String(text)) => {
            let fits = longest == ANY_LENGTH || text.chars().count() <= longest;
            // An empty text isn't a way to clear: null is.
            if text.is_empty() || !fits || !text_fits(property.name, text) {
                return Err(refusal_of(property));
            }
            Ok(value.clone())
        }
        (Kind::Bool, Value::Bool(_)) | (Kind::Int, Value::Number(_)) => Ok(value.clone()),
        (Kind::Texts, Value::Array(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            let texts = texts.ok_or_else(|| invalid(property))?;
            if list_fits(property.name, &texts) {
                Ok(value.clone())
            } else {
                Err(invalid(property))
            }
        }
        (Kind::Object, Value::Object(members)) => object(property, members),
        (Kind::Objects, Value::Array(items)) => identities(property, items),
        _ => Err(invalid(property)),
    }
}

/// A bad name to sign in with has a text of its own.
fn refusal_of(property: &Property) -> Refusal {
    if property.name == "userPrincipalName" {
        Refusal::invalid_property(property.name)
    } else {
        invalid(property)
    }
}

fn text_fits(name: &str, text: &str) -> bool {
    match name {
        "userPrincipalName" => principal_name_fits(text),
        "mailNickname" => {
            text.is_ascii()
                && !text.contains(|c: char| "@()/[]';:<>, ".contains(c) || c.is_ascii_control())
                && !text.starts_with('.')
                && !text.ends_with('.')
        }
        "usageLocation" => COUNTRIES.split(' ').any(|country| country == text),
        "mail" => address_fits(text),
        "onPremisesImmutableId" => !text.contains(['$', '_']),
        "userType" => matches!(text, "Member" | "Guest"),
        "ageGroup" => matches!(text, "Minor" | "NotAdult" | "Adult"),
        "consentProvidedForMinor" => matches!(text, "Granted" | "Denied" | "NotRequired"),
        "preferredLanguage" => language_fits(text),
        "passwordPolicies" => text.split(',').all(|word| {
            matches!(word.trim(), "None" | "DisablePasswordExpiration" | "DisableStrongPassword")
        }),
        _ => true,
    }
}

fn principal_name_fits(text: &str) -> bool {
    let Some((alias, domain)) = text.split_once('@') else { return false };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "'.-_!#^~".contains(c);
    (1..=64).contains(&alias.len())
        && (1..=48).contains(&domain.len())
        && alias.chars().all(allowed)
        && domain.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
        && !alias.ends_with('.')
}

fn address_fits(text: &str) -> bool {
    text.is_ascii()
        && !text.contains(' ')
        && text.split_once('@').is_some_and(|(alias, domain)| {
            !alias.is_empty() && domain.contains('.') && !domain.contains('@')
        })
}

fn language_fits(text: &str) -> bool {
    let mut parts = text.split('-');
    parts.next().is_some_and(|first| {
        (2..=3).contains(&first.len()) && first.chars().all(|c| c.is_ascii_lowercase())
    }) && parts.all(|part| {
        (2..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

fn list_fits(name: &str, texts: &[&str]) -> bool {
    match name {
        "businessPhones" => texts.len() <= 1 && texts.iter().all(|text| !text.is_empty()),
        "otherMails" => {
            texts.len() <= 250 && texts.iter().all(|text| text.len() <= 250 && address_fits(text))
        }
        _ => true,
    }
}

fn object(property: &Property, members: &Map<String, Value>) -> Result<Value, Refusal> {
    let known: Vec<String> = match property.name {
        "passwordProfile" => {
            ["forceChangePasswordNextSignIn", "forceChangePasswordNextSignInWithMfa", "password"]
                .map(str::to_owned)
                .to_vec()
        }
        "employeeOrgData" => vec!["costCenter".to_owned(), "division".to_owned()],
        _ => (1..=15).map(|number| format!("extensionAttribute{number}")).collect(),
    };
    let mut canonical = Map::new();
    for (name, value) in members.iter().filter(|(name, _)| !name.contains('@')) {
        let name =
            known.iter().find(|known| known.eq_ignore_ascii_case(name)).ok_or_else(|| {
                Refusal::unknown_property(name, &format!("microsoft.graph.{}", property.name))
            })?;
        let fits = if name.starts_with("force") { value.is_boolean() } else { value.is_string() };
        if !fits && !value.is_null() {
            return Err(invalid(property));
        }
        canonical.insert(name.clone(), value.clone());
    }
    if property.name == "employeeOrgData" {
        // The one left out becomes null.
        for name in known {
            canonical.entry(name).or_insert(Value::Null);
        }
    }
    Ok(Value::Object(canonical))
}

/// The whole collection replaces, and must hold the name the user signs in with.
fn identities(property: &Property, items: &[Value]) -> Result<Value, Refusal> {
    let mut named = false;
    for item in items {
        let members = item.as_object().ok_or_else(|| invalid(property))?;
        for (name, value) in members {
            if !matches!(name.as_str(), "signInType" | "issuer" | "issuerAssignedId") {
                return Err(Refusal::unknown_property(name, "microsoft.graph.objectIdentity"));
            }
            if !value.is_string() && !value.is_null() {
                return Err(invalid(property));
            }
        }
        named |= item["signInType"] == json!("userPrincipalName");
    }
    if named { Ok(Value::Array(items.to_vec())) } else { Err(invalid(property)) }
}

/// ISO 3166-1, two letters.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, value: Value) -> bool {
        let body = Map::from_iter([(name.to_owned(), value)]);
        read_body(&body).is_err()
    }

    #[test]
    fn a_name_to_sign_in_with_has_its_own_alphabet() {
        for good in ["o'neil@contoso.com", "a_b#EXT#@contoso.com", "x!~^@contoso.com"] {
            assert!(!refused("userPrincipalName", json!(good)), "{good}");
        }
        for bad in [
            "mia",
            "mía@contoso.com",
            "mia.@contoso.com",
            "a@b@contoso.com",
            "@contoso.com",
            "a b@contoso.com",
        ] {
            assert!(refused("userPrincipalName", json!(bad)), "{bad}");
        }
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert!(!refused("employeeId", json!("ä".repeat(16))));
        assert!(refused("employeeId", json!("1".repeat(17))));
        assert!(refused("jobTitle", json!("")));
    }

    #[test]
    fn one_business_phone_and_no_null() {
        assert!(!refused("businessPhones", json!([])));
        assert!(refused("businessPhones", json!(["1", "2"])));
        assert!(refused("businessPhones", Value::Null));
    }

    #[test]
    fn a_usage_location_is_a_country_in_upper_case() {
        assert!(!refused("usageLocation", json!("DE")));
        for bad in [json!("de"), json!("ZZ"), json!("Germany"), Value::Null] {
            assert!(refused("usageLocation", bad));
        }
    }
}
