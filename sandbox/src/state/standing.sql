-- How each subscription stands, which of its service plans aren't set up yet (a JSON list of ids), and
-- the role that the app has from the start.
ALTER TABLE skus ADD COLUMN standing TEXT NOT NULL DEFAULT 'Enabled';
ALTER TABLE skus ADD COLUMN pending TEXT NOT NULL DEFAULT '[]';
INSERT INTO roles (id, template_id, name, description) VALUES (
    '9d0a1c3e-4b5f-4a6d-8e7f-1a2b3c4d5e01', 'fe930be7-5e62-47db-91af-98c3a49a38b1', 'User Administrator',
    'Can manage all aspects of users and groups, including resetting passwords for limited admins.');
