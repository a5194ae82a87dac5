-- +goose Up

-- The pictures that a store has, by the sum of what was uploaded. What is served
-- lies beside the database and is shared: stores with the same picture have one file.
CREATE TABLE picture (
    store_id BLOB NOT NULL REFERENCES store (id),
    id BLOB NOT NULL,
    sum TEXT NOT NULL,
    width INTEGER NOT NULL CONSTRAINT picture_width CHECK (width > 0),
    height INTEGER NOT NULL CONSTRAINT picture_height CHECK (height > 0),
    bytes INTEGER NOT NULL,
    account_id BLOB NOT NULL,
    source_id BLOB,
    created_at TEXT NOT NULL,
    PRIMARY KEY (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX picture_store_sum ON picture (store_id, sum);
CREATE INDEX picture_sum ON picture (sum);

-- What lies beside the database. A row is there before the first byte is, and until
-- the last one is gone. doomed_at is when it was found that no store has it any more.
CREATE TABLE picture_file (
    sum TEXT NOT NULL PRIMARY KEY,
    width INTEGER NOT NULL,
    touched_at TEXT NOT NULL,
    doomed_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX picture_file_doomed ON picture_file (doomed_at) WHERE doomed_at IS NOT NULL;
