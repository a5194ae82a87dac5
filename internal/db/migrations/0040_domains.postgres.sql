-- +goose Up

-- The domain of a store, and a name that an account has bought and that no store
-- stands under: then store_id is NULL. reason says why the status is error. Whoever
-- changes its records holds the lease, until lease_until at most.
CREATE TABLE custom_domain (
    id uuid NOT NULL PRIMARY KEY,
    store_id uuid REFERENCES store (id),
    account_id uuid NOT NULL REFERENCES account (id),
    domain text COLLATE "C" NOT NULL,
    status text NOT NULL,
    reason text,
    verification_token text NOT NULL,
    verified_at timestamptz,
    dns_provider text,
    dns_zone_id text,
    auto_dns_configured boolean NOT NULL,
    ssl_provisioned boolean NOT NULL,
    ssl_provider text,
    ssl_certificate_id text,
    ssl_expires_at timestamptz,
    is_purchased boolean NOT NULL,
    purchase_provider text,
    purchase_date timestamptz,
    expiry_date timestamptz,
    auto_renew boolean NOT NULL,
    registrar_order_id text,
    lease uuid,
    lease_until timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX custom_domain_name ON custom_domain (domain);
CREATE UNIQUE INDEX custom_domain_store ON custom_domain (store_id) WHERE store_id IS NOT NULL;
CREATE INDEX custom_domain_account ON custom_domain (account_id, id);

-- The records of a domain as the provider has them. name is relative to the domain,
-- identity a digest of what no two records share.
CREATE TABLE dns_record (
    domain_id uuid NOT NULL REFERENCES custom_domain (id),
    id uuid NOT NULL,
    record_type text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    value text NOT NULL,
    ttl bigint NOT NULL,
    priority bigint,
    identity text COLLATE "C" NOT NULL,
    provider_record_id text NOT NULL,
    is_managed boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (domain_id, id)
);
CREATE UNIQUE INDEX dns_record_same ON dns_record (domain_id, identity);

-- What was asked of the provider, written before it was asked. before and after are
-- the record as JSON; state is open until it is known whether it was done.
CREATE TABLE dns_change (
    domain_id uuid NOT NULL REFERENCES custom_domain (id),
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    action text NOT NULL,
    before text,
    after text,
    state text COLLATE "C" NOT NULL,
    error text,
    account_id uuid,
    created_at timestamptz NOT NULL,
    settled_at timestamptz,
    PRIMARY KEY (domain_id, id)
);
CREATE INDEX dns_change_open ON dns_change (created_at) WHERE state = 'open';

-- The zones of the provider called mock.
CREATE TABLE mock_dns_record (
    zone text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    record_type text COLLATE "C" NOT NULL,
    value text NOT NULL,
    ttl bigint NOT NULL,
    priority bigint,
    identity text COLLATE "C" NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (zone, id)
);
CREATE UNIQUE INDEX mock_dns_record_same ON mock_dns_record (zone, identity);
CREATE INDEX mock_dns_record_name ON mock_dns_record (name, record_type);
