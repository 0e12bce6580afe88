//! Which passwords Microsoft takes, and in which form one is kept (`graph.md` §5).

use rand::RngCore;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::refusal::Refusal;

const SYMBOLS: &str = "@#$%^&*-_!+=[]{}|\\:',.?/`~\"();<> ";
/// Words of the banned list; Microsoft's own is secret, and holds the tenant's name.
const BANNED: [&str; 8] =
    ["password", "contoso", "welcome", "qwerty", "letmein", "iloveyou", "microsoft", "abcdefg"];
/// A password must reach so many points: one for each banned word, one for each other character.
const ENOUGH_POINTS: usize = 5;

/// Refuses a password that is too short, too long, too plain, or banned.
pub(super) fn check(password: &str, strong: bool) -> Result<(), Refusal> {
    let allowed = |c: char| {
        c.is_ascii_lowercase()
            || c.is_ascii_uppercase()
            || c.is_ascii_digit()
            || SYMBOLS.contains(c)
    };
    let classes = [
        password.contains(|c: char| c.is_ascii_lowercase()),
        password.contains(|c: char| c.is_ascii_uppercase()),
        password.contains(|c: char| c.is_ascii_digit()),
        password.contains(|c: char| SYMBOLS.contains(c)),
    ];
    let complex = classes.into_iter().filter(|class| *class).count() >= 3;
    let fits = (8..=256).contains(&password.chars().count()) && password.chars().all(allowed);
    if fits && (complex || !strong) && points(password) >= ENOUGH_POINTS {
        Ok(())
    } else {
        Err(Refusal::weak_password())
    }
}

fn points(password: &str) -> usize {
    let mut plain: String = password
        .to_ascii_lowercase()
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' => 'l',
            '$' => 's',
            '@' => 'a',
            other => other,
        })
        .collect();
    for word in BANNED {
        plain = plain.replace(word, "\0");
    }
    plain.chars().count()
}

/// Salt and digest: all that is ever kept of a password.
pub(super) fn sealed(password: &str) -> Vec<u8> {
    let mut kept = vec![0_u8; 16];
    rand::rng().fill_bytes(&mut kept);
    let digest = Sha256::new().chain_update(&kept).chain_update(password).finalize();
    kept.extend_from_slice(&digest);
    kept
}

/// Takes the password out of a profile; what is left may be kept and shown.
pub(super) fn take(profile: &mut Map<String, Value>) -> Option<String> {
    match profile.remove("password") {
        Some(Value::String(password)) => Some(password),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_of_four_classes_and_eight_characters_are_enough() {
        assert!(check("Tarnhafen48", true).is_ok());
        assert!(check("tarn hafen 48", true).is_ok());
        assert!(check("tarnhafen48", true).is_err());
        assert!(check("Ta1!xyz", true).is_err());
        assert!(check("tarnhafen", false).is_ok());
    }

    #[test]
    fn characters_outside_the_list_are_refused() {
        assert!(check("Tärnhafen48", true).is_err());
        assert!(check(&format!("Aa1{}", "x".repeat(254)), true).is_err());
    }

    #[test]
    fn a_banned_word_with_small_changes_is_refused() {
        assert!(check("P@ssw0rd1!", true).is_err());
        assert!(check("C0ntoso99", true).is_err());
        assert!(check("C0ntoso-Hafen-99", true).is_ok());
    }

    #[test]
    fn the_same_password_is_kept_differently_each_time_and_never_in_clear() {
        let kept = sealed("Tarnhafen48");
        assert_ne!(kept, sealed("Tarnhafen48"));
        assert!(!kept.windows(11).any(|window| window == b"Tarnhafen48"));
    }
}
