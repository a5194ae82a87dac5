-- +goose Up

-- A charge is a row of the platform's: it is found without its store. Where the tables
-- of stores lie on several machines, such a row cannot name one of theirs. An order is
-- never deleted.
ALTER TABLE charge DROP CONSTRAINT charge_store_id_order_id_fkey;
