-- +goose Up

-- An order of a name, or of more years for one. It is written before anybody is asked
-- for anything, and its state says how far it is; what became of it stands in
-- purchase_event. live: the name is being bought or renewed, and nobody else does.
-- expires_before is the end of the name before a renewal, expires_at after what was
-- ordered. Whoever carries it on holds the lease, until lease_until at most.
CREATE TABLE purchase (
    id uuid NOT NULL PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    account_id uuid NOT NULL REFERENCES account (id),
    store_id uuid REFERENCES store (id),
    domain_id uuid NOT NULL,
    domain text COLLATE "C" NOT NULL,
    years integer NOT NULL,
    price bigint NOT NULL,
    renewal_price bigint NOT NULL,
    currency text NOT NULL,
    contact text,
    registrar text NOT NULL,
    payment_provider text NOT NULL,
    charge_id text,
    automatic boolean NOT NULL,
    state text COLLATE "C" NOT NULL,
    live boolean NOT NULL,
    order_id text,
    expires_before timestamptz,
    expires_at timestamptz,
    captured boolean NOT NULL,
    delegated boolean NOT NULL,
    configured boolean NOT NULL,
    certified boolean NOT NULL,
    code text,
    reason text,
    tries integer NOT NULL,
    asked_at timestamptz,
    next_at timestamptz,
    lease uuid,
    lease_until timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX purchase_live ON purchase (domain) WHERE live;
CREATE INDEX purchase_domain ON purchase (domain_id, id);
CREATE INDEX purchase_account ON purchase (account_id, id);
CREATE INDEX purchase_due ON purchase (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE purchase_event (
    purchase_id uuid NOT NULL REFERENCES purchase (id),
    id uuid NOT NULL,
    state text COLLATE "C" NOT NULL,
    detail text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (purchase_id, id)
);

-- Which owners were told how many days before the end of a name.
CREATE TABLE domain_notice (
    domain_id uuid NOT NULL REFERENCES custom_domain (id),
    expires_at timestamptz NOT NULL,
    days integer NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (domain_id, expires_at, days)
);

CREATE INDEX custom_domain_expiry ON custom_domain (expiry_date) WHERE is_purchased;

-- The names of the registrar called mock.
CREATE TABLE mock_registration (
    domain text COLLATE "C" NOT NULL PRIMARY KEY,
    order_id text NOT NULL,
    attempt text NOT NULL,
    expires_at timestamptz NOT NULL,
    nameservers text NOT NULL,
    ready_at timestamptz NOT NULL
);

-- The charges of the payment provider called test.
CREATE TABLE test_charge (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    payer text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    about text NOT NULL,
    state text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL
);
