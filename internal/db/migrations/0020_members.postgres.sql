-- +goose Up

-- Who works in a store besides its owner, by e-mail: whoever has the account with
-- this address has the role, now or once there is one. email_key is the address
-- folded.
CREATE TABLE member (
    store_id uuid NOT NULL REFERENCES store (id),
    id uuid NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    role text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, id)
);
CREATE UNIQUE INDEX member_email ON member (store_id, email_key);
CREATE INDEX member_stores ON member (email_key, store_id);
