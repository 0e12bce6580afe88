-- Everybody who can receive mail: mailboxes, which belong to a user, and groups and contacts, which don't.
-- The key columns are in lower case.
CREATE TABLE recipients (
    no         INTEGER PRIMARY KEY AUTOINCREMENT,
    guid       TEXT NOT NULL UNIQUE,
    entra_id   TEXT UNIQUE,
    kind       TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    alias_key  TEXT NOT NULL,
    doc        TEXT NOT NULL,
    user_seq   INTEGER UNIQUE REFERENCES users (seq) ON DELETE SET NULL,
    -- Nobody finds it before.
    ready_at   INTEGER NOT NULL,
    -- Since when a mailbox has no licence.
    cut_off_at INTEGER,
    -- Since when its user is deleted.
    deleted_at INTEGER
);
CREATE INDEX recipients_by_name ON recipients (name_key);
CREATE INDEX recipients_by_alias ON recipients (alias_key);
CREATE INDEX recipients_by_kind ON recipients (kind, no);
CREATE INDEX recipients_by_cut ON recipients (cut_off_at) WHERE cut_off_at IS NOT NULL;

CREATE TABLE group_members (
    group_no  INTEGER NOT NULL REFERENCES recipients (no) ON DELETE CASCADE,
    member_no INTEGER NOT NULL REFERENCES recipients (no) ON DELETE CASCADE,
    PRIMARY KEY (group_no, member_no)
) WITHOUT ROWID;
CREATE INDEX group_members_by_member ON group_members (member_no);

CREATE TABLE group_owners (
    group_no INTEGER NOT NULL REFERENCES recipients (no) ON DELETE CASCADE,
    owner_no INTEGER NOT NULL REFERENCES recipients (no) ON DELETE CASCADE,
    PRIMARY KEY (group_no, owner_no)
) WITHOUT ROWID;
CREATE INDEX group_owners_by_owner ON group_owners (owner_no);

CREATE TABLE mailbox_permissions (
    mailbox_no INTEGER NOT NULL REFERENCES recipients (no) ON DELETE CASCADE,
    trustee_no INTEGER NOT NULL REFERENCES recipients (no) ON DELETE CASCADE,
    access     TEXT NOT NULL,
    PRIMARY KEY (mailbox_no, trustee_no, access)
) WITHOUT ROWID;

-- Addresses that nobody has and nobody else may take yet.
CREATE TABLE held_addresses (
    address    TEXT PRIMARY KEY,
    holder     INTEGER NOT NULL,
    name       TEXT NOT NULL,
    until      INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL
) WITHOUT ROWID;

-- One space of addresses: user_seq is a user's, or the number of a recipient without user below zero.
CREATE TABLE all_addresses (
    address  TEXT PRIMARY KEY,
    user_seq INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO all_addresses SELECT address, user_seq FROM addresses;
DROP TABLE addresses;
ALTER TABLE all_addresses RENAME TO addresses;
CREATE INDEX addresses_by_user ON addresses (user_seq);
CREATE TRIGGER addresses_of_purged AFTER DELETE ON users
    BEGIN DELETE FROM addresses WHERE user_seq = OLD.seq; END;

-- Users whose licences changed or who were deleted or restored, and when by the tenant's clock: Exchange
-- hears of it later.
CREATE TABLE mailbox_queue (
    no       INTEGER PRIMARY KEY AUTOINCREMENT,
    user_seq INTEGER NOT NULL,
    at       INTEGER NOT NULL
);
CREATE TRIGGER mailbox_concerned AFTER UPDATE OF doc, deleted_at ON users
    WHEN NEW.deleted_at IS NOT OLD.deleted_at
        OR NEW.doc -> '$.assignedLicenses' IS NOT OLD.doc -> '$.assignedLicenses'
    BEGIN
        INSERT INTO mailbox_queue (user_seq, at)
        VALUES (NEW.seq, CAST(unixepoch('subsec') * 1000 AS INTEGER)
            + coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'clock_ahead'), 0));
    END;
INSERT INTO mailbox_queue (user_seq, at)
    SELECT DISTINCT user_seq, CAST(unixepoch('subsec') * 1000 AS INTEGER)
        + coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'clock_ahead'), 0)
    FROM user_licenses;

UPDATE settings SET value = json_insert(value, '$[#]', 'Exchange.ManageAsApp') WHERE name = 'app_permissions';
UPDATE settings SET value = json_insert(value, '$[#]', 'Exchange Administrator') WHERE name = 'app_roles';
