//! The languages that letters are written in, and which one somebody's letter has.
//!
//! To add one that ships: its file in `letters/`, and one line in [`SHIPPED`].

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::letter_template::LetterTemplate;
use super::template_fault::TemplateFault;
use crate::state::private_file;

/// What ships: each language's tag, and its template.
const SHIPPED: &[(&str, &str)] = &[
    ("en", include_str!("letters/en.txt")),
    ("fr", include_str!("letters/fr.txt")),
    ("de", include_str!("letters/de.txt")),
];
/// The language of whoever has none.
const FALLBACK: &str = "en";

/// Templates by language.
#[derive(Debug, Clone)]
pub struct LetterLanguages {
    /// By tag, in lower case.
    templates: BTreeMap<String, Arc<LetterTemplate>>,
    /// That of people whose own language is none of them.
    usual: Arc<LetterTemplate>,
}

impl LetterLanguages {
    /// The shipped templates, and in their place or beside them those of a folder. `usual` is the
    /// language of people who have none, or one that there is no template of.
    pub fn load(folder: Option<&Path>, usual: Option<&str>) -> Result<Self, TemplateFault> {
        let mut templates = BTreeMap::new();
        for (tag, text) in SHIPPED {
            let path = PathBuf::from(format!("{tag}.txt"));
            templates.insert((*tag).to_owned(), Arc::new(LetterTemplate::parse(&path, text)?));
        }
        for path in folder.map_or_else(|| Ok(Vec::new()), files_in)? {
            let tag = tag_of(&path).ok_or_else(|| TemplateFault::NoTag { path: path.clone() })?;
            let text = std::fs::read_to_string(&path).map_err(|reason| io(&path, &reason))?;
            templates.insert(tag, Arc::new(LetterTemplate::parse(&path, &text)?));
        }
        let wanted = usual.unwrap_or(FALLBACK);
        let usual = find(&templates, wanted).ok_or_else(|| TemplateFault::NoLanguage {
            language: wanted.to_owned(),
            known: templates.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        })?;
        Ok(Self { templates, usual })
    }

    /// The template for a person with that preferred language.
    pub fn of(&self, preferred: Option<&str>) -> Arc<LetterTemplate> {
        let own = preferred.and_then(|language| find(&self.templates, language));
        own.unwrap_or_else(|| Arc::clone(&self.usual))
    }
}

/// The template of a language such as `de-CH`, else that of `de`.
fn find(
    templates: &BTreeMap<String, Arc<LetterTemplate>>,
    language: &str,
) -> Option<Arc<LetterTemplate>> {
    let tag = plain(language.trim());
    let mut tag = tag.as_str();
    loop {
        if let Some(template) = templates.get(tag) {
            return Some(Arc::clone(template));
        }
        tag = tag.rsplit_once('-')?.0;
    }
}

/// Tags differ by neither case nor by `-` and `_`.
fn plain(tag: &str) -> String {
    tag.to_lowercase().replace('_', "-")
}

/// The language that a file is named after.
fn tag_of(path: &Path) -> Option<String> {
    let tag = plain(path.file_stem()?.to_str()?);
    let mut parts = tag.split('-');
    let is_language = parts.next().is_some_and(|it| {
        (2..=3).contains(&it.len()) && it.chars().all(|c| c.is_ascii_alphabetic())
    });
    let is_part =
        |it: &str| (1..=8).contains(&it.len()) && it.chars().all(|c| c.is_ascii_alphanumeric());
    (is_language && parts.all(is_part)).then_some(tag)
}

/// The text files of a folder, by name.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, TemplateFault> {
    let failed = |reason: std::io::Error| io(folder, &reason);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Writes the shipped templates into a folder, to be edited there. Nothing that is there already is
/// written over. Gives the files.
pub fn write_shipped(folder: &Path) -> Result<Vec<PathBuf>, TemplateFault> {
    let path = |tag: &str| folder.join(format!("{tag}.txt"));
    let taken = SHIPPED.iter().map(|(tag, _)| path(tag)).find(|path| path.exists());
    if let Some(path) = taken {
        return Err(TemplateFault::Exists { path });
    }
    private_file::create_folder(folder).map_err(|reason| io(folder, &reason))?;
    let mut written = Vec::new();
    for (tag, text) in SHIPPED {
        let path = path(tag);
        private_file::create(&path, text.as_bytes()).map_err(|reason| match reason.kind() {
            ErrorKind::AlreadyExists => TemplateFault::Exists { path: path.clone() },
            _ => io(&path, &reason),
        })?;
        written.push(path);
    }
    Ok(written)
}

fn io(path: &Path, reason: &std::io::Error) -> TemplateFault {
    TemplateFault::Io { path: path.to_owned(), detail: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_found_by_its_tag_or_by_what_the_tag_begins_with() {
        let folder = tempfile::tempdir().unwrap();
        write_shipped(folder.path()).unwrap();
        std::fs::rename(folder.path().join("fr.txt"), folder.path().join("pt_BR.txt")).unwrap();
        let languages = LetterLanguages::load(Some(folder.path()), Some("de-AT")).unwrap();
        let is = |preferred: Option<&str>, tag: &str| {
            Arc::ptr_eq(&languages.of(preferred), &languages.templates[tag])
        };
        for (preferred, tag) in [
            (Some("fr"), "fr"),
            (Some("fr-CA"), "fr"),
            (Some(" EN_us "), "en"),
            (Some("pt-BR"), "pt-br"),
            (Some("pt"), "de"),
            (Some("French"), "de"),
            (Some(""), "de"),
            (None, "de"),
        ] {
            assert!(is(preferred, tag), "{preferred:?} is not {tag}");
        }
    }

    #[test]
    fn a_file_that_is_named_after_no_language_and_a_language_without_file_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("german.txt"), "").unwrap();
        let path = folder.path().join("german.txt");
        let refused = LetterLanguages::load(Some(folder.path()), None).unwrap_err();
        assert_eq!(refused, TemplateFault::NoTag { path });
        let refused = LetterLanguages::load(None, Some("it")).unwrap_err();
        insta::assert_snapshot!(refused, @r#"there are no letters in the language "it", only in de, en, fr"#);
        assert!(LetterLanguages::load(Some(&folder.path().join("none")), None).is_err());
    }

    #[test]
    fn what_ships_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(write_shipped(folder.path()).unwrap().len(), 3);
        std::fs::remove_file(folder.path().join("en.txt")).unwrap();
        let path = folder.path().join("fr.txt");
        assert_eq!(write_shipped(folder.path()), Err(TemplateFault::Exists { path }));
        assert!(!folder.path().join("en.txt").exists(), "all or none");
    }
}
