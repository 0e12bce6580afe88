CREATE TABLE deleted_users (
    guid       BLOB PRIMARY KEY,
    -- Where it was, and when it went, in microseconds.
    dn         TEXT NOT NULL,
    deleted    INTEGER NOT NULL,
    -- JSON: each attribute with its values in Base64; the names of groups.
    attributes TEXT NOT NULL,
    groups     TEXT NOT NULL
) STRICT;
