-- +goose Up

-- How often it has changed which store stands under which name. Its one row is the
-- last that a transaction writes.
CREATE TABLE name_version (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO name_version (one, version) VALUES (1, 0);
