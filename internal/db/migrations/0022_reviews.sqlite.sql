-- +goose Up

-- What shoppers say of a product. Only approved ones count in the product's
-- rating_sum and review_count, and show.
CREATE TABLE review (
    store_id BLOB NOT NULL,
    id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    rating INTEGER NOT NULL CONSTRAINT review_rating CHECK (rating BETWEEN 1 AND 5),
    title TEXT,
    body TEXT,
    author TEXT NOT NULL,
    email TEXT,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (store_id, id),
    FOREIGN KEY (store_id, product_id) REFERENCES product (store_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX review_product ON review (store_id, product_id, status, id);
CREATE INDEX review_status ON review (store_id, status, id);

-- What a product costs at least, so that a storefront can be read in the order of
-- prices; and its title, folded, which search_text begins with.
ALTER TABLE product ADD COLUMN price_from INTEGER NOT NULL DEFAULT 0;
UPDATE product SET price_from = COALESCE((
    SELECT min(v.price) FROM variant v WHERE v.store_id = product.store_id AND v.product_id = product.id AND v.deleted_at IS NULL), 0);
CREATE INDEX product_price ON product (store_id, status, price_from, id) WHERE deleted_at IS NULL;
CREATE INDEX product_title ON product (store_id, status, substr(search_text, 1, 100), id) WHERE deleted_at IS NULL;
