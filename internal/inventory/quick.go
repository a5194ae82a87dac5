package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"vitrine/internal/combine"
	"vitrine/internal/db"
	"vitrine/internal/id"
)

// quick is a change of one level by an amount that is known beforehand. As long as
// nothing is to be explained or told of it (a refusal, a level that becomes low or
// flips) it needs no look at the level first: one statement changes the level where
// all that must hold does, and writes its ledger.
type quick struct {
	level LevelID
	change
	why   Reason
	note  Note
	after *Figures // the answer
}

// changeLevel changes a level by amounts. entry_before becomes the newest entry
// before those that are written with it. What it leaves alone is for the batch.
func changeLevel(quantity, reserved, byHand, rows, now, entry, from, where string) string {
	return fmt.Sprintf(`
	UPDATE inventory_level AS l
	SET quantity = l.quantity + %[1]s, reserved = l.reserved + %[2]s, by_hand = l.by_hand + %[3]s, updated_at = %[5]s,
		entries = l.entries + %[4]s, last_entry = %[6]s, entry_before = l.last_entry
	%[7]s WHERE %[8]s AND NOT l.retired
		AND l.quantity + %[1]s BETWEEN 0 AND 1000000000 AND l.reserved + %[2]s BETWEEN 0 AND 1000000000 AND l.by_hand + %[3]s >= 0
		AND (l.backorder OR l.reserved + %[2]s <= l.quantity + %[1]s)
		AND (l.quantity - l.reserved <= l.reorder_point) = (l.quantity + %[1]s - l.reserved - %[2]s <= l.reorder_point)
		AND (l.quantity - l.reserved <= 0) = (l.quantity + %[1]s - l.reserved - %[2]s <= 0)`,
		quantity, reserved, byHand, rows, now, entry, from, where)
}

const entryQuick = `
	INSERT INTO inventory_adjustment (store_id, id, level_id, n, before_id, quantity_change, reserved_change,
		quantity_after, reserved_after, reason, reference_id, notes, actor, created_at)`

var (
	changeOne = changeLevel("$3", "$4", "$5", "1", "$6", "$7", "", "l.store_id = $1 AND l.id = $2") +
		` RETURNING quantity, reserved, reorder_point, reorder_quantity, entries, entry_before, warehouse_id`

	countOne = intoTotals + `VALUES ($1, $2, $3, 0, 0, 0, $4, $5)` + addTotals

	// oneOnPostgres is both in one statement, which is one trip and one transaction.
	oneOnPostgres = `WITH l AS (` + changeOne + `), entry AS (` + entryQuick + `
	SELECT $1, $7, $2, l.entries, l.entry_before, $3, $4, l.quantity, l.reserved, $8, $9, $10, $11, $6 FROM l), counted AS (` + intoTotals + `
	SELECT $1, l.warehouse_id, $12, 0, 0, 0, $3, $4 FROM l` + addTotals + `)
	SELECT quantity, reserved, reorder_point, reorder_quantity, entries, entry_before, warehouse_id FROM l`

	// manyOnPostgres changes many levels, each of them several times: the table has
	// a row for each level with its sums and where its changes are in the arrays,
	// and the arrays what each change adds to the level so far.
	manyOnPostgres = `WITH @given, l AS (` +
		changeLevel("given.quantity", "given.reserved", "given.by_hand", "1 + given.last - given.first", "$1", "given.entry",
			"FROM given", "l.store_id = given.store_id AND l.id = given.level_id") + `
		RETURNING l.store_id, l.id, l.quantity, l.reserved, l.reorder_point, l.reorder_quantity, l.entries, l.entry_before,
			l.quantity - given.quantity AS quantity_before, l.reserved - given.reserved AS reserved_before, given.first, given.last,
			l.warehouse_id, given.quantity AS quantity_sum, given.reserved AS reserved_sum
	), entry AS (` + entryQuick + `
		SELECT l.store_id, ($2::uuid[])[i], l.id, l.entries - l.last + i, CASE WHEN i = l.first THEN l.entry_before ELSE ($2::uuid[])[i - 1] END,
			($3::bigint[])[i], ($4::bigint[])[i], l.quantity_before + ($5::bigint[])[i], l.reserved_before + ($6::bigint[])[i],
			($7::text[])[i], ($8::text[])[i], ($9::text[])[i], ($10::text[])[i], $1
		FROM l CROSS JOIN LATERAL generate_series(l.first, l.last) AS i
	), counted AS (` + intoTotals + `
		SELECT l.store_id, l.warehouse_id, $11, 0, 0, 0, sum(l.quantity_sum), sum(l.reserved_sum) FROM l
		GROUP BY l.store_id, l.warehouse_id ORDER BY l.store_id, l.warehouse_id` + addTotals + `
	) SELECT first, quantity_before, reserved_before, reorder_point, reorder_quantity FROM l`

	groupColumns = db.NewColumns("store_id uuid, level_id uuid, quantity bigint, reserved bigint, by_hand bigint, first bigint, last bigint, entry uuid")
)

