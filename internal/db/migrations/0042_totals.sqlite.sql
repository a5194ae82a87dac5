-- +goose Up

-- What a store's levels that are not retired add up to, by warehouse. It is kept in
-- parts, which those who write at the same time have one each of: the sum over them
-- counts. A variant counts in one of the warehouses that it has levels in.
CREATE TABLE inventory_total (
    store_id BLOB NOT NULL,
    warehouse_id BLOB NOT NULL,
    part INTEGER NOT NULL,
    levels INTEGER NOT NULL,
    variants INTEGER NOT NULL,
    low INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    PRIMARY KEY (store_id, warehouse_id, part)
) STRICT, WITHOUT ROWID;
INSERT INTO inventory_total (store_id, warehouse_id, part, levels, variants, low, quantity, reserved)
SELECT l.store_id, l.warehouse_id, 0, count(*), count(*) FILTER (WHERE NOT EXISTS (
        SELECT 1 FROM inventory_level o WHERE o.store_id = l.store_id AND o.variant_id = l.variant_id AND NOT o.retired AND o.id < l.id)),
    count(*) FILTER (WHERE l.low), sum(l.quantity), sum(l.reserved)
FROM inventory_level l WHERE NOT l.retired GROUP BY l.store_id, l.warehouse_id;

-- Levels of which some is reserved.
ALTER TABLE inventory_level ADD COLUMN held INTEGER GENERATED ALWAYS AS (reserved > 0) VIRTUAL;
CREATE INDEX inventory_level_held ON inventory_level (store_id, id) WHERE held AND NOT retired;
