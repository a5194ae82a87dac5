-- +goose Up

-- The domain of a store, and a name that an account has bought and that no store
-- stands under: then store_id is NULL. reason says why the status is error. Whoever
-- changes its records holds the lease, until lease_until at most.
CREATE TABLE custom_domain (
    id BLOB NOT NULL PRIMARY KEY,
    store_id BLOB REFERENCES store (id),
    account_id BLOB NOT NULL REFERENCES account (id),
    domain TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    verification_token TEXT NOT NULL,
    verified_at TEXT,
    dns_provider TEXT,
    dns_zone_id TEXT,
    auto_dns_configured INTEGER NOT NULL,
    ssl_provisioned INTEGER NOT NULL,
    ssl_provider TEXT,
    ssl_certificate_id TEXT,
    ssl_expires_at TEXT,
    is_purchased INTEGER NOT NULL,
    purchase_provider TEXT,
    purchase_date TEXT,
    expiry_date TEXT,
    auto_renew INTEGER NOT NULL,
    registrar_order_id TEXT,
    lease BLOB,
    lease_until TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX custom_domain_name ON custom_domain (domain);
CREATE UNIQUE INDEX custom_domain_store ON custom_domain (store_id) WHERE store_id IS NOT NULL;
CREATE INDEX custom_domain_account ON custom_domain (account_id, id);

-- The records of a domain as the provider has them. name is relative to the domain,
-- identity a digest of what no two records share.
CREATE TABLE dns_record (
    domain_id BLOB NOT NULL REFERENCES custom_domain (id),
    id BLOB NOT NULL,
    record_type TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    ttl INTEGER NOT NULL,
    priority INTEGER,
    identity TEXT NOT NULL,
    provider_record_id TEXT NOT NULL,
    is_managed INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (domain_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX dns_record_same ON dns_record (domain_id, identity);

-- What was asked of the provider, written before it was asked. before and after are
-- the record as JSON; state is open until it is known whether it was done.
CREATE TABLE dns_change (
    domain_id BLOB NOT NULL REFERENCES custom_domain (id),
    id BLOB NOT NULL,
    record_id BLOB NOT NULL,
    action TEXT NOT NULL,
    before TEXT,
    after TEXT,
    state TEXT NOT NULL,
    error TEXT,
    account_id BLOB,
    created_at TEXT NOT NULL,
    settled_at TEXT,
    PRIMARY KEY (domain_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dns_change_open ON dns_change (created_at) WHERE state = 'open';

-- The zones of the provider called mock.
CREATE TABLE mock_dns_record (
    zone TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    record_type TEXT NOT NULL,
    value TEXT NOT NULL,
    ttl INTEGER NOT NULL,
    priority INTEGER,
    identity TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (zone, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX mock_dns_record_same ON mock_dns_record (zone, identity);
CREATE INDEX mock_dns_record_name ON mock_dns_record (name, record_type);
