-- +goose Up

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- The id that a row has in a copied store: package lineage says how and why. A
-- plain SQL function, so that the planner inlines it.
-- +goose StatementBegin
CREATE FUNCTION lineage_id(mask bigint, old uuid) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(substring(uuid_send(old) FOR 8)
        || int8send(('x' || encode(substring(uuid_send(old) FROM 9), 'hex'))::bit(64)::bigint # mask), 'hex')::uuid
$$;
-- +goose StatementEnd

-- Platform tables: keyed by their own id.

-- What a user may have. store_limit is NULL where there is no limit.
CREATE TABLE plan (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    store_limit bigint,
    price bigint NOT NULL,
    currency text NOT NULL,
    period text NOT NULL,
    position bigint NOT NULL
);
INSERT INTO plan (id, name, store_limit, price, currency, period, position) VALUES
    ('free', 'Free', 3, 0, 'USD', 'month', 1),
    ('growth', 'Growth', 25, 4900, 'USD', 'month', 2),
    ('scale', 'Scale', NULL, 29900, 'USD', 'month', 3);

-- A user. email_key is the address folded, store_count the places taken in the plan.
CREATE TABLE account (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    plan_id text COLLATE "C" NOT NULL REFERENCES plan (id),
    store_count bigint NOT NULL CONSTRAINT account_store_count CHECK (store_count >= 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX account_email ON account (email_key);

-- What proves who is asking: sessions of a login and personal API tokens. Only
-- the SHA-256 of the secret is kept.
CREATE TABLE token (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account (id),
    kind text NOT NULL,
    name text NOT NULL,
    hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz
);
CREATE UNIQUE INDEX token_hash ON token (hash);
CREATE INDEX token_account ON token (account_id, id);

-- Failed logins, by account and by address, for as long as they count.
CREATE TABLE login_failure (
    id uuid PRIMARY KEY,
    key text COLLATE "C" NOT NULL,
    failed_at timestamptz NOT NULL
);
CREATE INDEX login_failure_key ON login_failure (key, failed_at);
CREATE INDEX login_failure_age ON login_failure (failed_at);

-- Answers to requests with an Idempotency-Key. status is NULL while the first
-- call runs; claim tells which call that is.
CREATE TABLE idempotency_key (
    account_id uuid NOT NULL REFERENCES account (id),
    key_hash bytea NOT NULL,
    fingerprint bytea NOT NULL,
    claim uuid NOT NULL,
    claimed_at timestamptz NOT NULL,
    status bigint,
    headers text,
    body bytea,
    PRIMARY KEY (account_id, key_hash)
);
CREATE INDEX idempotency_key_age ON idempotency_key (claimed_at);

-- Keys that the processes of one platform share.
CREATE TABLE secret (
    name text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);

-- A merchant's store. source_store_id is the store that it was cloned from.
CREATE TABLE store (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account (id),
    name text NOT NULL,
    slug text COLLATE "C" NOT NULL,
    niche text,
    description text,
    store_type text NOT NULL,
    status text NOT NULL,
    currency text NOT NULL,
    logo_url text,
    favicon_url text,
    custom_css text,
    source_store_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz
);
CREATE UNIQUE INDEX store_slug ON store (slug) WHERE deleted_at IS NULL;
CREATE INDEX store_account ON store (account_id, id) WHERE deleted_at IS NULL;

-- Long work that somebody watches. The queue's own tables say when to run it;
-- this row says how far it is. lease_until is renewed while it runs.
CREATE TABLE job (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account (id),
    store_id uuid,
    kind text NOT NULL,
    status text COLLATE "C" NOT NULL,
    args text NOT NULL,
    step text NOT NULL,
    done bigint NOT NULL,
    total bigint NOT NULL,
    result text,
    error text,
    attempt bigint NOT NULL,
    lease_until timestamptz,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX job_lease ON job (lease_until) WHERE status = 'running';

-- A file on its way into a job, in pieces, so that no process holds it whole.
CREATE TABLE upload (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account (id),
    size bigint NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE TABLE upload_chunk (
    upload_id uuid NOT NULL REFERENCES upload (id) ON DELETE CASCADE,
    n bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (upload_id, n)
);

-- Store-scoped tables: the primary key is (store_id, id), foreign keys begin with
-- store_id, and source_id is the row that a clone's row was copied from.

-- A product. search_text is what is searched, folded; indexed tells whether
-- product_search has it yet. Ratings are kept as sum and count.
CREATE TABLE product (
    store_id uuid NOT NULL REFERENCES store (id),
    id uuid NOT NULL,
    title text NOT NULL,
    slug text COLLATE "C" NOT NULL,
    description text,
    status text COLLATE "C" NOT NULL,
    vendor text,
    product_type text,
    tags text NOT NULL,
    images text NOT NULL,
    options text NOT NULL,
    rating_sum bigint NOT NULL,
    review_count bigint NOT NULL,
    seo_title text,
    seo_description text,
    search_text text COLLATE "C" NOT NULL,
    indexed boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    source_id uuid,
    PRIMARY KEY (store_id, id)
);
CREATE UNIQUE INDEX product_slug ON product (store_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX product_status ON product (store_id, status, id) WHERE deleted_at IS NULL;
CREATE INDEX product_unindexed ON product (store_id, id) WHERE NOT indexed;

-- The substring index of products, filled with a write or, after a clone or an
-- import, by a job; until then such products are found without it.
CREATE TABLE product_search (
    store_id uuid NOT NULL,
    product_id uuid NOT NULL,
    text text COLLATE "C" NOT NULL,
    PRIMARY KEY (store_id, product_id),
    FOREIGN KEY (store_id, product_id) REFERENCES product (store_id, id)
);
CREATE INDEX product_search_text ON product_search USING gin (store_id, text gin_trgm_ops);

-- A variant: what is priced, stocked and sold.
CREATE TABLE variant (
    store_id uuid NOT NULL,
    id uuid NOT NULL,
    product_id uuid NOT NULL,
    title text NOT NULL,
    sku text COLLATE "C",
    price bigint NOT NULL,
    compare_at_price bigint,
    cost bigint,
    barcode text,
    weight double precision,
    weight_unit text NOT NULL,
    option_values text NOT NULL,
    track_inventory boolean NOT NULL,
    allow_backorder boolean NOT NULL,
    position bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    source_id uuid,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, product_id) REFERENCES product (store_id, id)
);
CREATE UNIQUE INDEX variant_sku ON variant (store_id, sku) WHERE sku IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX variant_product ON variant (store_id, product_id);

CREATE TABLE category (
    store_id uuid NOT NULL REFERENCES store (id),
    id uuid NOT NULL,
    name text NOT NULL,
    slug text COLLATE "C" NOT NULL,
    description text,
    parent_id uuid,
    position bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    source_id uuid,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, parent_id) REFERENCES category (store_id, id)
);
CREATE UNIQUE INDEX category_slug ON category (store_id, slug);
CREATE INDEX category_parent ON category (store_id, parent_id);

CREATE TABLE product_category (
    store_id uuid NOT NULL,
    product_id uuid NOT NULL,
    category_id uuid NOT NULL,
    PRIMARY KEY (store_id, product_id, category_id),
    FOREIGN KEY (store_id, product_id) REFERENCES product (store_id, id),
    FOREIGN KEY (store_id, category_id) REFERENCES category (store_id, id)
);
CREATE INDEX product_category_category ON product_category (store_id, category_id, product_id);

CREATE TABLE supplier (
    store_id uuid NOT NULL REFERENCES store (id),
    id uuid NOT NULL,
    name text NOT NULL,
    email text,
    phone text,
    website text,
    country text,
    lead_time_days bigint,
    notes text,
    is_active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    source_id uuid,
    PRIMARY KEY (store_id, id)
);

CREATE TABLE product_supplier (
    store_id uuid NOT NULL,
    product_id uuid NOT NULL,
    supplier_id uuid NOT NULL,
    supplier_sku text,
    cost bigint,
    is_primary boolean NOT NULL,
    PRIMARY KEY (store_id, product_id, supplier_id),
    FOREIGN KEY (store_id, product_id) REFERENCES product (store_id, id),
    FOREIGN KEY (store_id, supplier_id) REFERENCES supplier (store_id, id)
);
CREATE UNIQUE INDEX product_supplier_primary ON product_supplier (store_id, product_id) WHERE is_primary;
CREATE INDEX product_supplier_supplier ON product_supplier (store_id, supplier_id);

CREATE TABLE theme (
    store_id uuid NOT NULL REFERENCES store (id),
    id uuid NOT NULL,
    name text NOT NULL,
    settings text NOT NULL,
    custom_css text,
    is_active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    source_id uuid,
    PRIMARY KEY (store_id, id)
);
CREATE UNIQUE INDEX theme_active ON theme (store_id) WHERE is_active;

-- A discount. value is a percentage in 1/10000, or minor units; code_key is the
-- code folded.
CREATE TABLE discount (
    store_id uuid NOT NULL REFERENCES store (id),
    id uuid NOT NULL,
    code text NOT NULL,
    code_key text COLLATE "C" NOT NULL,
    type text NOT NULL,
    value bigint NOT NULL,
    applies_to text NOT NULL,
    minimum_amount bigint,
    usage_limit bigint,
    times_used bigint NOT NULL CONSTRAINT discount_times_used CHECK (times_used >= 0),
    starts_at timestamptz,
    expires_at timestamptz,
    status text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    source_id uuid,
    PRIMARY KEY (store_id, id)
);
CREATE UNIQUE INDEX discount_code ON discount (store_id, code_key);

CREATE TABLE discount_product (
    store_id uuid NOT NULL,
    discount_id uuid NOT NULL,
    product_id uuid NOT NULL,
    PRIMARY KEY (store_id, discount_id, product_id),
    FOREIGN KEY (store_id, discount_id) REFERENCES discount (store_id, id) ON DELETE CASCADE,
    FOREIGN KEY (store_id, product_id) REFERENCES product (store_id, id)
);
CREATE INDEX discount_product_product ON discount_product (store_id, product_id);

CREATE TABLE discount_category (
    store_id uuid NOT NULL,
    discount_id uuid NOT NULL,
    category_id uuid NOT NULL,
    PRIMARY KEY (store_id, discount_id, category_id),
    FOREIGN KEY (store_id, discount_id) REFERENCES discount (store_id, id) ON DELETE CASCADE,
    FOREIGN KEY (store_id, category_id) REFERENCES category (store_id, id)
);
CREATE INDEX discount_category_category ON discount_category (store_id, category_id);

-- A tax rule. rate is a percentage in 1/10000; an empty state or zip code matches
-- all.
CREATE TABLE tax_rule (
    store_id uuid NOT NULL REFERENCES store (id),
    id uuid NOT NULL,
    name text NOT NULL,
    country text NOT NULL,
    state text,
    zip_code text,
    rate bigint NOT NULL,
    priority bigint NOT NULL,
    is_compound boolean NOT NULL,
    applies_to_shipping boolean NOT NULL,
    is_active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    source_id uuid,
    PRIMARY KEY (store_id, id)
);

CREATE TABLE warehouse (
    store_id uuid NOT NULL REFERENCES store (id),
    id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    address text,
    city text,
    state text,
    country text,
    zip_code text,
    is_default boolean NOT NULL,
    is_active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    source_id uuid,
    PRIMARY KEY (store_id, id)
);
CREATE UNIQUE INDEX warehouse_default ON warehouse (store_id) WHERE is_default AND deleted_at IS NULL;
