-- +goose Up

-- Mail that is to be sent, or was. It is written with what it tells of. key: it is
-- written once, however often it is asked for. next_at is when it is to be sent; NULL:
-- it was, or it cannot be.
CREATE TABLE mail (
    id BLOB NOT NULL PRIMARY KEY,
    key TEXT,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    tries INTEGER NOT NULL,
    next_at TEXT,
    sent_at TEXT,
    error TEXT,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX mail_key ON mail (key) WHERE key IS NOT NULL;
CREATE INDEX mail_due ON mail (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX mail_age ON mail (created_at);

-- Since when the address of an account waits for its owner to confirm it; NULL: it
-- counts.
ALTER TABLE account ADD COLUMN unverified_since TEXT;
