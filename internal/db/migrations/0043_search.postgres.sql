-- +goose Up

-- product_search has what variants are called, too: it is filled anew.
UPDATE product SET indexed = FALSE WHERE deleted_at IS NULL;

CREATE INDEX customer_search ON customer USING gin (store_id, search_text gin_trgm_ops);
