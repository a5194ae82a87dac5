-- +goose Up

-- Up to which number a store's orders are in the sums below. Those behind it are added
-- to them by whoever reads.
CREATE TABLE sales_mark (
    store_id uuid PRIMARY KEY REFERENCES store (id),
    number bigint NOT NULL
);

-- What was sold on a day (UTC, as 2026-01-31) on which orders were placed. Cancelled
-- ones are left out, and what was paid back is subtracted.
CREATE TABLE sales_day (
    store_id uuid NOT NULL,
    day text COLLATE "C" NOT NULL,
    orders bigint NOT NULL,
    units bigint NOT NULL,
    revenue bigint NOT NULL,
    PRIMARY KEY (store_id, day)
) WITH (fillfactor = 50);

-- What was sold of a product on a day. Neither cancelled nor returned orders count.
CREATE TABLE sales_day_product (
    store_id uuid NOT NULL,
    day text COLLATE "C" NOT NULL,
    product_id uuid NOT NULL,
    units bigint NOT NULL,
    revenue bigint NOT NULL,
    PRIMARY KEY (store_id, day, product_id)
);

-- The last so many days, as of the day on which they were looked at last, and what was
-- sold of a product in them.
CREATE TABLE sales_span (
    store_id uuid NOT NULL,
    days bigint NOT NULL,
    first_day text COLLATE "C" NOT NULL,
    last_day text COLLATE "C" NOT NULL,
    PRIMARY KEY (store_id, days)
);
CREATE TABLE sales_span_product (
    store_id uuid NOT NULL,
    days bigint NOT NULL,
    product_id uuid NOT NULL,
    units bigint NOT NULL,
    revenue bigint NOT NULL,
    PRIMARY KEY (store_id, days, product_id)
);
CREATE INDEX sales_span_product_best ON sales_span_product (store_id, days, revenue DESC, product_id);
