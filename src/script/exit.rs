//! How a command ends: the exit codes (DESIGN §5), and which error means which.

/// The end of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All done.
    Done = 0,
    /// It failed.
    Failed = 1,
    /// Bad input; nothing was written.
    BadInput = 2,
    /// Some rows failed.
    SomeFailed = 3,
    /// Refused by a guard or a lock.
    Refused = 4,
    /// It needs a confirmation, and there is no terminal.
    NeedsConfirmation = 5,
    /// Sign-in or permission.
    SignIn = 6,
    /// Stopped or parked; it can be resumed.
    Stopped = 7,
    /// Tenant or directory out of reach.
    OutOfReach = 8,
}

impl Exit {
    /// The number for the shell.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The end that an uncaught error of that kind means.
    pub fn of_kind(kind: &str) -> Self {
        match kind {
            "sign_in" | "permission_missing" | "permission" => Self::SignIn,
            "unreachable"
            | "unavailable"
            | "outcome_unknown"
            | "throttled"
            | "bad_answer"
            | "directory_unavailable" => Self::OutOfReach,
            "stopped" => Self::Stopped,
            "refused" | "collision" | "overtaken" | "run_held" => Self::Refused,
            "needs_confirmation" => Self::NeedsConfirmation,
            "script" | "failed" | "journal" | "password" => Self::Failed,
            _ => Self::BadInput,
        }
    }
}
