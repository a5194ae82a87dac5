-- +goose Up

-- A sum that somebody pays for an order or for a plan. It is written before the payment
-- provider is asked for it, under its id, and its state says how far it is. page_url is
-- where the payer says how they pay, back_url where that leads back to. Whoever changes
-- a charge raises its version.
CREATE TABLE charge (
    id BLOB NOT NULL PRIMARY KEY,
    store_id BLOB,
    order_id BLOB,
    account_id BLOB REFERENCES account (id),
    plan_id TEXT REFERENCES plan (id),
    provider TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    about TEXT NOT NULL,
    email TEXT NOT NULL,
    card TEXT NOT NULL,
    back_url TEXT NOT NULL,
    page_url TEXT,
    charge_id TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    tries INTEGER NOT NULL,
    version INTEGER NOT NULL,
    next_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    FOREIGN KEY (store_id, order_id) REFERENCES shop_order (store_id, id),
    CHECK ((order_id IS NULL) <> (plan_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX charge_of_order ON charge (store_id, order_id) WHERE state NOT IN ('released', 'refunded');
CREATE UNIQUE INDEX charge_of_plan ON charge (account_id) WHERE state = 'asked';
CREATE INDEX charge_order ON charge (store_id, order_id, id);
CREATE INDEX charge_due ON charge (next_at) WHERE next_at IS NOT NULL;

-- The webhooks of payment providers that were taken.
CREATE TABLE payment_notice (
    provider TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (provider, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_notice_age ON payment_notice (created_at);
