-- +goose Up

-- A sum that somebody pays for an order or for a plan. It is written before the payment
-- provider is asked for it, under its id, and its state says how far it is. page_url is
-- where the payer says how they pay, back_url where that leads back to. Whoever changes
-- a charge raises its version.
CREATE TABLE charge (
    id uuid NOT NULL PRIMARY KEY,
    store_id uuid,
    order_id uuid,
    account_id uuid REFERENCES account (id),
    plan_id text COLLATE "C" REFERENCES plan (id),
    provider text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    about text NOT NULL,
    email text NOT NULL,
    card text NOT NULL,
    back_url text NOT NULL,
    page_url text,
    charge_id text,
    state text COLLATE "C" NOT NULL,
    reason text,
    tries integer NOT NULL,
    version bigint NOT NULL,
    next_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    FOREIGN KEY (store_id, order_id) REFERENCES shop_order (store_id, id),
    CHECK ((order_id IS NULL) <> (plan_id IS NULL))
);
CREATE UNIQUE INDEX charge_of_order ON charge (store_id, order_id) WHERE state NOT IN ('released', 'refunded');
CREATE UNIQUE INDEX charge_of_plan ON charge (account_id) WHERE state = 'asked';
CREATE INDEX charge_order ON charge (store_id, order_id, id);
CREATE INDEX charge_due ON charge (next_at) WHERE next_at IS NOT NULL;

-- The webhooks of payment providers that were taken.
CREATE TABLE payment_notice (
    provider text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (provider, id)
);
CREATE INDEX payment_notice_age ON payment_notice (created_at);
