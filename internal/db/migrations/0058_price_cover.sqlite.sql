-- +goose Up

-- SQLite reads a product for each of its entries in an index that does not hold what the
-- index's own condition names.
DROP INDEX product_price;
CREATE INDEX product_price ON product (store_id, status, price_from, id, deleted_at) WHERE deleted_at IS NULL;
