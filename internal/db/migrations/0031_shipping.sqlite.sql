-- +goose Up

-- What a store asks for shipping an order, in its currency, and the value of an order
-- from which on it asks for nothing.
ALTER TABLE store ADD COLUMN shipping_rate INTEGER NOT NULL DEFAULT 0 CONSTRAINT store_shipping_rate CHECK (shipping_rate >= 0);
ALTER TABLE store ADD COLUMN free_shipping_over INTEGER CONSTRAINT store_free_shipping_over CHECK (free_shipping_over >= 0);

-- The part of an order's tax_total that is due on its shipping.
ALTER TABLE shop_order ADD COLUMN shipping_tax INTEGER NOT NULL DEFAULT 0;
