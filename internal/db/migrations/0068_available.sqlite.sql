-- +goose Up

-- What can be had, where little can: levels with units that nobody holds, and variants
-- that are sold without any.
ALTER TABLE inventory_level ADD COLUMN available INTEGER GENERATED ALWAYS AS (quantity > reserved) VIRTUAL;
CREATE INDEX inventory_level_available ON inventory_level (store_id, variant_id) WHERE available AND NOT retired;
CREATE INDEX variant_unlimited ON variant (store_id, product_id) WHERE deleted_at IS NULL AND (NOT track_inventory OR allow_backorder);
