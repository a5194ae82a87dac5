-- +goose Up

-- Who did what in a store. email, token and name are what they were then; thing_id is
-- text, since not all things have ids of ours; fields is a JSON list.
CREATE TABLE store_action (
    store_id BLOB NOT NULL REFERENCES store (id),
    id BLOB NOT NULL,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    actor_id BLOB,
    email TEXT NOT NULL,
    token TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    kind TEXT NOT NULL,
    thing_id TEXT NOT NULL,
    name TEXT NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX store_action_action ON store_action (store_id, action, id);
CREATE INDEX store_action_actor ON store_action (store_id, actor_id, id);

-- The same for accounts: how they are proven, and what they own.
CREATE TABLE account_action (
    account_id BLOB NOT NULL REFERENCES account (id),
    id BLOB NOT NULL,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    actor_id BLOB,
    email TEXT NOT NULL,
    token TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    kind TEXT NOT NULL,
    thing_id TEXT NOT NULL,
    name TEXT NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_action_action ON account_action (account_id, action, id);


-- +goose StatementBegin
CREATE TRIGGER store_action_stays BEFORE UPDATE ON store_action
BEGIN
    SELECT RAISE(ABORT, 'a line of the audit log is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER account_action_stays BEFORE UPDATE ON account_action
BEGIN
    SELECT RAISE(ABORT, 'a line of the audit log is never changed');
END;
-- +goose StatementEnd
