-- +goose Up

-- When a certificate that could not be had is asked for again, and how often that has
-- failed in a row.
ALTER TABLE custom_domain ADD COLUMN ssl_failures bigint NOT NULL DEFAULT 0;
ALTER TABLE custom_domain ADD COLUMN ssl_retry_at timestamptz;
CREATE INDEX custom_domain_retry ON custom_domain (ssl_retry_at) WHERE ssl_retry_at IS NOT NULL;

-- The certificate of a domain and, in names, of those that came along: its chain in
-- PEM, its key sealed. It is due at renew_at; at ask_at its authority is asked anew
-- when that is.
CREATE TABLE certificate (
    domain text COLLATE "C" NOT NULL PRIMARY KEY,
    id text COLLATE "C" NOT NULL,
    names text NOT NULL,
    authority text NOT NULL,
    chain bytea NOT NULL,
    key bytea NOT NULL,
    not_before timestamptz NOT NULL,
    not_after timestamptz NOT NULL,
    renew_at timestamptz NOT NULL,
    ask_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX certificate_due ON certificate (renew_at);
CREATE INDEX certificate_ask ON certificate (ask_at);

-- What was done to get a certificate, written before anybody is asked. Until
-- lease_until at most somebody is at it. authority is NULL as long as nothing was
-- ordered: such a one costs nothing.
CREATE TABLE certificate_order (
    id uuid NOT NULL PRIMARY KEY,
    domain text COLLATE "C" NOT NULL,
    registered text COLLATE "C" NOT NULL,
    authority text COLLATE "C",
    renewal boolean NOT NULL,
    state text COLLATE "C" NOT NULL,
    kind bigint NOT NULL,
    code text,
    reason text,
    lease_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    settled_at timestamptz
);
CREATE UNIQUE INDEX certificate_order_open ON certificate_order (domain) WHERE state = 'open';
CREATE INDEX certificate_order_domain ON certificate_order (domain, id);
CREATE INDEX certificate_order_spent ON certificate_order (authority, created_at) WHERE authority IS NOT NULL;

-- What an authority is answered that looks whether a name is ours.
CREATE TABLE acme_challenge (
    name text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    token text COLLATE "C" NOT NULL,
    answer text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (name, kind, token)
);

-- Our account with each authority. The key is sealed.
CREATE TABLE acme_account (
    directory text COLLATE "C" NOT NULL PRIMARY KEY,
    key bytea NOT NULL,
    location text,
    created_at timestamptz NOT NULL
);
