-- +goose Up

-- Where an authority has an order that was placed, and its key, sealed: when who placed
-- it dies, somebody else goes on with it.
ALTER TABLE certificate_order ADD COLUMN placed text;
ALTER TABLE certificate_order ADD COLUMN key bytea;
