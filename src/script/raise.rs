//! Errors that scripts see: a map `#{ kind, message, subject, field, value, hint }`. `kind` never
//! changes, so that `catch` can compare it.

use rhai::{Dynamic, EvalAltResult, Map, Position};

use crate::accounts::AccountsFault;
use crate::directory::DirectoryFault;
use crate::model::Problem;
use crate::passwords::PasswordFault;
use crate::plan::apply::{ApplyError, Collision};
use crate::plan::execute::ExecuteError;
use crate::plan::plan_file::PlanFileError;
use crate::profile::{ProfileFault, TemplateFault};
use crate::table::TableFault;

/// The error of a native function.
pub(super) type Raised = Box<EvalAltResult>;

/// An error on its way to a script or, uncaught, to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of error.
    pub kind: Box<str>,
    /// What is wrong.
    pub message: Box<str>,
    /// Whom or what it is about.
    pub subject: Option<Box<str>>,
    /// Which field.
    pub field: Option<Box<str>>,
    /// Which value; never a secret.
    pub value: Option<Box<str>>,
    /// What to do.
    pub hint: Option<Box<str>>,
    /// The row that it belongs to.
    pub row: Option<Box<str>>,
}

impl Fault {
    /// An error with a message.
    pub fn new(kind: impl Into<Box<str>>, message: impl Into<Box<str>>) -> Self {
        Self {
            kind: kind.into(),
            message: message.into(),
            subject: None,
            field: None,
            value: None,
            hint: None,
            row: None,
        }
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(self, hint: impl Into<Box<str>>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Names the field.
    #[must_use]
    pub fn field(self, field: impl Into<Box<str>>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// Names the value.
    #[must_use]
    pub fn value(self, value: impl Into<Box<str>>) -> Self {
        Self { value: Some(value.into()), ..self }
    }

    /// Names the row.
    #[must_use]
    pub fn row(self, row: Option<String>) -> Self {
        Self { row: row.map(Into::into).or(self.row), ..self }
    }

    /// As an error of the engine; the engine adds where it was called.
    pub(super) fn raise(self) -> Raised {
        let mut map = Map::new();
        map.insert("kind".into(), self.kind.into_string().into());
        map.insert("message".into(), self.message.into_string().into());
        let mut put = |key: &str, value: Option<Box<str>>| {
            map.insert(key.into(), value.map_or(Dynamic::UNIT, |text| text.into_string().into()));
        };
        put("subject", self.subject);
        put("field", self.field);
        put("value", self.value);
        put("hint", self.hint);
        put("row", self.row);
        EvalAltResult::ErrorRuntime(map.into(), Position::NONE).into()
    }

    /// The error behind a map that a script sees.
    pub(super) fn of_map(map: &Map) -> Option<Self> {
        let text = |key: &str| {
            map.get(key)
                .and_then(|value| value.clone().into_string().ok())
                .map(String::into_boxed_str)
        };
        Some(Self {
            kind: text("kind")?,
            message: text("message")?,
            subject: text("subject"),
            field: text("field"),
            value: text("value"),
            hint: text("hint"),
            row: text("row"),
        })
    }
}

impl From<AccountsFault> for Fault {
    fn from(fault: AccountsFault) -> Self {
        let message = fault.to_string();
        match &fault {
            AccountsFault::Online(online) => {
                let hint = online.advice().map(Into::into);
                Self { hint, ..Self::new(online.code_word(), message) }
            }
            AccountsFault::Directory(DirectoryFault::Unavailable(_)) => {
                Self::new("directory_unavailable", message)
                    .hint("check that the folder exists and that you may write there")
            }
            AccountsFault::Directory(directory) => {
                let kind = match directory {
                    DirectoryFault::SignIn { .. } => "sign_in",
                    DirectoryFault::NotAllowed { .. } => "permission_missing",
                    DirectoryFault::OutOfReach(_) => "directory_unavailable",
                    _ => "directory",
                };
                Self { hint: directory.advice().map(Into::into), ..Self::new(kind, message) }
            }
            AccountsFault::NotOpened { advice, .. } => Self {
                hint: advice.clone().map(Into::into),
                ..Self::new("directory_unavailable", message)
            },
            AccountsFault::NoSecret { advice, .. } => {
                Self { hint: advice.clone().map(Into::into), ..Self::new("sign_in", message) }
            }
            AccountsFault::Unanswered => Self::new("script", message),
        }
    }
}

/// What a directory answered.
pub fn directory_fault(fault: DirectoryFault) -> Fault {
    AccountsFault::from(fault).into()
}

impl From<PasswordFault> for Fault {
    fn from(fault: PasswordFault) -> Self {
        let hint = fault.advice().unwrap_or("see to it that whoever runs this may use it");
        Self::new("directory_unavailable", fault.to_string()).hint(hint)
    }
}

impl From<TableFault> for Fault {
    fn from(fault: TableFault) -> Self {
        let hint = fault.advice().map(Into::into);
        Self { hint, ..Self::new("bad_file", fault.to_string()) }
    }
}

impl From<TemplateFault> for Fault {
    fn from(fault: TemplateFault) -> Self {
        Self::new("bad_template", fault.to_string()).hint(fault.advice())
    }
}

impl From<ProfileFault> for Fault {
    fn from(fault: ProfileFault) -> Self {
        match fault {
            ProfileFault::Key(fault) => fault.into(),
            ProfileFault::Journal(_) => Self::new("directory_unavailable", fault.to_string()).hint(
                "give yourself the right to write there, or let ACCTSH_HOME name another folder",
            ),
            _ => Self::new("bad_profile", fault.to_string()),
        }
    }
}

impl From<ApplyError> for Fault {
    fn from(fault: ApplyError) -> Self {
        match fault {
            ApplyError::Journal(_) => Self::new("journal", fault.to_string()),
            ApplyError::Handover(ref reason) => {
                let hint = reason.advice().map(Into::into);
                Self { hint, ..Self::new("bad_folder", fault.to_string()) }
            }
            ApplyError::Collision(Collision { ref run, .. }) => {
                Self::new("collision", fault.to_string()).hint(format!(
                    "finish it with: acctsh plan resume {run}   or give it up with: acctsh plan abandon {run}"
                ))
            }
            ApplyError::Overtaken { .. } => Self::new("overtaken", fault.to_string()),
            ApplyError::Held { .. } => Self::new("run_held", fault.to_string())
                .hint("wait for that process, or stop it; then resume the run"),
            ApplyError::Lock { .. } => Self::new("directory_unavailable", fault.to_string()).hint(
                "give yourself the right to write there, or let ACCTSH_HOME name another folder",
            ),
        }
    }
}

impl From<ExecuteError> for Fault {
    fn from(fault: ExecuteError) -> Self {
        match fault {
            ExecuteError::Journal(_) => Self::new("journal", fault.to_string()),
            ExecuteError::Password(ref reason) => {
                let hint = reason.advice().map(Into::into);
                Self { hint, ..Self::new("password", fault.to_string()) }
            }
            ExecuteError::Accounts(fault) => fault.into(),
        }
    }
}

impl From<PlanFileError> for Fault {
    fn from(fault: PlanFileError) -> Self {
        let message = fault.to_string();
        match fault {
            PlanFileError::Stale { .. } | PlanFileError::OtherSide { .. } => {
                Self::new("refused", message).hint("make the plan again and look at it")
            }
            PlanFileError::Edited { .. } => Self::new("bad_file", message)
                .hint("to change a plan, edit its review file (--review) and plan again"),
            PlanFileError::Io { .. } | PlanFileError::Format { .. } => {
                Self::new("bad_file", message)
            }
            PlanFileError::Password(_) => Self::new("password", message).hint(
                "a plan with given passwords can only be applied on the machine that made it",
            ),
        }
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self {
            kind: problem.code.into(),
            message: problem.message.into(),
            subject: Some(problem.subject.into()),
            field: problem.field.map(|field| field.name().into()),
            value: problem.value.map(Into::into),
            hint: problem.advice.map(Into::into),
            row: None,
        }
    }
}
