-- +goose Up

-- Which domains have changed, and at which of the versions last: what other processes
-- read anew. A domain that is gone stays here.
CREATE TABLE name_change (
    domain_id BLOB NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX name_change_version ON name_change (version);
