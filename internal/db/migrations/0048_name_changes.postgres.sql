-- +goose Up

-- Which domains have changed, and at which of the versions last: what other processes
-- read anew. A domain that is gone stays here.
CREATE TABLE name_change (
    domain_id uuid NOT NULL PRIMARY KEY,
    version bigint NOT NULL
);
CREATE INDEX name_change_version ON name_change (version);
