-- The e-mail addresses: one JSON list, as it is always read and compared whole.
ALTER TABLE users ADD COLUMN mail TEXT NOT NULL DEFAULT '[]';
ALTER TABLE deleted_users ADD COLUMN mail TEXT NOT NULL DEFAULT '[]';
