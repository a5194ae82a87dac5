-- +goose Up

-- What a store's levels that are not retired add up to, by warehouse. It is kept in
-- parts, which those who write at the same time have one each of: the sum over them
-- counts. A variant counts in one of the warehouses that it has levels in.
CREATE TABLE inventory_total (
    store_id uuid NOT NULL,
    warehouse_id uuid NOT NULL,
    part bigint NOT NULL,
    levels bigint NOT NULL,
    variants bigint NOT NULL,
    low bigint NOT NULL,
    quantity bigint NOT NULL,
    reserved bigint NOT NULL,
    PRIMARY KEY (store_id, warehouse_id, part)
) WITH (fillfactor = 50);
INSERT INTO inventory_total (store_id, warehouse_id, part, levels, variants, low, quantity, reserved)
SELECT l.store_id, l.warehouse_id, 0, count(*), count(*) FILTER (WHERE NOT EXISTS (
        SELECT 1 FROM inventory_level o WHERE o.store_id = l.store_id AND o.variant_id = l.variant_id AND NOT o.retired AND o.id < l.id)),
    count(*) FILTER (WHERE l.low), sum(l.quantity), sum(l.reserved)
FROM inventory_level l WHERE NOT l.retired GROUP BY l.store_id, l.warehouse_id;

-- Levels of which some is reserved. held is a column for the same reason as low: no
-- index is written as long as it stays as it is.
ALTER TABLE inventory_level ADD COLUMN held boolean NOT NULL GENERATED ALWAYS AS (reserved > 0) STORED;
CREATE INDEX inventory_level_held ON inventory_level (store_id, id) WHERE held AND NOT retired;
