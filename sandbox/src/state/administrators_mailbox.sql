-- The administrator's mailbox: somebody must be able to own the first group. A shared one, which needs no
-- licence (`exchange.md` §12.3). Run by the seed of a new tenant; a tenant from before gets it as a migration.
INSERT INTO recipients (guid, entra_id, kind, name_key, alias_key, doc, user_seq, ready_at)
    SELECT '0f6a1f64-90b3-4d0e-8b39-3a1c0a4be0e1', id, 'SharedMailbox', 'admin', 'admin',
        json_object(
            'Name', 'admin',
            'Alias', 'admin',
            'OtherAddresses', json_array('SIP:' || upn_key),
            'WhenCreatedUTC', strftime('%Y-%m-%dT%H:%M:%S.0000000+00:00'),
            'WhenChangedUTC', strftime('%Y-%m-%dT%H:%M:%S.0000000+00:00')),
        seq, 0
    FROM users
    WHERE id = '0f6a1f64-90b3-4d0e-8b39-3a1c0a4be001'
        AND upn_key = 'admin@contoso.onmicrosoft.com'
        AND deleted_at IS NULL
        AND doc ->> '$.mail' IS NULL
        AND seq NOT IN (SELECT user_seq FROM user_licenses)
        AND upn_key NOT IN (SELECT address FROM addresses)
        AND NOT EXISTS (SELECT 1 FROM recipients WHERE 'admin' IN (name_key, alias_key));
INSERT INTO addresses (address, user_seq)
    SELECT upn_key, seq FROM users JOIN recipients ON user_seq = seq
    WHERE guid = '0f6a1f64-90b3-4d0e-8b39-3a1c0a4be0e1';
UPDATE users
    SET mail_key = upn_key,
        doc = json_set(doc, '$.mail', upn_key, '$.proxyAddresses', json_array('SMTP:' || upn_key))
    WHERE seq IN
        (SELECT user_seq FROM recipients WHERE guid = '0f6a1f64-90b3-4d0e-8b39-3a1c0a4be0e1');
