-- +goose Up

-- Which change a change takes back.
ALTER TABLE dns_change ADD COLUMN undoes BLOB;

-- The differences between the records here and those at the provider that a merchant
-- does not want to hear of. id is made of what differs, so that another one is heard
-- of again.
CREATE TABLE dns_ignored (
    domain_id BLOB NOT NULL REFERENCES custom_domain (id),
    id BLOB NOT NULL,
    account_id BLOB,
    created_at TEXT NOT NULL,
    PRIMARY KEY (domain_id, id)
) STRICT, WITHOUT ROWID;
