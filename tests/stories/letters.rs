//! Letters say what applies to their password home, in the person's language, in texts that can be
//! replaced.

use std::fs;

use crate::aftermath::{letters, runs};
use crate::password_home::{a_change_arrives, office};
use crate::person::{expect_password, has_online, has_user};
use crate::story::{Shell, Tenant};

/// What stands before the password in each language.
const LABELS: [&str; 3] =
    ["Temporary password:", "Mot de passe temporaire :", "Vorläufiges Kennwort:"];

/// Makes somebody with that preferred language.
fn create(name: &str, language: &str) -> String {
    format!(
        "create_account(#{{ user_name: \"{name}\", display_name: \"Kim {name}\", \
         preferred_language: \"{language}\" }});"
    )
}

/// A tenant, and a profile with these settings of letters.
fn with_letters(settings: &str) -> (Tenant, Shell) {
    let (tenant, shell) = (Tenant::start(&[]), Shell::new());
    let letters = format!("letters = {{ {settings} }}\n            patience_seconds");
    shell.config(&tenant.profile().replacen("patience_seconds", &letters, 1));
    (tenant, shell)
}

/// The newest run's letter to somebody.
fn letter(shell: &Shell, name: &str) -> String {
    shell.read(&format!("acctsh-{}/{name}.txt", shell.newest_run()))
}

fn password_in(letter: &str) -> String {
    let found = letter.lines().find_map(|line| {
        let label = LABELS.iter().find(|label| line.trim().starts_with(*label))?;
        line.trim().strip_prefix(label)
    });
    found.unwrap().trim().to_owned()
}

/// The same letter each time.
fn like_any(letter: &str, shell: &Shell) -> String {
    letter.replace(&password_in(letter), "PASSWORD").replace(&shell.newest_run(), "RUN")
}

