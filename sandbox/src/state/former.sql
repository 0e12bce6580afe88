-- What a user was before a write that not everybody sees yet: until when it is read by id, and until
-- when it is listed.
CREATE TABLE former (
    no           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_seq     INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    doc          TEXT NOT NULL,
    read_until   INTEGER NOT NULL,
    listed_until INTEGER NOT NULL
);
CREATE INDEX former_by_user ON former (user_seq, no);
CREATE INDEX former_by_end ON former (listed_until);
