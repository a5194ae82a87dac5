// Package lineage derives the ids of a copied store's rows.
//
// The new id of a row is a pure function of the new store's id and the old row's
// id: the upper 64 bits stay (so the order in time and the locality in the index
// do too), the lower 62 are XORed with those of the new store. A foreign key, a
// junction or a category's parent can therefore be derived where it is copied,
// without a map from old to new.
//
// Within one store the function is one-to-one, so two rows never clash. Over the
// platform, two derived ids with the same origin are the same only when the
// stores on the way XOR to the same 62 random bits. The function is its own
// inverse: ID(store, ID(store, x)) == x.
package lineage

import (
	"encoding/binary"

	"vitrine/internal/id"
)

// variantBits are the two bits of a UUID's lower half that never change.
const variantBits = 3 << 62

// Mask returns the part of a store's id that its rows' ids are derived with. SQL
// takes it as lineage_id(mask, old), the same function as ID in both databases.
func Mask(store id.UUID) int64 {
	return int64(binary.BigEndian.Uint64(store[8:]) &^ variantBits) //nolint:gosec // 62 bits
}

// ID returns the id that the row old has in the copy called store.
func ID(store, old id.UUID) id.UUID {
	return Apply(Mask(store), old)
}

// Apply is ID with the mask already taken.
func Apply(mask int64, old id.UUID) id.UUID {
	derived := old
	lower := binary.BigEndian.Uint64(old[8:])
	binary.BigEndian.PutUint64(derived[8:], lower^uint64(mask)) //nolint:gosec // 62 bits
	return derived
}
