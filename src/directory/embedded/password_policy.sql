-- What passwords must be. A directory that is there already keeps the level that it was held to.
ALTER TABLE directory ADD COLUMN password_policy TEXT NOT NULL DEFAULT 'strong'
    CHECK (password_policy IN ('weak', 'medium', 'medium strong', 'strong'));
