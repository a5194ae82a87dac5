-- +goose Up

-- Up to which number a store's orders are in the sums below. Those behind it are added
-- to them by whoever reads.
CREATE TABLE sales_mark (
    store_id BLOB PRIMARY KEY REFERENCES store (id),
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was sold on a day (UTC, as 2026-01-31) on which orders were placed. Cancelled
-- ones are left out, and what was paid back is subtracted.
CREATE TABLE sales_day (
    store_id BLOB NOT NULL,
    day TEXT NOT NULL,
    orders INTEGER NOT NULL,
    units INTEGER NOT NULL,
    revenue INTEGER NOT NULL,
    PRIMARY KEY (store_id, day)
) STRICT, WITHOUT ROWID;

-- What was sold of a product on a day. Neither cancelled nor returned orders count.
CREATE TABLE sales_day_product (
    store_id BLOB NOT NULL,
    day TEXT NOT NULL,
    product_id BLOB NOT NULL,
    units INTEGER NOT NULL,
    revenue INTEGER NOT NULL,
    PRIMARY KEY (store_id, day, product_id)
) STRICT, WITHOUT ROWID;

-- The last so many days, as of the day on which they were looked at last, and what was
-- sold of a product in them.
CREATE TABLE sales_span (
    store_id BLOB NOT NULL,
    days INTEGER NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    PRIMARY KEY (store_id, days)
) STRICT, WITHOUT ROWID;
CREATE TABLE sales_span_product (
    store_id BLOB NOT NULL,
    days INTEGER NOT NULL,
    product_id BLOB NOT NULL,
    units INTEGER NOT NULL,
    revenue INTEGER NOT NULL,
    PRIMARY KEY (store_id, days, product_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sales_span_product_best ON sales_span_product (store_id, days, revenue DESC, product_id);