// writeQuick writes what of a batch can be written quickly, and returns the rest: on
// PostgreSQL, where a trip to the server costs more than the work there, the changes
// of all levels in one statement that commits itself; on SQLite, a change that has
// no company. A Citus cluster has no such statements.
func (w *Writer) writeQuick(ctx context.Context, works []*work) ([]*work, error) {
	works = open(works)
	if w.db.Cluster() {
		return works, nil
	}
	var err error
	switch {
	case len(works) == 1 && works[0].quick != nil:
		err = w.changeOne(ctx, works[0])
	case w.db.Engine() == db.Postgres:
		err = w.changeMany(ctx, works)
	}
	switch {
	case err == nil:
		return open(works), nil
	case !db.RolledBack(err): // nobody knows whether it was written
		return nil, combine.Final(err)
	case db.Unavailable(err): // a deadlock, a time-out: the batch tries again
		return works, nil
	}
	return nil, err // of one of them, whom the queue finds
}

// open returns the works that are not done yet.
func open(works []*work) []*work {
	return slices.DeleteFunc(slices.Clone(works), func(w *work) bool { return w.done })
}

// changeOne makes a change that shares its transaction with no other.
func (w *Writer) changeOne(ctx context.Context, job *work) error {
	q, now, entry := job.quick, w.db.Now(), w.db.NewID()
	args := []any{job.store, q.level, q.quantity, q.reserved, q.byHand, db.Time{Time: now}, entry}
	noted := []any{string(q.why), q.note.Reference, q.note.Notes, q.note.Actor}
	var n int64
	var before *id.UUID
	var in WarehouseID
	scan := func(row db.Row) (Figures, error) {
		f := Figures{UpdatedAt: now}
		err := row.Scan(&f.Quantity, &f.Reserved, &f.ReorderPoint, &f.ReorderQuantity, &n, &before, &in)
		return f, err
	}
	var found []Figures
	var err error
	if w.db.Engine() == db.Postgres {
		found, err = db.All(ctx, w.db.Keyed(), scan, oneOnPostgres, append(append(args, noted...), w.part)...)
	} else {
		err = w.db.InTx(ctx, func(tx *db.Tx) error {
			if found, err = db.All(ctx, tx.Prepared(), scan, changeOne, args...); err != nil || len(found) == 0 {
				return err
			}
			entries := []any{job.store, entry, q.level, n, before, q.quantity, q.reserved, found[0].Quantity, found[0].Reserved}
			if _, err = db.Exec(ctx, tx.Prepared(), entryQuick+` VALUES `+db.List(1, 14), append(append(entries, noted...), args[5])...); err != nil {
				return err
			}
			_, err = db.Exec(ctx, tx.Prepared(), countOne, job.store, in, w.part, q.quantity, q.reserved)
			return err
		})
	}
	if err == nil && len(found) > 0 {
		*q.after, job.done = found[0], true
	}
	return err
}

// group is the changes of one level that can be added up: all go one way, so what
// holds before the first and after the last holds between them.
type group struct {
	key   levelKey
	sum   change
	works []*work
}

