-- +goose Up

-- How often what a store's shoppers see has changed. The row is the last that a
-- transaction writes.
CREATE TABLE content_version (
    store_id BLOB NOT NULL PRIMARY KEY REFERENCES store (id),
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
