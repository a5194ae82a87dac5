-- +goose Up

-- Mail that is to be sent, or was. It is written with what it tells of. key: it is
-- written once, however often it is asked for. next_at is when it is to be sent; NULL:
-- it was, or it cannot be.
CREATE TABLE mail (
    id uuid NOT NULL PRIMARY KEY,
    key text COLLATE "C",
    recipient text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    tries integer NOT NULL,
    next_at timestamptz,
    sent_at timestamptz,
    error text,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX mail_key ON mail (key) WHERE key IS NOT NULL;
CREATE INDEX mail_due ON mail (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX mail_age ON mail (created_at);

-- Since when the address of an account waits for its owner to confirm it; NULL: it
-- counts.
ALTER TABLE account ADD COLUMN unverified_since timestamptz;
