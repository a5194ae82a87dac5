-- +goose Up

-- The substring indexes have the grams of texts, up to three characters, each behind
-- what stands for its store: a search walks through lists of its store alone. They are
-- filled anew, those of orders and customers in the order in which these were made.
-- SQLite leaves the contents of such a table behind when it is dropped.
DROP TABLE product_search;
DROP TABLE IF EXISTS product_search_content;
CREATE VIRTUAL TABLE product_search USING fts5 (
    product_id UNINDEXED, grams, tokenize = 'ascii',
    detail = none, content = '', contentless_delete = 1, contentless_unindexed = 1
);
UPDATE product SET indexed = FALSE WHERE deleted_at IS NULL;

DROP TABLE order_search;
DROP TABLE IF EXISTS order_search_content;
CREATE VIRTUAL TABLE order_search USING fts5 (
    row_id UNINDEXED, grams, tokenize = 'ascii',
    detail = none, content = '', contentless_delete = 1, contentless_unindexed = 1
);
DROP TABLE customer_search;
DROP TABLE IF EXISTS customer_search_content;
CREATE VIRTUAL TABLE customer_search USING fts5 (
    row_id UNINDEXED, grams, tokenize = 'ascii',
    detail = none, content = '', contentless_delete = 1, contentless_unindexed = 1
);
DELETE FROM search_mark;
