-- +goose Up

-- Who a payer is at Stripe.
CREATE TABLE stripe_payer (
    payer text COLLATE "C" NOT NULL PRIMARY KEY,
    customer text NOT NULL
);

-- What Stripe was asked to charge, by our key of it, before it was asked. id is what
-- Stripe calls it, once it has said so.
CREATE TABLE stripe_charge (
    key text COLLATE "C" NOT NULL PRIMARY KEY,
    id text,
    customer text,
    created_at timestamptz NOT NULL
);

-- What the payment provider called test is to say in webhooks, when, and how often.
CREATE TABLE test_notice (
    id uuid NOT NULL PRIMARY KEY,
    charge_key text COLLATE "C" NOT NULL,
    due_at timestamptz NOT NULL,
    times integer NOT NULL
);
CREATE INDEX test_notice_due ON test_notice (due_at);
