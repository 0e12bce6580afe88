//! "This is wrong, here, do that": the one type for what a plan's check finds.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Field;

/// Whether a problem stops the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing is written while there is one.
    Error,
    /// Shown, and asked about.
    Warning,
    /// Shown only.
    Note,
}

/// Something wrong with one change, or with the plan as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Whether it stops the plan.
    pub severity: Severity,
    /// A stable name such as `name_taken`, for scripts and result files.
    pub code: Cow<'static, str>,
    /// Whom or what it is about, such as a user name.
    pub subject: String,
    /// The field that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Field>,
    /// The value that is wrong; never a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is wrong: a sentence without capital and full stop.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Problem {
    /// A problem that stops the plan.
    pub fn error(code: &'static str, subject: impl ToString, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: Cow::Borrowed(code),
            subject: subject.to_string(),
            field: None,
            value: None,
            message: message.into(),
            advice: None,
        }
    }

    /// A problem that is only shown and asked about.
    pub fn warning(code: &'static str, subject: impl ToString, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, subject, message) }
    }

    /// A remark that is only shown.
    pub fn note(code: &'static str, subject: impl ToString, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, subject, message) }
    }

    /// Names the field.
    #[must_use]
    pub fn field(self, field: Field) -> Self {
        Self { field: Some(field), ..self }
    }

    /// Names the value.
    #[must_use]
    pub fn value(self, value: impl ToString) -> Self {
        Self { value: Some(value.to_string()), ..self }
    }

    /// Says what to do.
    #[must_use]
    pub fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// Whether it stops the plan.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
