-- +goose Up

-- Links that confirm an address stood in mails as they are. Those that were sent are
-- forgotten; new ones have what only their reader may know sealed, until they are sent.
DELETE FROM mail WHERE key LIKE 'verify/%' AND next_at IS NULL;
