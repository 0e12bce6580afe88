//! acctsh's own SQLite files: how one is opened, migrated and written.
