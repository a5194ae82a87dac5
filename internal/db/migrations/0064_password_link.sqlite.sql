-- +goose Up

-- Links that set a forgotten password, by the hashes of what is in them. Each counts
-- once.
CREATE TABLE password_link (
    hash BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX password_link_account ON password_link (account_id);
CREATE INDEX password_link_end ON password_link (expires_at);

-- What stands in a mail where its body says {{secret}}, sealed; NULL: nothing, or it was
-- sent.
ALTER TABLE mail ADD COLUMN secret BLOB;