#[test]
fn a_letter_is_in_its_persons_language_else_in_that_of_the_profile_else_in_english() {
    let (tenant, shell) = with_letters(r#"language = "de""#);
    let four =
        [create("eva", "fr-CA"), create("tim", ""), create("ada", "en-GB"), create("leo", "it-IT")];
    shell.does(&four.concat());
    for (name, greeting) in [
        ("eva", "Bonjour Kim eva,"),
        ("tim", "Guten Tag Kim tim,"),
        ("ada", "Hello Kim ada,"),
        ("leo", "Guten Tag Kim leo,"),
    ] {
        let text = letter(&shell, name);
        assert!(text.starts_with(greeting), "{text}");
        expect_password(&tenant, &shell, name, &password_in(&text));
    }
    // Who is there already keeps the language, whichever half is given a password.
    shell.does(r#"account("eva").reset_password()"#);
    assert!(letter(&shell, "eva").starts_with("Bonjour eva,"), "{}", letter(&shell, "eva"));
    shell.does(&create("zoe", "fr").replace(" })", ", online: false })"));
    shell.does(r#"account("zoe").assign(#{})"#);
    let text = letter(&shell, "zoe");
    assert!(text.contains("Il ne sert qu'à vous connecter en ligne."), "{text}");
    // One whom the plan itself gives another language, too.
    shell.does(
        r#"account("tim").set(#{ preferred_language: "en" }); account("tim").reset_password()"#,
    );
    assert!(letter(&shell, "tim").starts_with("Hello tim,"), "{}", letter(&shell, "tim"));

    let plain = Shell::new();
    plain.does(&create("leo", "it-IT"));
    assert!(letter(&plain, "leo").starts_with("Hello Kim leo,"));
}

#[test]
fn letters_where_passwords_are_changed_online() {
    let (_tenant, shell) = with_letters("");
    shell.does(&["en", "fr", "de"].map(|language| create(language, language)).concat());
    for language in ["en", "fr", "de"] {
        let text = like_any(&letter(&shell, language), &shell);
        insta::assert_snapshot!(format!("online_home_{language}"), text);
    }
}

#[test]
fn letters_where_passwords_are_changed_in_the_directory() {
    let (_tenant, shell) = office();
    a_change_arrives(&shell);
    shell.does(&["en", "fr", "de"].map(|language| create(language, language)).concat());
    for language in ["en", "fr", "de"] {
        let text = like_any(&letter(&shell, language), &shell);
        insta::assert_snapshot!(format!("directory_home_{language}"), text);
    }
}

#[test]
fn own_texts_replace_those_that_ship_and_letters_are_still_known_again() {
    let (tenant, shell) = with_letters(r#"language = "it", folder = "texts""#);
    let texts = shell.home().join("texts");
    let ran = shell.acctsh(&["handover", "--templates", texts.to_str().unwrap()]).exits(0);
    ran.says("letters = { folder = ");
    let english = fs::read_to_string(texts.join("en.txt")).unwrap();
    let italian = english.replace("Hello {display_name},", "Ciao {display_name},");
    fs::write(texts.join("it.txt"), italian.replace("User name:   ", "Nome utente: ")).unwrap();
    let french = fs::read_to_string(texts.join("fr.txt")).unwrap();
    fs::write(texts.join("fr.txt"), french.replace("Bonjour", "Salut")).unwrap();
    // Nothing that somebody wrote is written over.
    let again = shell.acctsh(&["handover", "--templates", texts.to_str().unwrap()]).exits(2);
    again.says("en.txt is there already");

    let run = |code: &str| {
        shell.acctsh(&["-c", code, "--yes", "--handover", "letters"]).exits(0);
        fs::read_dir(shell.folder().join("letters")).unwrap().count() - 1
    };
    assert_eq!(run(&[create("eva", "fr"), create("tim", "")].concat()), 2);
    let (eva, tim) = (shell.read("letters/eva.txt"), shell.read("letters/tim.txt"));
    assert!(eva.starts_with("Salut Kim eva,") && tim.starts_with("Ciao Kim tim,"), "{eva}{tim}");
    // An earlier letter to the same person is replaced, whatever it says.
    assert_eq!(run(r#"account("tim").reset_password()"#), 2);
    let newer = shell.read("letters/tim.txt");
    assert_ne!(password_in(&newer), password_in(&tim));
    expect_password(&tenant, &shell, "tim", &password_in(&newer));
    assert_eq!(shell.read("letters/eva.txt"), eva);
}

#[test]
fn a_wrong_text_is_refused_before_anything_is_written() {
    let (tenant, shell) = with_letters(r#"folder = "texts""#);
    let texts = shell.home().join("texts");
    let eva = create("eva", "");
    shell.is_refused(&eva, 2).says("texts can't be used");

    shell.acctsh(&["handover", "--templates", texts.to_str().unwrap()]).exits(0);
    let english = fs::read_to_string(texts.join("en.txt")).unwrap();
    for (from, to, said) in [
        ("{user_name}", "{username}", "there is no place {username}; did you mean {user_name}?"),
        ("{password}", "it", "the letter has no {password}"),
        ("[directory]", "[the directory]", "the section [directory] is missing"),
    ] {
        let at = english.lines().skip_while(|it| *it != "[letter]").collect::<Vec<_>>().join("\n");
        fs::write(texts.join("de.txt"), at.replace(from, to)).unwrap();
        let refused = shell.is_refused(&eva, 2).says("de.txt, line ").says(said);
        refused.says("acctsh handover --templates FOLDER");
        shell.acctsh(&["-c", &eva, "--what-if"]).exits(2).says(said);
    }
    assert!(!has_online(&tenant, "eva") && has_user(&shell, "eva").is_none());
    assert_eq!((runs(&shell), shell.files()), (vec![], vec![]));

    shell.acctsh(&["doctor"]).exits(1).prints("de.txt, line ");

    // Whoever needs no letter isn't held up.
    fs::remove_file(texts.join("de.txt")).unwrap();
    shell.does(&eva);
    let before = letters(&shell).len();
    fs::write(texts.join("de.txt"), "").unwrap();
    shell.does(r#"account("eva").disable()"#);
    assert_eq!(letters(&shell).len(), before);
}

#[test]
fn a_language_without_letters_is_refused() {
    let (tenant, shell) = with_letters(r#"language = "it""#);
    shell
        .is_refused(&create("eva", ""), 2)
        .says("no letters in the language \"it\", only in de, en, fr");
    assert!(!has_online(&tenant, "eva"));
    let (_tenant, shell) = with_letters(r#"languages = "de""#);
    shell.acctsh(&["runs"]).exits(2).says("unknown field `languages`");
}
