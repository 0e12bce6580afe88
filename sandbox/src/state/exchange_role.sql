-- The app's role in Exchange, active as every role is that was ever given.
INSERT INTO roles (id, template_id, name, description)
    SELECT '9d0a1c3e-4b5f-4a6d-8e7f-1a2b3c4d5e02', '29232cdf-9323-42fd-ade2-1d097af3e4de',
        'Exchange Administrator', 'Can manage all aspects of the Exchange product.'
    WHERE NOT EXISTS
        (SELECT 1 FROM roles WHERE template_id = '29232cdf-9323-42fd-ade2-1d097af3e4de');
