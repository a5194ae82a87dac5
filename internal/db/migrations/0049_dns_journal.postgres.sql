-- +goose Up

-- Which change a change takes back.
ALTER TABLE dns_change ADD COLUMN undoes uuid;

-- The differences between the records here and those at the provider that a merchant
-- does not want to hear of. id is made of what differs, so that another one is heard
-- of again.
CREATE TABLE dns_ignored (
    domain_id uuid NOT NULL REFERENCES custom_domain (id),
    id uuid NOT NULL,
    account_id uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (domain_id, id)
);
