-- +goose Up

-- Which order was placed under which key, so that a shopper who sends the same form
-- twice has one order. key_hash is the key's SHA-256. Old rows are deleted.
CREATE TABLE order_once (
    store_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    order_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, key_hash),
    FOREIGN KEY (store_id, order_id) REFERENCES shop_order (store_id, id)
);
CREATE INDEX order_once_age ON order_once (created_at);
