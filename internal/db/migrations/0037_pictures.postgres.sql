-- +goose Up

-- The pictures that a store has, by the sum of what was uploaded. What is served
-- lies beside the database and is shared: stores with the same picture have one file.
CREATE TABLE picture (
    store_id uuid NOT NULL REFERENCES store (id),
    id uuid NOT NULL,
    sum text COLLATE "C" NOT NULL,
    width bigint NOT NULL CONSTRAINT picture_width CHECK (width > 0),
    height bigint NOT NULL CONSTRAINT picture_height CHECK (height > 0),
    bytes bigint NOT NULL,
    account_id uuid NOT NULL,
    source_id uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, id)
);
CREATE UNIQUE INDEX picture_store_sum ON picture (store_id, sum);
CREATE INDEX picture_sum ON picture (sum);

-- What lies beside the database. A row is there before the first byte is, and until
-- the last one is gone. doomed_at is when it was found that no store has it any more.
CREATE TABLE picture_file (
    sum text COLLATE "C" PRIMARY KEY,
    width bigint NOT NULL,
    touched_at timestamptz NOT NULL,
    doomed_at timestamptz
);
CREATE INDEX picture_file_doomed ON picture_file (doomed_at) WHERE doomed_at IS NOT NULL;
