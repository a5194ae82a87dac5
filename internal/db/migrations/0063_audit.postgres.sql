-- +goose Up

-- Who did what in a store. email, token and name are what they were then; thing_id is
-- text, since not all things have ids of ours; fields is a JSON list.
CREATE TABLE store_action (
    store_id uuid NOT NULL REFERENCES store (id),
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    who text COLLATE "C" NOT NULL,
    actor_id uuid,
    email text NOT NULL,
    token text NOT NULL,
    address text NOT NULL,
    action text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    thing_id text NOT NULL,
    name text NOT NULL,
    fields text NOT NULL,
    PRIMARY KEY (store_id, id)
);
CREATE INDEX store_action_action ON store_action (store_id, action, id);
CREATE INDEX store_action_actor ON store_action (store_id, actor_id, id);

-- The same for accounts: how they are proven, and what they own.
CREATE TABLE account_action (
    account_id uuid NOT NULL REFERENCES account (id),
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    who text COLLATE "C" NOT NULL,
    actor_id uuid,
    email text NOT NULL,
    token text NOT NULL,
    address text NOT NULL,
    action text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    thing_id text NOT NULL,
    name text NOT NULL,
    fields text NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX account_action_action ON account_action (account_id, action, id);

-- +goose StatementBegin
CREATE FUNCTION action_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a line of the audit log is never changed';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER store_action_stays BEFORE UPDATE ON store_action
    FOR EACH ROW EXECUTE FUNCTION action_stays();
CREATE TRIGGER account_action_stays BEFORE UPDATE ON account_action
    FOR EACH ROW EXECUTE FUNCTION action_stays();
