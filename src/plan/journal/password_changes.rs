//! Whether password changes made in a directory are known to arrive: what `password_home = "directory"` asks
//! for (DESIGN §1).

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use uuid::Uuid;

use super::{Journal, JournalError};

/// When the first change of each directory was seen to arrive.
pub(super) const TABLE: &str =
    "CREATE TABLE password_changes (directory BLOB PRIMARY KEY, seen INTEGER NOT NULL) STRICT;";

impl Journal {
    /// When a change made in that directory was first seen to arrive.
    pub async fn password_change_seen(
        &self,
        directory: Uuid,
    ) -> Result<Option<Timestamp>, JournalError> {
        self.database
            .read(move |db| {
                let seen: Option<i64> = db
                    .prepare_cached("SELECT seen FROM password_changes WHERE directory = ?1")?
                    .query_row([directory.as_bytes()], |row| row.get(0))
                    .optional()?;
                Ok(seen.and_then(|seen| Timestamp::from_microsecond(seen).ok()))
            })
            .await
    }
}
