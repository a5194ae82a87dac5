-- +goose Up

-- Who has bought in a store. email_key is the address folded, search_text that and the
-- name. spent is what was paid less what was paid back.
CREATE TABLE customer (
    store_id BLOB NOT NULL REFERENCES store (id),
    id BLOB NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    name TEXT,
    search_text TEXT NOT NULL,
    orders INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX customer_email ON customer (store_id, email_key);

-- The number of a store's last order.
CREATE TABLE order_counter (
    store_id BLOB PRIMARY KEY REFERENCES store (id),
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- An order as it was placed: prices, addresses and names are copies, which later
-- changes leave alone. hold_until says when an unpaid one gives back what it holds.
-- refunded is what was paid back. search_text is what it is
-- found by, folded: number, address, name.
CREATE TABLE shop_order (
    store_id BLOB NOT NULL REFERENCES store (id),
    id BLOB NOT NULL,
    number INTEGER NOT NULL,
    customer_id BLOB NOT NULL,
    email TEXT NOT NULL,
    name TEXT,
    status TEXT NOT NULL,
    payment_status TEXT NOT NULL,
    shipping_address TEXT,
    discount_id BLOB,
    discount_code TEXT,
    notes TEXT,
    currency TEXT NOT NULL,
    subtotal INTEGER NOT NULL,
    discount_total INTEGER NOT NULL,
    tax_total INTEGER NOT NULL,
    shipping_total INTEGER NOT NULL,
    total INTEGER NOT NULL,
    refunded INTEGER NOT NULL,
    search_text TEXT NOT NULL,
    hold_until TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    paid_at TEXT,
    fulfilled_at TEXT,
    cancelled_at TEXT,
    returned_at TEXT,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, customer_id) REFERENCES customer (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX shop_order_number ON shop_order (store_id, number);
CREATE INDEX shop_order_status ON shop_order (store_id, status, id);
CREATE INDEX shop_order_customer ON shop_order (store_id, customer_id, id);
CREATE INDEX shop_order_hold ON shop_order (hold_until) WHERE hold_until IS NOT NULL;

-- A line of an order. supplier_id is who ships it, where the store does not.
CREATE TABLE order_line (
    store_id BLOB NOT NULL,
    order_id BLOB NOT NULL,
    line INTEGER NOT NULL,
    variant_id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    sku TEXT,
    title TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price INTEGER NOT NULL,
    total INTEGER NOT NULL,
    discount INTEGER NOT NULL,
    tax INTEGER NOT NULL,
    supplier_id BLOB,
    cost INTEGER,
    PRIMARY KEY (store_id, order_id, line),
    FOREIGN KEY (store_id, order_id) REFERENCES shop_order (store_id, id)
) STRICT, WITHOUT ROWID;

-- Which warehouse a line of own stock is shipped from.
CREATE TABLE order_allocation (
    store_id BLOB NOT NULL,
    order_id BLOB NOT NULL,
    line INTEGER NOT NULL,
    level_id BLOB NOT NULL,
    warehouse_id BLOB NOT NULL,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (store_id, order_id, line, level_id),
    FOREIGN KEY (store_id, order_id, line) REFERENCES order_line (store_id, order_id, line)
) STRICT, WITHOUT ROWID;

-- What a supplier has to ship for an order.
CREATE TABLE supplier_order (
    store_id BLOB NOT NULL,
    id BLOB NOT NULL,
    order_id BLOB NOT NULL,
    supplier_id BLOB NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, order_id) REFERENCES shop_order (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX supplier_order_once ON supplier_order (store_id, order_id, supplier_id);
