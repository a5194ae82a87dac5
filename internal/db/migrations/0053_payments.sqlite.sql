-- +goose Up

-- Who a payer is at Stripe.
CREATE TABLE stripe_payer (
    payer TEXT NOT NULL PRIMARY KEY,
    customer TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What Stripe was asked to charge, by our key of it, before it was asked. id is what
-- Stripe calls it, once it has said so.
CREATE TABLE stripe_charge (
    key TEXT NOT NULL PRIMARY KEY,
    id TEXT,
    customer TEXT,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What the payment provider called test is to say in webhooks, when, and how often.
CREATE TABLE test_notice (
    id BLOB NOT NULL PRIMARY KEY,
    charge_key TEXT NOT NULL,
    due_at TEXT NOT NULL,
    times INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX test_notice_due ON test_notice (due_at);
