-- +goose Up

-- Who has bought in a store. email_key is the address folded, search_text that and the
-- name. spent is what was paid less what was paid back.
CREATE TABLE customer (
    store_id uuid NOT NULL REFERENCES store (id),
    id uuid NOT NULL,
    email text NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    name text,
    search_text text COLLATE "C" NOT NULL,
    orders bigint NOT NULL,
    spent bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, id)
);
CREATE UNIQUE INDEX customer_email ON customer (store_id, email_key);

-- The number of a store's last order.
CREATE TABLE order_counter (
    store_id uuid PRIMARY KEY REFERENCES store (id),
    last bigint NOT NULL
);

-- An order as it was placed: prices, addresses and names are copies, which later
-- changes leave alone. hold_until says when an unpaid one gives back what it holds.
-- refunded is what was paid back. search_text is what it is
-- found by, folded: number, address, name.
CREATE TABLE shop_order (
    store_id uuid NOT NULL REFERENCES store (id),
    id uuid NOT NULL,
    number bigint NOT NULL,
    customer_id uuid NOT NULL,
    email text NOT NULL,
    name text,
    status text COLLATE "C" NOT NULL,
    payment_status text COLLATE "C" NOT NULL,
    shipping_address text,
    discount_id uuid,
    discount_code text,
    notes text,
    currency text NOT NULL,
    subtotal bigint NOT NULL,
    discount_total bigint NOT NULL,
    tax_total bigint NOT NULL,
    shipping_total bigint NOT NULL,
    total bigint NOT NULL,
    refunded bigint NOT NULL,
    search_text text COLLATE "C" NOT NULL,
    hold_until timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    paid_at timestamptz,
    fulfilled_at timestamptz,
    cancelled_at timestamptz,
    returned_at timestamptz,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, customer_id) REFERENCES customer (store_id, id)
);
CREATE UNIQUE INDEX shop_order_number ON shop_order (store_id, number);
CREATE INDEX shop_order_status ON shop_order (store_id, status, id);
CREATE INDEX shop_order_customer ON shop_order (store_id, customer_id, id);
CREATE INDEX shop_order_search ON shop_order USING gin (store_id, search_text gin_trgm_ops);
CREATE INDEX shop_order_hold ON shop_order (hold_until) WHERE hold_until IS NOT NULL;

-- A line of an order. supplier_id is who ships it, where the store does not.
CREATE TABLE order_line (
    store_id uuid NOT NULL,
    order_id uuid NOT NULL,
    line bigint NOT NULL,
    variant_id uuid NOT NULL,
    product_id uuid NOT NULL,
    sku text,
    title text NOT NULL,
    quantity bigint NOT NULL,
    unit_price bigint NOT NULL,
    total bigint NOT NULL,
    discount bigint NOT NULL,
    tax bigint NOT NULL,
    supplier_id uuid,
    cost bigint,
    PRIMARY KEY (store_id, order_id, line),
    FOREIGN KEY (store_id, order_id) REFERENCES shop_order (store_id, id)
);

-- Which warehouse a line of own stock is shipped from.
CREATE TABLE order_allocation (
    store_id uuid NOT NULL,
    order_id uuid NOT NULL,
    line bigint NOT NULL,
    level_id uuid NOT NULL,
    warehouse_id uuid NOT NULL,
    quantity bigint NOT NULL,
    PRIMARY KEY (store_id, order_id, line, level_id),
    FOREIGN KEY (store_id, order_id, line) REFERENCES order_line (store_id, order_id, line)
);

-- What a supplier has to ship for an order.
CREATE TABLE supplier_order (
    store_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    supplier_id uuid NOT NULL,
    status text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, order_id) REFERENCES shop_order (store_id, id)
);
CREATE UNIQUE INDEX supplier_order_once ON supplier_order (store_id, order_id, supplier_id);
