-- +goose Up

-- How often what a store's shoppers see has changed. The row is the last that a
-- transaction writes; it is written so often that its page keeps room for that.
CREATE TABLE content_version (
    store_id uuid NOT NULL PRIMARY KEY REFERENCES store (id),
    version bigint NOT NULL
) WITH (fillfactor = 50);
