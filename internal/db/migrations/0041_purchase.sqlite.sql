-- +goose Up

-- An order of a name, or of more years for one. It is written before anybody is asked
-- for anything, and its state says how far it is; what became of it stands in
-- purchase_event. live: the name is being bought or renewed, and nobody else does.
-- expires_before is the end of the name before a renewal, expires_at after what was
-- ordered. Whoever carries it on holds the lease, until lease_until at most.
CREATE TABLE purchase (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id),
    store_id BLOB REFERENCES store (id),
    domain_id BLOB NOT NULL,
    domain TEXT NOT NULL,
    years INTEGER NOT NULL,
    price INTEGER NOT NULL,
    renewal_price INTEGER NOT NULL,
    currency TEXT NOT NULL,
    contact TEXT,
    registrar TEXT NOT NULL,
    payment_provider TEXT NOT NULL,
    charge_id TEXT,
    automatic INTEGER NOT NULL,
    state TEXT NOT NULL,
    live INTEGER NOT NULL,
    order_id TEXT,
    expires_before TEXT,
    expires_at TEXT,
    captured INTEGER NOT NULL,
    delegated INTEGER NOT NULL,
    configured INTEGER NOT NULL,
    certified INTEGER NOT NULL,
    code TEXT,
    reason TEXT,
    tries INTEGER NOT NULL,
    asked_at TEXT,
    next_at TEXT,
    lease BLOB,
    lease_until TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX purchase_live ON purchase (domain) WHERE live;
CREATE INDEX purchase_domain ON purchase (domain_id, id);
CREATE INDEX purchase_account ON purchase (account_id, id);
CREATE INDEX purchase_due ON purchase (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE purchase_event (
    purchase_id BLOB NOT NULL REFERENCES purchase (id),
    id BLOB NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (purchase_id, id)
) STRICT, WITHOUT ROWID;

-- Which owners were told how many days before the end of a name.
CREATE TABLE domain_notice (
    domain_id BLOB NOT NULL REFERENCES custom_domain (id),
    expires_at TEXT NOT NULL,
    days INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (domain_id, expires_at, days)
) STRICT, WITHOUT ROWID;

CREATE INDEX custom_domain_expiry ON custom_domain (expiry_date) WHERE is_purchased;

-- The names of the registrar called mock.
CREATE TABLE mock_registration (
    domain TEXT NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL,
    attempt TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    nameservers TEXT NOT NULL,
    ready_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The charges of the payment provider called test.
CREATE TABLE test_charge (
    id TEXT NOT NULL PRIMARY KEY,
    payer TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    about TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
