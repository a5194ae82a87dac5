-- +goose Up

-- A query of the substring indexes leaps from one of the few rows that have its letters
-- to the next within the long list of the store's own. With leaves of 512 bytes instead
-- of 4,050 it reads an eighth of that list around each. Leaves that are there get
-- smaller as they are merged.
INSERT INTO order_search (order_search, rank) VALUES ('pgsz', 512);
INSERT INTO customer_search (customer_search, rank) VALUES ('pgsz', 512);
INSERT INTO product_search (product_search, rank) VALUES ('pgsz', 512);
