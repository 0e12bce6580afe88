-- What a user had before the password was set, so that it can be put back where the tenant refuses the new
-- one: the hash (empty where there was none), and whether it had to be changed.
ALTER TABLE passwords ADD COLUMN before TEXT;
ALTER TABLE passwords ADD COLUMN must_change_before INTEGER;
