-- +goose Up

-- When a certificate that could not be had is asked for again, and how often that has
-- failed in a row.
ALTER TABLE custom_domain ADD COLUMN ssl_failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE custom_domain ADD COLUMN ssl_retry_at TEXT;
CREATE INDEX custom_domain_retry ON custom_domain (ssl_retry_at) WHERE ssl_retry_at IS NOT NULL;

-- The certificate of a domain and, in names, of those that came along: its chain in
-- PEM, its key sealed. It is due at renew_at; at ask_at its authority is asked anew
-- when that is.
CREATE TABLE certificate (
    domain TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    names TEXT NOT NULL,
    authority TEXT NOT NULL,
    chain BLOB NOT NULL,
    key BLOB NOT NULL,
    not_before TEXT NOT NULL,
    not_after TEXT NOT NULL,
    renew_at TEXT NOT NULL,
    ask_at TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX certificate_due ON certificate (renew_at);
CREATE INDEX certificate_ask ON certificate (ask_at);

-- What was done to get a certificate, written before anybody is asked. Until
-- lease_until at most somebody is at it. authority is NULL as long as nothing was
-- ordered: such a one costs nothing.
CREATE TABLE certificate_order (
    id BLOB NOT NULL PRIMARY KEY,
    domain TEXT NOT NULL,
    registered TEXT NOT NULL,
    authority TEXT,
    renewal INTEGER NOT NULL,
    state TEXT NOT NULL,
    kind INTEGER NOT NULL,
    code TEXT,
    reason TEXT,
    lease_until TEXT NOT NULL,
    created_at TEXT NOT NULL,
    settled_at TEXT
) STRICT;
CREATE UNIQUE INDEX certificate_order_open ON certificate_order (domain) WHERE state = 'open';
CREATE INDEX certificate_order_domain ON certificate_order (domain, id);
CREATE INDEX certificate_order_spent ON certificate_order (authority, created_at) WHERE authority IS NOT NULL;

-- What an authority is answered that looks whether a name is ours.
CREATE TABLE acme_challenge (
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    token TEXT NOT NULL,
    answer TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (name, kind, token)
) STRICT;

-- Our account with each authority. The key is sealed.
CREATE TABLE acme_account (
    directory TEXT NOT NULL PRIMARY KEY,
    key BLOB NOT NULL,
    location TEXT,
    created_at TEXT NOT NULL
) STRICT;
