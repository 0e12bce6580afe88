CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE domains (
    name        TEXT PRIMARY KEY,
    is_default  INTEGER NOT NULL,
    is_initial  INTEGER NOT NULL,
    is_verified INTEGER NOT NULL,
    federated   INTEGER NOT NULL
);

CREATE TABLE skus (
    sku_id      TEXT PRIMARY KEY,
    part_number TEXT NOT NULL,
    seats       INTEGER NOT NULL,
    consumed    INTEGER NOT NULL DEFAULT 0,
    plans       TEXT NOT NULL
);

-- Live and deleted users. The key columns repeat members of doc in the form they are looked up by.
CREATE TABLE users (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    upn_key      TEXT NOT NULL UNIQUE,
    name_key     TEXT NOT NULL,
    mail_key     TEXT,
    employee_key TEXT,
    immutable_id TEXT,
    doc          TEXT NOT NULL,
    deleted_at   INTEGER,
    visible_at   INTEGER NOT NULL,
    listed_at    INTEGER NOT NULL,
    password     BLOB NOT NULL
);
CREATE INDEX users_by_name ON users (name_key, seq);
CREATE INDEX users_by_mail ON users (mail_key) WHERE mail_key IS NOT NULL;
CREATE INDEX users_by_employee ON users (employee_key) WHERE employee_key IS NOT NULL;
CREATE INDEX users_by_immutable_id ON users (immutable_id) WHERE immutable_id IS NOT NULL;
CREATE INDEX users_by_deletion ON users (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE user_licenses (
    user_seq INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    sku_id   TEXT NOT NULL REFERENCES skus (sku_id),
    PRIMARY KEY (user_seq, sku_id)
) WITHOUT ROWID;
CREATE TRIGGER seat_taken AFTER INSERT ON user_licenses
    BEGIN UPDATE skus SET consumed = consumed + 1 WHERE sku_id = NEW.sku_id; END;
CREATE TRIGGER seat_freed AFTER DELETE ON user_licenses
    BEGIN UPDATE skus SET consumed = consumed - 1 WHERE sku_id = OLD.sku_id; END;

-- The mail addresses of live users, in lower case and without their prefix.
CREATE TABLE addresses (
    address  TEXT PRIMARY KEY,
    user_seq INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX addresses_by_user ON addresses (user_seq);

CREATE TABLE roles (
    id          TEXT PRIMARY KEY,
    template_id TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL
);
CREATE TABLE role_members (
    role_id  TEXT NOT NULL REFERENCES roles (id),
    user_seq INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    PRIMARY KEY (role_id, user_seq)
) WITHOUT ROWID;

-- Token buckets of the throttle: how much was left at that moment of the quota clock (seconds).
CREATE TABLE buckets (
    name  TEXT PRIMARY KEY,
    level REAL NOT NULL,
    at    REAL NOT NULL
) WITHOUT ROWID;
