-- +goose Up

-- What the supplier was called when the order was paid: suppliers can be deleted.
ALTER TABLE supplier_order ADD COLUMN supplier_name TEXT;
