-- +goose Up

-- What lies of a variant in a warehouse. quantity is on hand and reserved held of
-- it; by_hand is the part of reserved that a merchant holds, without a row in
-- inventory_hold. backorder repeats what the variant allows, so that the check can
-- see it. low is computed by the database; entries counts the level's rows in
-- inventory_adjustment, which begin at last_entry; entry_before is the one before
-- that. A level retires with its variant or its warehouse: it is in no list and
-- nothing moves it.
CREATE TABLE inventory_level (
    store_id BLOB NOT NULL,
    id BLOB NOT NULL,
    variant_id BLOB NOT NULL,
    warehouse_id BLOB NOT NULL,
    quantity INTEGER NOT NULL CONSTRAINT inventory_level_quantity CHECK (quantity >= 0),
    reserved INTEGER NOT NULL,
    by_hand INTEGER NOT NULL,
    reorder_point INTEGER NOT NULL CONSTRAINT inventory_level_reorder_point CHECK (reorder_point >= 0),
    reorder_quantity INTEGER NOT NULL CONSTRAINT inventory_level_reorder_quantity CHECK (reorder_quantity >= 0),
    backorder INTEGER NOT NULL,
    retired INTEGER NOT NULL,
    low INTEGER NOT NULL GENERATED ALWAYS AS (quantity - reserved <= reorder_point) STORED,
    entries INTEGER NOT NULL,
    last_entry BLOB,
    entry_before BLOB,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    source_id BLOB,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, variant_id) REFERENCES variant (store_id, id),
    FOREIGN KEY (store_id, warehouse_id) REFERENCES warehouse (store_id, id),
    CONSTRAINT inventory_level_reserved CHECK (reserved >= 0 AND (backorder OR reserved <= quantity)),
    CONSTRAINT inventory_level_by_hand CHECK (by_hand >= 0 AND by_hand <= reserved)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX inventory_level_place ON inventory_level (store_id, variant_id, warehouse_id);
CREATE INDEX inventory_level_warehouse ON inventory_level (store_id, warehouse_id, id);
CREATE INDEX inventory_level_low ON inventory_level (store_id, id) WHERE low AND NOT retired;

-- A level stays, since its ledger does.
-- +goose StatementBegin
CREATE TRIGGER inventory_level_stays BEFORE DELETE ON inventory_level
BEGIN
    SELECT RAISE(ABORT, 'inventory levels are never deleted, they retire');
END;
-- +goose StatementEnd

-- The ledger: the n-th change of a level, what it was then, and which change came
-- before. Nobody changes or deletes a row. A level's history is read along that
-- chain, from the level on: an index by level would be written all over with every
-- sale, the more so the longer the history. A row is written while its level is
-- locked, and levels stay, so that a foreign key would only look up the same level
-- again.
CREATE TABLE inventory_adjustment (
    store_id BLOB NOT NULL,
    id BLOB NOT NULL,
    level_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    before_id BLOB,
    quantity_change INTEGER NOT NULL,
    reserved_change INTEGER NOT NULL,
    quantity_after INTEGER NOT NULL,
    reserved_after INTEGER NOT NULL,
    reason TEXT NOT NULL,
    reference_id TEXT,
    notes TEXT,
    actor TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (store_id, id)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER inventory_adjustment_unchanged BEFORE UPDATE ON inventory_adjustment
BEGIN
    SELECT RAISE(ABORT, 'inventory adjustments are never changed nor deleted');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER inventory_adjustment_kept BEFORE DELETE ON inventory_adjustment
BEGIN
    SELECT RAISE(ABORT, 'inventory adjustments are never changed nor deleted');
END;
-- +goose StatementEnd

-- Units that somebody (an order) holds of a level, by the line they are for. A row
-- is gone when its units are shipped or released. Its level is locked when it is
-- written, as the ledger's.
CREATE TABLE inventory_hold (
    store_id BLOB NOT NULL,
    holder_id BLOB NOT NULL,
    line INTEGER NOT NULL,
    level_id BLOB NOT NULL,
    quantity INTEGER NOT NULL CONSTRAINT inventory_hold_quantity CHECK (quantity > 0),
    created_at TEXT NOT NULL,
    PRIMARY KEY (store_id, holder_id, line, level_id)
) STRICT, WITHOUT ROWID;
