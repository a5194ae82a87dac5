package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"

	"vitrine/internal/catalog"
	"vitrine/internal/catalog/shopifycsv"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
)

// Bounds of what is written in one transaction, and so of how long others wait for
// SQLite's one writer.
const (
	batchProducts = 250
	batchVariants = 1000
	batchBytes    = 1 << 20
)

// A batch is planned before its transaction, so that others need not wait for
// that, and anew when somebody else wrote to the same products meanwhile. Where that
// happens again and again, the plan is made behind the products' locks.
const (
	freeTries = 3
	maxTries  = 50
)

// Import is a file on its way into a store. Products are matched by their handle,
// variants by their SKU in the whole store and else by their option values. What
// the file says nothing of stays as it is, and nothing is taken away.
//
// Every transaction is small and can be the last one: run again, the import goes on
// where it was, and what was done is found as the file has it.
type Import struct {
	Store  store.Store
	File   *io.SectionReader
	DryRun bool // tell what would be done and write nothing

	// Progress hears how many of the file's rows are done. It may be nil.
	Progress func(step string, done, total int)

	// SetStock is given what the file says is on hand of tracked variants, in the
	// transaction that writes them. It tells how many levels that changed, and what
	// was refused, by its place among the quantities. It may be nil: then quantities
	// are passed over, as they are in stores without stock.
	SetStock func(ctx context.Context, tx *db.Tx, quantities []Quantity) (levels int, refused map[int]string, err error)

	// Keep is called in each transaction with where the import is once it has
	// committed. It may be nil.
	Keep func(ctx context.Context, tx *db.Tx, s State) error

	// From is where an interrupted import goes on: what Keep was told last.
	From State
}

// quantityColumn is what a refused quantity is said to be wrong in.
const quantityColumn = "Variant Inventory Qty"

// StockOf is an Import's SetStock for a store: quantities go to its default
// warehouse. It is nil for a store that owns no stock.
func StockOf(stock *inventory.Writer, s store.Store) func(context.Context, *db.Tx, []Quantity) (int, map[int]string, error) {
	if !s.Type.OwnsStock() {
		return nil
	}
	return func(ctx context.Context, tx *db.Tx, quantities []Quantity) (int, map[int]string, error) {
		variants, units := make([]catalog.VariantID, len(quantities)), make([]int64, len(quantities))
		for i, q := range quantities {
			variants[i], units[i] = q.Variant, q.Units
		}
		note := "import"
		changed, faults, err := stock.SetOnHand(ctx, tx, s.ID, variants, units, inventory.Note{Notes: &note})
		refused := make(map[int]string, len(faults))
		for _, f := range faults {
			refused[f.Index] = f.Message
		}
		return changed, refused, err
	}
}

// State is how far an import is.
type State struct {
	Products int  // of the file, that are done
	Done     bool // and it has no more
	Report   Report
}

// batch is what is written together.
type batch struct {
	products []shopifycsv.Product
	report   Report // of rows that the reader left out
	count    int    // the file's products up to its end
	rows     int    // and rows
	err      error  // why there is no further one: io.EOF, or what went wrong
}

// Run imports the file. An error says that the import did not get to its end; rows
// that are left out are in the report.
func (i *Import) Run(ctx context.Context, d *db.DB) (Report, error) {
	i.progress("read", 0, 0)
	var failed Report
	r, err := shopifycsv.NewReader(i.File, i.Store.Currency, failed.leaveOut)
	if err != nil {
		return Report{}, err
	}
	w := writer{Import: i, db: d, state: i.From, abandoned: map[string]bool{}}
	if !i.From.Done {
		if err := i.run(ctx, r, &failed, &w); err != nil {
			return Report{}, err
		}
	}
	w.state.Report.Rows = r.Rows()
	w.state.Report.sort()
	return w.state.Report, nil
}

// run reads the next batch while one is being written.
func (i *Import) run(ctx context.Context, r *shopifycsv.Reader, failed *Report, w *writer) error {
	ctx, cancel := context.WithCancel(ctx)
	batches, done := make(chan batch), make(chan struct{})
	go func() {
		defer close(done)
		i.read(ctx, r, failed, batches)
	}()
	defer func() { cancel(); <-done }()
	i.progress("import", 0, r.Rows())
	for b := range batches {
		if b.err != nil && !errors.Is(b.err, io.EOF) {
			return b.err
		}
		if err := w.write(ctx, &b); err != nil {
			return err
		}
		i.progress("import", b.rows, r.Rows())
	}
	return ctx.Err()
}

func (i *Import) progress(step string, done, total int) {
	if i.Progress != nil {
		i.Progress(step, done, total)
	}
}

