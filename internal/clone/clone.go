// Package clone copies a whole store in one transaction: its settings, catalog,
// themes, discounts and tax rules, with new ids and all links between them. It
// drives the tables that the domain packages say are theirs; package lineage says
// how the ids come about.
package clone

import (
	"context"
	"fmt"
	"slices"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/inventory"
	"vitrine/internal/lineage"
	"vitrine/internal/pricing"
	"vitrine/internal/store"
	"vitrine/internal/theme"
	"vitrine/internal/webhook"
)

// Stock says what a clone takes of the source's inventory.
type Stock string

// The choices.
const (
	NoStock   Stock = "none" // a fresh main warehouse, no levels
	ZeroStock Stock = "zero" // the warehouses, nothing in them
	CopyStock Stock = "copy" // the warehouses and what is in them
)

// Request says how a store is cloned. A blank Name means "{name} (Copy)".
type Request struct {
	Source store.ID
	Name   string
	Stock  Stock
}

// Progress hears what is being copied, and how many of all rows are.
type Progress func(step string, done, total int)

// statementTimeout bounds one table's statement in a very large store.
const statementTimeout = 30 * time.Minute

// Options are how the transaction of a clone runs: it sees the source as it was
// at one moment, while the source's own merchants go on working.
func Options() []db.Option {
	return []db.Option{db.Snapshot(), db.Bulk(), db.Timeout(statementTimeout)}
}

// Run copies a store of the owner's inside tx, which was begun with Options.
// Until tx commits nobody sees anything of the clone. The number of statements
// does not depend on the size of the store. progress may be nil.
func Run(ctx context.Context, tx *db.Tx, owner account.ID, req Request, progress Progress) (store.Store, error) {
	source, err := store.Get(ctx, tx, owner, req.Source)
	if err != nil {
		return store.Store{}, err
	}
	if source.Owner != owner {
		return store.Store{}, fault.Forbiddenf("owner_only", "Only the owner of a store can clone it.")
	}
	clone, err := store.CreateCopy(ctx, tx, source, req.Name)
	if err != nil {
		return store.Store{}, err
	}
	tx.Fill(clone.ID.UUID)
	c := lineage.Copy{From: source.ID.UUID, To: clone.ID.UUID, At: db.Time{Time: tx.Now()}, Schema: tx.Engine().Committed()}
	if err := copyTables(ctx, tx, tables(source, req.Stock), c, progress); err != nil {
		return store.Store{}, err
	}
	if clone.Type.OwnsStock() {
		if _, err := inventory.EnsureDefaultWarehouse(ctx, tx, clone.ID); err != nil {
			return store.Store{}, err
		}
		if err := inventory.CountAll(ctx, tx, clone.ID); err != nil {
			return store.Store{}, err
		}
	}
	if err := catalog.IndexLater(ctx, tx, owner, clone.ID); err != nil {
		return store.Store{}, err
	}
	return clone, emit(ctx, tx, source.ID, clone)
}

// emit tells the webhooks of the source; a clone has none yet.
func emit(ctx context.Context, tx *db.Tx, source store.ID, clone store.Store) error {
	return webhook.Emit(ctx, tx, source, webhook.StoreCloned, webhook.Data{
		"id": clone.ID.String(), "source_store_id": source.String(), "name": clone.Name, "slug": clone.Slug,
		"store_type": clone.Type, "status": clone.Status, "currency": clone.Currency, "created_at": webhook.Time(clone.CreatedAt),
	})
}

// tables are what is copied, in the order of their foreign keys.
func tables(source store.Store, stock Stock) []lineage.Table {
	all := slices.Concat(store.CopiedPictures, catalog.Copied, theme.Copied, pricing.Copied)
	if source.Type.OwnsStock() && (stock == ZeroStock || stock == CopyStock) {
		all = append(all, inventory.Copied(stock == CopyStock)...)
	}
	return all
}

func copyTables(ctx context.Context, tx *db.Tx, all []lineage.Table, c lineage.Copy, progress Progress) error {
	done, total := 0, 0
	if progress != nil {
		counts, err := count(ctx, tx, all, c)
		if err != nil {
			return err
		}
		for _, n := range counts {
			total += n
		}
	}
	for _, table := range all {
		if progress != nil {
			progress(table.Name, done, total)
		}
		statement, args := table.Insert(c)
		n, err := db.Exec(ctx, tx, statement, args...)
		if err != nil {
			return fmt.Errorf("copy %s: %w", table.Name, err)
		}
		done += int(n)
	}
	if progress != nil {
		progress("commit", done, total)
	}
	return nil
}

func count(ctx context.Context, q db.Q, all []lineage.Table, c lineage.Copy) (map[string]int, error) {
	counts := make(map[string]int, len(all))
	for _, table := range all {
		statement, args := table.Count(c)
		n, err := db.One(ctx, q, db.Value[int], statement, args...)
		if err != nil {
			return nil, fmt.Errorf("count %s: %w", table.Name, err)
		}
		counts[table.Name] = n
	}
	return counts, nil
}

// Plan is what a clone would do.
type Plan struct {
	Copied  map[string]int // rows by what a merchant calls them
	Skipped map[string]int
}

// DryRun counts what Run would copy and leave out. It writes nothing.
func DryRun(ctx context.Context, d *db.DB, source store.Store, stock Stock) (Plan, error) {
	c := lineage.Copy{From: source.ID.UUID, To: source.ID.UUID, At: db.Time{Time: d.Now()}}
	copied, err := count(ctx, d, tables(source, stock), c)
	if err != nil {
		return Plan{}, err
	}
	skipped, err := count(ctx, d, slices.Concat(catalog.Skipped, pricing.Skipped), c)
	return Plan{Copied: copied, Skipped: skipped}, err
}

// CheckName refuses a name that Run would refuse, before a job is made for it.
func CheckName(name string) error {
	var f fault.Form
	store.CheckCopyName(&f, name)
	return f.Err()
}
