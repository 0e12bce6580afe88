//! Making up passwords that people can read off a letter and type.

use rand::rngs::OsRng;
use rand::{Rng, TryRngCore};

use crate::model::{PasswordPolicy, Secret};

/// Without vowels, so that no words come out, and without what looks alike (0 O, 1 l I).
const LETTERS: &[u8] = b"bcdfghjkmnpqrstvwxyzBCDFGHJKLMNPQRSTVWXYZ";
/// Letters first; then the digits.
const CHARACTERS: &[u8] = b"bcdfghjkmnpqrstvwxyzBCDFGHJKLMNPQRSTVWXYZ23456789";

/// Groups of characters at least, and characters of a group: 16 of 49, which is 89 bits.
const GROUPS: usize = 4;
const GROUP: usize = 4;

/// A password such as `Hk7m-Rw4t-Pn9x-Yc3b` from the operating system's generator, with more than
/// 80 random bits and at least `length` characters. It satisfies
/// [`PasswordPolicy::StrongWithTenant`] for these names, begins with a letter, and has nothing that a
/// shell, CSV or a spreadsheet would change.
pub fn generate(names: &[&str], length: u16) -> Secret {
    // With the sign between two groups.
    let groups = GROUPS.max((usize::from(length) + 1).div_ceil(GROUP + 1));
    loop {
        let drawn = draw(&mut OsRng.unwrap_err(), groups);
        // About one in fifteen lacks a digit, or one kind of letter; a name is in hardly any.
        if PasswordPolicy::StrongWithTenant.broken_by(&drawn, names).is_empty() {
            return drawn;
        }
    }
}

fn draw(random: &mut impl Rng, groups: usize) -> Secret {
    let mut text = String::with_capacity(groups * (GROUP + 1));
    for position in 0..groups * GROUP {
        if position > 0 && position % GROUP == 0 {
            text.push('-');
        }
        let from = if position == 0 { LETTERS } else { CHARACTERS };
        text.push(char::from(from[random.random_range(0..from.len())]));
    }
    Secret::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_thousand_passwords_differ_and_satisfy_both_sides() {
        let names = ["eva.li", "eva", "hk7"];
        let mut seen = HashSet::new();
        for _ in 0..1000 {
            let password = generate(&names, 8);
            assert_eq!(PasswordPolicy::StrongWithTenant.broken_by(&password, &names), []);
            assert!(seen.insert(password.expose().to_owned()));
        }
    }

    #[test]
    fn it_can_be_read_off_paper_and_passes_shell_and_spreadsheet_unchanged() {
        for _ in 0..1000 {
            let password = generate(&[], 0);
            let text = password.expose();
            assert!(text.starts_with(|c: char| c.is_ascii_alphabetic()));
            assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
            assert!(!text.contains(['0', 'O', '1', 'l', 'I']));
            assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
        }
    }

    #[test]
    fn it_is_as_long_as_the_directory_asks() {
        for (asked, given) in [(0, 19), (19, 19), (20, 24), (24, 24), (25, 29), (127, 129)] {
            assert_eq!(generate(&[], asked).expose().len(), given, "{asked}");
        }
    }

    #[test]
    fn a_name_that_the_first_draws_contain_does_not_get_through() {
        // With these names most draws are refused: every pair of groups would hold one of them.
        let names: Vec<String> =
            ('b'..='k').flat_map(|a| ('b'..='z').map(move |b| format!("{a}-{b}"))).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for _ in 0..100 {
            let password = generate(&names, 8);
            assert_eq!(PasswordPolicy::StrongWithTenant.broken_by(&password, &names), []);
        }
    }

    #[test]
    fn the_characters_give_more_than_eighty_bits_even_without_the_refused_ones() {
        let first = f64::log2(41.0);
        let others = f64::from(15) * f64::log2(49.0);
        assert_eq!((LETTERS.len(), CHARACTERS.len()), (41, 49));
        // A quarter refused costs less than half a bit.
        assert!(first + others + f64::log2(0.75) > 88.0);
    }
}
