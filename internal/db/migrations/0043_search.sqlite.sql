-- +goose Up

-- product_search has what variants are called, too: it is filled anew.
UPDATE product SET indexed = FALSE WHERE deleted_at IS NULL;

-- The substring indexes of orders and customers, as product_search. A job fills them:
-- what comes after a store's mark is not in them yet. found is the table.
CREATE VIRTUAL TABLE order_search USING fts5 (
    store, row_id UNINDEXED, text, tokenize = 'trigram case_sensitive 1',
    detail = none, content = '', contentless_delete = 1, contentless_unindexed = 1
);
CREATE VIRTUAL TABLE customer_search USING fts5 (
    store, row_id UNINDEXED, text, tokenize = 'trigram case_sensitive 1',
    detail = none, content = '', contentless_delete = 1, contentless_unindexed = 1
);
CREATE TABLE search_mark (
    store_id BLOB NOT NULL REFERENCES store (id),
    found TEXT NOT NULL,
    last_id BLOB NOT NULL,
    PRIMARY KEY (store_id, found)
) STRICT, WITHOUT ROWID;
