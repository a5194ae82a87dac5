-- +goose Up

-- What an account's authenticator app knows, sealed. last_step is the time step of the
-- code that was taken last: neither it nor an earlier one is taken again.
CREATE TABLE second_factor (
    account_id uuid NOT NULL PRIMARY KEY REFERENCES account (id),
    secret bytea NOT NULL,
    last_step bigint NOT NULL,
    created_at timestamptz NOT NULL
);

-- Codes that stand in for the app once each, by their hashes.
CREATE TABLE recovery_code (
    account_id uuid NOT NULL REFERENCES account (id),
    hash bytea NOT NULL,
    PRIMARY KEY (account_id, hash)
);
