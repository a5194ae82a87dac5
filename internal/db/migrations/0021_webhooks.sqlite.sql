-- +goose Up

-- Who wants to hear of what happens in a store. events is a JSON list, for reading;
-- webhook_event has those that are sent. secret is sealed with the platform's key.
-- A deleted webhook stays until its deliveries are gone, so that a sale that is just
-- being written can still name it.
CREATE TABLE webhook (
    store_id BLOB NOT NULL REFERENCES store (id),
    id BLOB NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    secret BLOB NOT NULL,
    is_active INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT,
    PRIMARY KEY (store_id, id)
) STRICT, WITHOUT ROWID;

-- The events that active webhooks want.
CREATE TABLE webhook_event (
    store_id BLOB NOT NULL,
    event TEXT NOT NULL,
    webhook_id BLOB NOT NULL,
    PRIMARY KEY (store_id, event, webhook_id),
    FOREIGN KEY (store_id, webhook_id) REFERENCES webhook (store_id, id)
) STRICT, WITHOUT ROWID;

-- The outbox: one event on its way to one webhook, written in the transaction of
-- the change. body is sent as it stands. It waits for next_at, which is NULL once
-- nothing more will happen, and moved ahead while somebody sends it. attempts counts
-- all tries, failures those since it was last put into the queue.
CREATE TABLE webhook_delivery (
    store_id BLOB NOT NULL,
    id BLOB NOT NULL,
    webhook_id BLOB NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    next_at TEXT,
    response_code INTEGER,
    response_body TEXT,
    error TEXT,
    last_attempt_at TEXT,
    delivered_at TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, webhook_id) REFERENCES webhook (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_delivery_webhook ON webhook_delivery (store_id, webhook_id, id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_delivery_done ON webhook_delivery (created_at) WHERE next_at IS NULL;
