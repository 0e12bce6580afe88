-- One row: which directory this is.
CREATE TABLE directory (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    id       BLOB NOT NULL CHECK (length(id) = 16)
) STRICT;

-- The number is the order of creation. Points in time are microseconds since 1970. The texts are
-- one JSON object: they are always read and compared together, and most are absent.
CREATE TABLE users (
    number               INTEGER PRIMARY KEY AUTOINCREMENT,
    guid                 BLOB    NOT NULL UNIQUE CHECK (length(guid) = 16),
    name                 TEXT    NOT NULL,
    name_key             TEXT    NOT NULL UNIQUE,
    details              TEXT    NOT NULL,
    enabled              INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    expires              TEXT,
    access_level         TEXT    NOT NULL CHECK (access_level IN ('standard', 'administrator')),
    is_built_in          INTEGER NOT NULL CHECK (is_built_in IN (0, 1)),
    link                 BLOB    CHECK (length(link) = 16),
    created              INTEGER NOT NULL,
    last_changed         INTEGER NOT NULL
) STRICT;

CREATE INDEX users_by_link ON users (link) WHERE link IS NOT NULL;

-- Apart from the users, so that reading them never touches a hash. No row: no password will do.
CREATE TABLE passwords (
    user INTEGER PRIMARY KEY REFERENCES users (number) ON DELETE CASCADE,
    hash TEXT    NOT NULL
) STRICT;
