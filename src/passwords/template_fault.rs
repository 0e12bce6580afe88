//! What can be wrong with templates of letters, for whoever writes them.

use std::path::PathBuf;

use thiserror::Error;

/// Why letters can't be written as they are wished.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateFault {
    /// A template is wrong.
    #[error("{}, line {line}: {slip}", path.display())]
    Slip {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong there.
        slip: Slip,
    },
    /// A file or the folder can't be read or written.
    #[error("{} can't be used: {detail}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        detail: String,
    },
    /// A file whose name says no language.
    #[error("{} isn't named after a language, as en.txt and pt-br.txt are", path.display())]
    NoTag {
        /// The file.
        path: PathBuf,
    },
    /// No template is of the language that was chosen.
    #[error("there are no letters in the language {language:?}, only in {known}")]
    NoLanguage {
        /// The language.
        language: String,
        /// The tags that there are.
        known: String,
    },
    /// A file that is to be written is there already.
    #[error("{} is there already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
}

/// What is wrong in one line of a template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Slip {
    /// A place that nothing is put into.
    #[error("there is no place {{{name}}}{}", meant(nearest.map(|it| format!("{{{it}}}"))))]
    UnknownPlace {
        /// What stands there.
        name: String,
        /// The nearest right one.
        nearest: Option<&'static str>,
    },
    /// A place that takes a section, in a section.
    #[error("{{{name}}} can only stand in [letter]")]
    Nested {
        /// The place.
        name: &'static str,
    },
    /// A brace that belongs to no place.
    #[error("a brace without its other half: braces are for places such as {{password}}")]
    LoneBrace,
    /// A section that a letter doesn't have.
    #[error("there is no section [{name}]{}", meant(nearest.map(|it| format!("[{it}]"))))]
    UnknownSection {
        /// What stands there.
        name: String,
        /// The nearest right one.
        nearest: Option<&'static str>,
    },
    /// A section for the second time.
    #[error("[{name}] is there twice")]
    Twice {
        /// The section.
        name: &'static str,
    },
    /// Text that is in no section.
    #[error("before the first section only lines that begin with # may stand")]
    NoSectionYet,
    /// A section that is not there.
    #[error("the section [{name}] is missing")]
    Missing {
        /// The section.
        name: &'static str,
    },
    /// A letter that tells no password.
    #[error("the letter has no {{password}}")]
    NoPassword,
}

fn meant(nearest: Option<String>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"))
}

impl TemplateFault {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Slip { .. } => {
                "acctsh handover --templates FOLDER writes the shipped ones, which say what may stand where"
            }
            Self::Io { .. } => "say in config.toml where they are: letters = { folder = \"…\" }",
            Self::NoTag { .. } => "rename it, or put it elsewhere",
            Self::NoLanguage { .. } => {
                "put a template for it into the folder: letters = { folder = \"…\" }"
            }
            Self::Exists { .. } => "name another folder, or move the file away first",
        }
    }
}
