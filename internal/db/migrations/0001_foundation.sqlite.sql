-- +goose Up

-- Platform tables: keyed by their own id.

-- What a user may have. store_limit is NULL where there is no limit.
CREATE TABLE plan (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    store_limit INTEGER,
    price INTEGER NOT NULL,
    currency TEXT NOT NULL,
    period TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO plan (id, name, store_limit, price, currency, period, position) VALUES
    ('free', 'Free', 3, 0, 'USD', 'month', 1),
    ('growth', 'Growth', 25, 4900, 'USD', 'month', 2),
    ('scale', 'Scale', NULL, 29900, 'USD', 'month', 3);

-- A user. email_key is the address folded, store_count the places taken in the plan.
CREATE TABLE account (
    id BLOB PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    plan_id TEXT NOT NULL REFERENCES plan (id),
    store_count INTEGER NOT NULL CONSTRAINT account_store_count CHECK (store_count >= 0),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX account_email ON account (email_key);

-- What proves who is asking: sessions of a login and personal API tokens. Only
-- the SHA-256 of the secret is kept.
CREATE TABLE token (
    id BLOB PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    hash BLOB NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT
) STRICT;
CREATE UNIQUE INDEX token_hash ON token (hash);
CREATE INDEX token_account ON token (account_id, id);

-- Failed logins, by account and by address, for as long as they count.
CREATE TABLE login_failure (
    id BLOB PRIMARY KEY,
    key TEXT NOT NULL,
    failed_at TEXT NOT NULL
) STRICT;
CREATE INDEX login_failure_key ON login_failure (key, failed_at);
CREATE INDEX login_failure_age ON login_failure (failed_at);

-- Answers to requests with an Idempotency-Key. status is NULL while the first
-- call runs; claim tells which call that is.
CREATE TABLE idempotency_key (
    account_id BLOB NOT NULL REFERENCES account (id),
    key_hash BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    claim BLOB NOT NULL,
    claimed_at TEXT NOT NULL,
    status INTEGER,
    headers TEXT,
    body BLOB,
    PRIMARY KEY (account_id, key_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_key_age ON idempotency_key (claimed_at);

-- Keys that the processes of one platform share.
CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A merchant's store. source_store_id is the store that it was cloned from.
CREATE TABLE store (
    id BLOB PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    niche TEXT,
    description TEXT,
    store_type TEXT NOT NULL,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    logo_url TEXT,
    favicon_url TEXT,
    custom_css TEXT,
    source_store_id BLOB,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT
) STRICT;
CREATE UNIQUE INDEX store_slug ON store (slug) WHERE deleted_at IS NULL;
CREATE INDEX store_account ON store (account_id, id) WHERE deleted_at IS NULL;

-- Long work that somebody watches. The queue's own tables say when to run it;
-- this row says how far it is. lease_until is renewed while it runs.
CREATE TABLE job (
    id BLOB PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    store_id BLOB,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    args TEXT NOT NULL,
    step TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    result TEXT,
    error TEXT,
    attempt INTEGER NOT NULL,
    lease_until TEXT,
    created_at TEXT NOT NULL,
    finished_at TEXT
) STRICT;
CREATE INDEX job_lease ON job (lease_until) WHERE status = 'running';

-- A file on its way into a job, in pieces, so that no process holds it whole.
CREATE TABLE upload (
    id BLOB PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    size INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE upload_chunk (
    upload_id BLOB NOT NULL REFERENCES upload (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (upload_id, n)
) STRICT;

-- Store-scoped tables: the primary key is (store_id, id), foreign keys begin with
-- store_id, and source_id is the row that a clone's row was copied from.

-- A product. search_text is what is searched, folded; indexed tells whether
-- product_search has it yet. Ratings are kept as sum and count.
CREATE TABLE product (
    store_id BLOB NOT NULL REFERENCES store (id),
    id BLOB NOT NULL,
    title TEXT NOT NULL,
    slug TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    vendor TEXT,
    product_type TEXT,
    tags TEXT NOT NULL,
    images TEXT NOT NULL,
    options TEXT NOT NULL,
    rating_sum INTEGER NOT NULL,
    review_count INTEGER NOT NULL,
    seo_title TEXT,
    seo_description TEXT,
    search_text TEXT NOT NULL,
    indexed INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT,
    source_id BLOB,
    PRIMARY KEY (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX product_slug ON product (store_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX product_status ON product (store_id, status, id) WHERE deleted_at IS NULL;
CREATE INDEX product_unindexed ON product (store_id, id) WHERE NOT indexed;

-- The substring index of products, filled with a write or, after a clone or an
-- import, by a job; until then such products are found without it. It keeps the
-- trigrams alone, not the text: they name candidates, and product.search_text
-- decides. store holds one trigram that stands for the store, so that a search
-- does not walk through everybody's products.
CREATE VIRTUAL TABLE product_search USING fts5 (
    store, product_id UNINDEXED, text, tokenize = 'trigram case_sensitive 1',
    detail = none, content = '', contentless_delete = 1, contentless_unindexed = 1
);

-- A variant: what is priced, stocked and sold.
CREATE TABLE variant (
    store_id BLOB NOT NULL,
    id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    title TEXT NOT NULL,
    sku TEXT,
    price INTEGER NOT NULL,
    compare_at_price INTEGER,
    cost INTEGER,
    barcode TEXT,
    weight REAL,
    weight_unit TEXT NOT NULL,
    option_values TEXT NOT NULL,
    track_inventory INTEGER NOT NULL,
    allow_backorder INTEGER NOT NULL,
    position INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT,
    source_id BLOB,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, product_id) REFERENCES product (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX variant_sku ON variant (store_id, sku) WHERE sku IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX variant_product ON variant (store_id, product_id);

CREATE TABLE category (
    store_id BLOB NOT NULL REFERENCES store (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    description TEXT,
    parent_id BLOB,
    position INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    source_id BLOB,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, parent_id) REFERENCES category (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX category_slug ON category (store_id, slug);
CREATE INDEX category_parent ON category (store_id, parent_id);

CREATE TABLE product_category (
    store_id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    category_id BLOB NOT NULL,
    PRIMARY KEY (store_id, product_id, category_id),
    FOREIGN KEY (store_id, product_id) REFERENCES product (store_id, id),
    FOREIGN KEY (store_id, category_id) REFERENCES category (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX product_category_category ON product_category (store_id, category_id, product_id);

CREATE TABLE supplier (
    store_id BLOB NOT NULL REFERENCES store (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    phone TEXT,
    website TEXT,
    country TEXT,
    lead_time_days INTEGER,
    notes TEXT,
    is_active INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    source_id BLOB,
    PRIMARY KEY (store_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE product_supplier (
    store_id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    supplier_id BLOB NOT NULL,
    supplier_sku TEXT,
    cost INTEGER,
    is_primary INTEGER NOT NULL,
    PRIMARY KEY (store_id, product_id, supplier_id),
    FOREIGN KEY (store_id, product_id) REFERENCES product (store_id, id),
    FOREIGN KEY (store_id, supplier_id) REFERENCES supplier (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX product_supplier_primary ON product_supplier (store_id, product_id) WHERE is_primary;
CREATE INDEX product_supplier_supplier ON product_supplier (store_id, supplier_id);

CREATE TABLE theme (
    store_id BLOB NOT NULL REFERENCES store (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,
    custom_css TEXT,
    is_active INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    source_id BLOB,
    PRIMARY KEY (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX theme_active ON theme (store_id) WHERE is_active;

-- A discount. value is a percentage in 1/10000, or minor units; code_key is the
-- code folded.
CREATE TABLE discount (
    store_id BLOB NOT NULL REFERENCES store (id),
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    code_key TEXT NOT NULL,
    type TEXT NOT NULL,
    value INTEGER NOT NULL,
    applies_to TEXT NOT NULL,
    minimum_amount INTEGER,
    usage_limit INTEGER,
    times_used INTEGER NOT NULL CONSTRAINT discount_times_used CHECK (times_used >= 0),
    starts_at TEXT,
    expires_at TEXT,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    source_id BLOB,
    PRIMARY KEY (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX discount_code ON discount (store_id, code_key);

CREATE TABLE discount_product (
    store_id BLOB NOT NULL,
    discount_id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    PRIMARY KEY (store_id, discount_id, product_id),
    FOREIGN KEY (store_id, discount_id) REFERENCES discount (store_id, id) ON DELETE CASCADE,
    FOREIGN KEY (store_id, product_id) REFERENCES product (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX discount_product_product ON discount_product (store_id, product_id);

CREATE TABLE discount_category (
    store_id BLOB NOT NULL,
    discount_id BLOB NOT NULL,
    category_id BLOB NOT NULL,
    PRIMARY KEY (store_id, discount_id, category_id),
    FOREIGN KEY (store_id, discount_id) REFERENCES discount (store_id, id) ON DELETE CASCADE,
    FOREIGN KEY (store_id, category_id) REFERENCES category (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX discount_category_category ON discount_category (store_id, category_id);

-- A tax rule. rate is a percentage in 1/10000; an empty state or zip code matches
-- all.
CREATE TABLE tax_rule (
    store_id BLOB NOT NULL REFERENCES store (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    state TEXT,
    zip_code TEXT,
    rate INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    is_compound INTEGER NOT NULL,
    applies_to_shipping INTEGER NOT NULL,
    is_active INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    source_id BLOB,
    PRIMARY KEY (store_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE warehouse (
    store_id BLOB NOT NULL REFERENCES store (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    address TEXT,
    city TEXT,
    state TEXT,
    country TEXT,
    zip_code TEXT,
    is_default INTEGER NOT NULL,
    is_active INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT,
    source_id BLOB,
    PRIMARY KEY (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX warehouse_default ON warehouse (store_id) WHERE is_default AND deleted_at IS NULL;
