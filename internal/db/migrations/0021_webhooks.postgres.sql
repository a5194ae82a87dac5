-- +goose Up

-- Who wants to hear of what happens in a store. events is a JSON list, for reading;
-- webhook_event has those that are sent. secret is sealed with the platform's key.
-- A deleted webhook stays until its deliveries are gone, so that a sale that is just
-- being written can still name it.
CREATE TABLE webhook (
    store_id uuid NOT NULL REFERENCES store (id),
    id uuid NOT NULL,
    url text NOT NULL,
    events text NOT NULL,
    secret bytea NOT NULL,
    is_active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (store_id, id)
);

-- The events that active webhooks want.
CREATE TABLE webhook_event (
    store_id uuid NOT NULL,
    event text COLLATE "C" NOT NULL,
    webhook_id uuid NOT NULL,
    PRIMARY KEY (store_id, event, webhook_id),
    FOREIGN KEY (store_id, webhook_id) REFERENCES webhook (store_id, id)
);

-- The outbox: one event on its way to one webhook, written in the transaction of
-- the change. body is sent as it stands. It waits for next_at, which is NULL once
-- nothing more will happen, and moved ahead while somebody sends it. attempts counts
-- all tries, failures those since it was last put into the queue.
CREATE TABLE webhook_delivery (
    store_id uuid NOT NULL,
    id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    event text NOT NULL,
    body text NOT NULL,
    status text COLLATE "C" NOT NULL,
    attempts bigint NOT NULL,
    failures bigint NOT NULL,
    next_at timestamptz,
    response_code bigint,
    response_body text,
    error text,
    last_attempt_at timestamptz,
    delivered_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, webhook_id) REFERENCES webhook (store_id, id)
);
CREATE INDEX webhook_delivery_webhook ON webhook_delivery (store_id, webhook_id, id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_delivery_done ON webhook_delivery (created_at) WHERE next_at IS NULL;
