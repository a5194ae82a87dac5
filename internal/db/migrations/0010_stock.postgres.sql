-- +goose Up

-- What lies of a variant in a warehouse. quantity is on hand and reserved held of
-- it; by_hand is the part of reserved that a merchant holds, without a row in
-- inventory_hold. backorder repeats what the variant allows, so that the check can
-- see it. low is computed by the database; an update that leaves it as it is needs
-- no index to be written (a heap-only update, for which pages keep some room).
-- entries counts the level's rows in inventory_adjustment, which begin at last_entry;
-- entry_before is the one before that. A level retires with its variant or its
-- warehouse: it is in no list and nothing moves it.
CREATE TABLE inventory_level (
    store_id uuid NOT NULL,
    id uuid NOT NULL,
    variant_id uuid NOT NULL,
    warehouse_id uuid NOT NULL,
    quantity bigint NOT NULL CONSTRAINT inventory_level_quantity CHECK (quantity >= 0),
    reserved bigint NOT NULL,
    by_hand bigint NOT NULL,
    reorder_point bigint NOT NULL CONSTRAINT inventory_level_reorder_point CHECK (reorder_point >= 0),
    reorder_quantity bigint NOT NULL CONSTRAINT inventory_level_reorder_quantity CHECK (reorder_quantity >= 0),
    backorder boolean NOT NULL,
    retired boolean NOT NULL,
    low boolean NOT NULL GENERATED ALWAYS AS (quantity - reserved <= reorder_point) STORED,
    entries bigint NOT NULL,
    last_entry uuid,
    entry_before uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    source_id uuid,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, variant_id) REFERENCES variant (store_id, id),
    FOREIGN KEY (store_id, warehouse_id) REFERENCES warehouse (store_id, id),
    CONSTRAINT inventory_level_reserved CHECK (reserved >= 0 AND (backorder OR reserved <= quantity)),
    CONSTRAINT inventory_level_by_hand CHECK (by_hand >= 0 AND by_hand <= reserved)
) WITH (fillfactor = 60);
CREATE UNIQUE INDEX inventory_level_place ON inventory_level (store_id, variant_id, warehouse_id);
CREATE INDEX inventory_level_warehouse ON inventory_level (store_id, warehouse_id, id);
CREATE INDEX inventory_level_low ON inventory_level (store_id, id) WHERE low AND NOT retired;

-- A level stays, since its ledger does.
-- +goose StatementBegin
CREATE FUNCTION inventory_level_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'inventory levels are never deleted, they retire' USING ERRCODE = 'restrict_violation';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER inventory_level_stays BEFORE DELETE ON inventory_level
    FOR EACH ROW EXECUTE FUNCTION inventory_level_stays();
CREATE TRIGGER inventory_level_stays_all BEFORE TRUNCATE ON inventory_level
    FOR EACH STATEMENT EXECUTE FUNCTION inventory_level_stays();

-- The ledger: the n-th change of a level, what it was then, and which change came
-- before. Nobody changes or deletes a row. A level's history is read along that
-- chain, from the level on: an index by level would be written all over with every
-- sale, the more so the longer the history. A row is written while its level is
-- locked, and levels stay, so that a foreign key would only look up the same level
-- again.
CREATE TABLE inventory_adjustment (
    store_id uuid NOT NULL,
    id uuid NOT NULL,
    level_id uuid NOT NULL,
    n bigint NOT NULL,
    before_id uuid,
    quantity_change bigint NOT NULL,
    reserved_change bigint NOT NULL,
    quantity_after bigint NOT NULL,
    reserved_after bigint NOT NULL,
    reason text NOT NULL,
    reference_id text,
    notes text,
    actor text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, id)
);

-- +goose StatementBegin
CREATE FUNCTION inventory_adjustment_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'inventory adjustments are never changed nor deleted' USING ERRCODE = 'restrict_violation';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER inventory_adjustment_stays BEFORE UPDATE OR DELETE ON inventory_adjustment
    FOR EACH ROW EXECUTE FUNCTION inventory_adjustment_stays();
CREATE TRIGGER inventory_adjustment_stays_all BEFORE TRUNCATE ON inventory_adjustment
    FOR EACH STATEMENT EXECUTE FUNCTION inventory_adjustment_stays();

-- Units that somebody (an order) holds of a level, by the line they are for. A row
-- is gone when its units are shipped or released. Its level is locked when it is
-- written, as the ledger's.
CREATE TABLE inventory_hold (
    store_id uuid NOT NULL,
    holder_id uuid NOT NULL,
    line bigint NOT NULL,
    level_id uuid NOT NULL,
    quantity bigint NOT NULL CONSTRAINT inventory_hold_quantity CHECK (quantity > 0),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, holder_id, line, level_id)
);
