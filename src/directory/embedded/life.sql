-- What is remembered of the online half: one JSON object, as it is always read and compared whole.
ALTER TABLE users ADD COLUMN remembered TEXT NOT NULL DEFAULT '{}';

-- The GUID of the user that somebody reports to, who may be gone.
ALTER TABLE users ADD COLUMN manager BLOB;

-- The recycle bin. A table of its own: a name in it may be taken anew.
CREATE TABLE deleted_users (
    number               INTEGER PRIMARY KEY,
    guid                 BLOB    NOT NULL UNIQUE CHECK (length(guid) = 16),
    name                 TEXT    NOT NULL,
    name_key             TEXT    NOT NULL,
    details              TEXT    NOT NULL,
    enabled              INTEGER NOT NULL,
    must_change_password INTEGER NOT NULL,
    expires              TEXT,
    access_level         TEXT    NOT NULL,
    is_built_in          INTEGER NOT NULL,
    link                 BLOB,
    created              INTEGER NOT NULL,
    last_changed         INTEGER NOT NULL,
    remembered           TEXT    NOT NULL,
    manager              BLOB,
    hash                 TEXT,
    deleted              INTEGER NOT NULL
) STRICT;
