-- +goose Up

-- What an account's authenticator app knows, sealed. last_step is the time step of the
-- code that was taken last: neither it nor an earlier one is taken again.
CREATE TABLE second_factor (
    account_id BLOB NOT NULL PRIMARY KEY REFERENCES account (id),
    secret BLOB NOT NULL,
    last_step INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Codes that stand in for the app once each, by their hashes.
CREATE TABLE recovery_code (
    account_id BLOB NOT NULL REFERENCES account (id),
    hash BLOB NOT NULL,
    PRIMARY KEY (account_id, hash)
) STRICT, WITHOUT ROWID;
