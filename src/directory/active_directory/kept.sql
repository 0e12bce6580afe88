CREATE TABLE deleted_users (
    guid       BLOB PRIMARY KEY,
    -- Where it was, and when it went, in microseconds.
    dn         TEXT NOT NULL,
    deleted    INTEGER NOT NULL,
    -- JSON: each attribute with its values in Base64; the names of groups.
    attributes TEXT NOT NULL,
    groups     TEXT NOT NULL,
    -- How far it has come back: 0 not at all, 1 it is being brought back, 2 it is open again.
    phase      INTEGER NOT NULL
) STRICT;

-- Which controller was first asked to make a user: a second one may not have heard of it yet.
CREATE TABLE creations (
    mark   BLOB PRIMARY KEY,
    server TEXT NOT NULL,
    asked  INTEGER NOT NULL
) STRICT;