// groups adds up changes of levels, in the order of the levels' keys, in which
// everybody locks them.
func groups(works []*work) []*group {
	byLevel := map[levelKey]*group{}
	var all []*group
	for _, job := range works {
		if job.quick == nil {
			continue
		}
		key := levelKey{job.store.UUID, job.quick.level.UUID}
		g := byLevel[key]
		if g == nil {
			g = &group{key: key}
			byLevel[key] = g
			all = append(all, g)
		}
		if g.sum.sameWay(job.quick.change) {
			g.sum = g.sum.plus(job.quick.change)
			g.works = append(g.works, job)
		}
	}
	slices.SortFunc(all, func(a, b *group) int {
		return cmp.Or(id.Compare(a.key.store, b.key.store), id.Compare(a.key.level, b.key.level))
	})
	return all
}

func (c change) plus(d change) change {
	return change{quantity: c.quantity + d.quantity, reserved: c.reserved + d.reserved, byHand: c.byHand + d.byHand}
}

// sameWay tells whether no figure grows by one change and shrinks by the other.
func (c change) sameWay(d change) bool {
	same := func(a, b int64) bool { return a == 0 || b == 0 || (a < 0) == (b < 0) }
	return same(c.quantity, d.quantity) && same(c.reserved, d.reserved) && same(c.byHand, d.byHand) &&
		same(c.quantity-c.reserved, d.quantity-d.reserved)
}

// entryArrays are the ledger of a statement, one array a column.
type entryArrays struct {
	ids                            []id.UUID
	quantities, reserved           []int64
	quantitiesSoFar, reservedSoFar []int64
	reasons                        []string
	references, notes, actors      []*string
}

func (e *entryArrays) add(fresh id.UUID, q *quick, soFar change) {
	e.ids = append(e.ids, fresh)
	e.quantities, e.reserved = append(e.quantities, q.quantity), append(e.reserved, q.reserved)
	e.quantitiesSoFar, e.reservedSoFar = append(e.quantitiesSoFar, soFar.quantity), append(e.reservedSoFar, soFar.reserved)
	e.reasons = append(e.reasons, string(q.why))
	e.references, e.notes, e.actors = append(e.references, q.note.Reference), append(e.notes, q.note.Notes), append(e.actors, q.note.Actor)
}

// changeMany makes all changes of the levels where they can be made as a whole.
func (w *Writer) changeMany(ctx context.Context, works []*work) error {
	var entries entryArrays
	given, now := groupColumns.Set(), w.db.Now()
	byFirst := map[int64]*group{}
	for _, g := range groups(works) {
		first := int64(len(entries.ids)) + 1 // arrays begin at 1
		byFirst[first] = g
		var soFar change
		for _, job := range g.works {
			soFar = soFar.plus(job.quick.change)
			entries.add(w.db.NewID(), job.quick, soFar)
		}
		last := len(entries.ids)
		given.Add(g.key.store, g.key.level, g.sum.quantity, g.sum.reserved, g.sum.byHand, first, int64(last), entries.ids[last-1])
	}
	type before struct {
		first   int64
		figures Figures
	}
	changed, err := db.QuerySet(ctx, w.db.Keyed(), given, func(row db.Row) (before, error) {
		b := before{figures: Figures{UpdatedAt: now}}
		err := row.Scan(&b.first, &b.figures.Quantity, &b.figures.Reserved, &b.figures.ReorderPoint, &b.figures.ReorderQuantity)
		return b, err
	}, manyOnPostgres, db.Time{Time: now}, entries.ids, entries.quantities, entries.reserved, entries.quantitiesSoFar, entries.reservedSoFar,
		entries.reasons, entries.references, entries.notes, entries.actors, w.part)
	if err != nil {
		return err
	}
	for _, b := range changed {
		byFirst[b.first].answer(b.figures)
	}
	return nil
}

// answer tells each caller the level's figures after their change.
func (g *group) answer(f Figures) {
	for _, job := range g.works {
		f.Quantity += job.quick.quantity
		f.Reserved += job.quick.reserved
		*job.quick.after, job.done = f, true
	}
}
