-- +goose Up

-- Who works in a store besides its owner, by e-mail: whoever has the account with
-- this address has the role, now or once there is one. email_key is the address
-- folded.
CREATE TABLE member (
    store_id BLOB NOT NULL REFERENCES store (id),
    id BLOB NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX member_email ON member (store_id, email_key);
CREATE INDEX member_stores ON member (email_key, store_id);