// read puts batches together, the last one with an error. What was done in an
// earlier run is passed over; its bad rows were told then.
func (i *Import) read(ctx context.Context, r *shopifycsv.Reader, failed *Report, out chan<- batch) {
	defer close(out)
	count := 0
	for count < i.From.Products {
		if _, err := r.Next(); err != nil {
			break // the file ends, and will do so below
		}
		count++
	}
	*failed = Report{}
	for {
		b := gather(r)
		count += len(b.products)
		b.count, b.rows, b.report, *failed = count, r.Done(), *failed, Report{}
		select {
		case out <- b:
		case <-ctx.Done():
			return
		}
		if b.err != nil {
			return
		}
	}
}

// gather reads the products of a batch.
func gather(r *shopifycsv.Reader) batch {
	var b batch
	for variants, bytes := 0, 0; len(b.products) < batchProducts && variants < batchVariants && bytes < batchBytes; {
		p, err := r.Next()
		if err != nil {
			b.err = err
			break
		}
		b.products = append(b.products, p)
		variants += len(p.Variants)
		bytes += p.Bytes
	}
	return b
}

// writer writes batches, one after the other.
type writer struct {
	*Import
	db        *db.DB
	state     State
	abandoned map[string]bool // in a dry run: SKUs that earlier batches would have freed
}

// write plans a batch and writes it.
func (w *writer) write(ctx context.Context, b *batch) error {
	for try := 1; ; try++ {
		next, err := w.try(ctx, b, try > freeTries)
		if err == nil {
			w.state = next
			return nil
		}
		if !errors.Is(err, catalog.ErrOutdated) || try == maxTries {
			return fmt.Errorf("import up to product %d: %w", b.count, err)
		}
	}
}

// try plans a batch and writes it once. It returns where the import is then.
func (w *writer) try(ctx context.Context, b *batch, locked bool) (next State, err error) {
	if locked {
		err := w.db.InTx(ctx, func(tx *db.Tx) error {
			if err := w.lock(ctx, tx, b.products); err != nil {
				return err
			}
			p, err := w.plan(ctx, tx, b.products)
			if err == nil {
				next, err = w.commit(ctx, tx, b, p)
			}
			return err
		})
		return next, err
	}
	p, err := w.plan(ctx, w.db, b.products)
	if err != nil {
		return State{}, err
	}
	switch {
	case w.DryRun:
		return w.foresee(ctx, b, p)
	case len(p.edits)+len(p.quantities) == 0:
		return w.after(b, p), nil
	}
	err = w.db.InTx(ctx, func(tx *db.Tx) (err error) {
		next, err = w.commit(ctx, tx, b, p)
		return err
	})
	return next, err
}

// after is where the import is when a batch is done as planned.
func (w *writer) after(b *batch, p *plan) State {
	s := State{Products: b.count, Done: b.err != nil, Report: w.state.Report.clone()}
	s.Report.add(&b.report)
	s.Report.add(&p.report)
	return s
}

// errForeseen takes back what was only tried.
var errForeseen = errors.New("only tried")

// foresee tells where the import would be if a batch were written. Stock is set in a
// transaction that is taken back, since only that knows what is refused; variants that
// the batch would make have none yet, and get what the file says.
func (w *writer) foresee(ctx context.Context, b *batch, p *plan) (State, error) {
	next := w.after(b, p)
	known, fresh := p.stock()
	next.Report.LevelsSet += fresh
	if len(known) == 0 {
		return next, nil
	}
	var levels int
	var refused map[int]string
	err := w.db.InTx(ctx, func(tx *db.Tx) (err error) {
		if levels, refused, err = w.SetStock(ctx, tx, known); err != nil {
			return err
		}
		return errForeseen
	})
	if !errors.Is(err, errForeseen) {
		return State{}, err
	}
	next.Report.stocked(known, levels, refused)
	return next, nil
}

// lock keeps others from writing to the products that a batch is about.
func (w *writer) lock(ctx context.Context, tx *db.Tx, products []shopifycsv.Product) error {
	slugs, skus := named(products)
	found, err := catalog.Named(ctx, tx, w.Store.ID, slugs, skus)
	if err != nil {
		return err
	}
	return catalog.Lock(ctx, tx, w.Store.ID, found)
}

// commit writes what was planned, if the store is still what it was.
func (w *writer) commit(ctx context.Context, tx *db.Tx, b *batch, p *plan) (State, error) {
	now, err := store.Get(ctx, tx, w.Store.Owner, w.Store.ID)
	if err != nil {
		return State{}, err
	}
	if now.Currency != w.Store.Currency {
		return State{}, fault.Refusedf("currency_changed", "The store's currency changed during the import. What was imported until then has its prices in the old one.")
	}
	if err := adopt(ctx, tx, w.Store.ID, p.edits); err != nil {
		return State{}, err
	}
	if err := catalog.Save(ctx, tx, w.Store.ID, p.edits); err != nil {
		return State{}, err
	}
	next := w.after(b, p)
	if len(p.quantities) > 0 {
		levels, refused, err := w.SetStock(ctx, tx, p.quantities)
		if err != nil {
			return State{}, err
		}
		next.Report.stocked(p.quantities, levels, refused)
	}
	if w.Keep == nil {
		return next, nil
	}
	return next, w.Keep(ctx, tx, next)
}
