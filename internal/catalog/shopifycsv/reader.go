package shopifycsv

import (
	"errors"
	"hash/maphash"
	"io"
	"strings"

	"vitrine/internal/fault"
	"vitrine/internal/money"
)

// MaxRows is how many rows a file can have. It bounds what a Reader remembers of
// the handles and SKUs in a file, some 50 bytes for each.
const MaxRows = 1_000_000

// CheckHeader tells whether a file begins like a product CSV. It reads no further
// than the first line.
func CheckHeader(file io.Reader) error {
	_, err := readHeader(newScanner(file))
	return err
}

func readHeader(s *scanner) (*header, error) {
	rec, err := s.next()
	if bad, malformed := errors.AsType[*badRow](err); malformed {
		return nil, fault.Invalidf("file", "has no header: its first line %s", bad.Error())
	}
	if errors.Is(err, io.EOF) {
		return nil, fault.Invalidf("file", "is empty")
	}
	if err != nil {
		return nil, err
	}
	names := make([]string, len(rec.spans))
	for i := range names {
		names[i] = strings.TrimSpace(rec.cell(i))
	}
	return newHeader(names)
}

// Reader yields the products of a file in the order in which they come up, each
// once and whole: rows of a handle that stand apart from its others are read ahead.
// For this it goes through the file first, and remembers which handles and which
// SKUs come up again.
type Reader struct {
	src      *io.SectionReader
	header   *header
	currency money.Currency
	report   func(RowError)

	rows, done int
	scan       *scanner
	waiting    *record // read, and not yet part of a product

	seed  maphash.Seed
	apart map[uint64][]run // by handle: its rows behind the first ones; nil once they were read
	skus  map[uint64]int   // SKUs that several rows have → the line that has it first, or 0 before
}

// run is neighbouring rows of one handle.
type run struct {
	place
	rows int
}

// NewReader reads the header and goes through the file. Prices are in currency.
// report is told of every row that is left out, bad rows as they come up and those
// that stand apart ahead of the others. A file that is no product CSV is an
// Invalid error.
func NewReader(file *io.SectionReader, currency money.Currency, report func(RowError)) (*Reader, error) {
	r := &Reader{
		src: file, currency: currency, report: report, seed: maphash.MakeSeed(),
		apart: map[uint64][]run{}, skus: map[uint64]int{},
	}
	if err := r.survey(); err != nil {
		return nil, err
	}
	s, err := r.begin()
	r.scan = s
	return r, err
}

// Rows is how many rows the file has, without its header and blank ones.
func (r *Reader) Rows() int { return r.rows }

// Done is how many of them have been read, but for those that were read ahead.
func (r *Reader) Done() int { return r.done }

// begin returns a scanner behind the header.
func (r *Reader) begin() (*scanner, error) {
	s := newScanner(io.NewSectionReader(r.src, 0, r.src.Size()))
	h, err := readHeader(s)
	if err != nil {
		return nil, err
	}
	r.header = h
	s.expect(len(h.names), h.index[ColumnHandle])
	return s, nil
}

// survey goes through the file once, to learn what stands apart and comes up again.
func (r *Reader) survey() error {
	s, err := r.begin()
	if err != nil {
		return err
	}
	handles, skus := map[uint64]struct{}{}, map[uint64]struct{}{}
	var last uint64 // the handle of the rows before
	var further bool
	row := row{header: r.header}
	for {
		row.record, err = s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if _, bad := errors.AsType[*badRow](err); err != nil && !bad {
			return err
		}
		if err == nil && row.empty() {
			continue
		}
		if r.rows++; r.rows > MaxRows {
			return fault.Invalidf("file", "has more than %d rows: please split it", MaxRows)
		}
		handle := handleOf(row.read(ColumnHandle))
		if err != nil || handle == "" {
			continue
		}
		key := maphash.String(r.seed, handle)
		if key != last {
			_, further = handles[key]
			handles[key] = struct{}{}
			if further {
				r.apart[key] = append(r.apart[key], run{place: row.place})
			}
			last = key
		}
		if further {
			r.apart[key][len(r.apart[key])-1].rows++
		}
		r.note(skus, row.read(ColumnSKU))
	}
}

// note remembers a SKU that comes up again.
func (r *Reader) note(seen map[uint64]struct{}, sku string) {
	if sku == "" {
		return
	}
	key := maphash.String(r.seed, sku)
	if _, again := seen[key]; again {
		r.skus[key] = 0
	}
	seen[key] = struct{}{}
}

// claim says that the row of a line has a SKU. It returns the line that has it
// already, or the same line.
func (r *Reader) claim(sku string, line int) int {
	key := maphash.String(r.seed, sku)
	first, several := r.skus[key]
	if several && first > 0 {
		return first
	}
	if several {
		r.skus[key] = line
	}
	return line
}

// empty tells whether no cell of the row has anything in it.
func (r *row) empty() bool { return strings.Trim(r.record.text, ", \t\r\n\"") == "" }

// Next returns the next product, or io.EOF behind the last one.
func (r *Reader) Next() (Product, error) {
	for {
		first, handle, err := r.next(r.scan)
		if err != nil {
			return Product{}, err
		}
		key := maphash.String(r.seed, handle)
		runs, apart := r.apart[key]
		if apart && runs == nil {
			continue // it was read ahead
		}
		b := newBuilder(r, handle)
		for rec := first; ; {
			b.add(rec)
			next, other, err := r.next(r.scan)
			if err != nil && !errors.Is(err, io.EOF) {
				return Product{}, err
			}
			if err != nil || other != handle {
				if err == nil {
					r.waiting = &next
				}
				break
			}
			rec = next
		}
		if err := r.readAhead(b, runs); err != nil {
			return Product{}, err
		}
		if apart {
			r.apart[key] = nil
		}
		if p, ok := b.finish(); ok {
			return p, nil
		}
	}
}

// readAhead adds rows that stand further below.
func (r *Reader) readAhead(b *builder, runs []run) error {
	if len(runs) == 0 {
		return nil
	}
	s := &scanner{buf: make([]byte, bufferSize)}
	s.expect(len(r.header.names), r.header.index[ColumnHandle])
	for _, one := range runs {
		s.reset(io.NewSectionReader(r.src, one.offset, r.src.Size()-one.offset), one.place)
		for n := 0; n < one.rows; {
			rec, err := s.next()
			if _, bad := errors.AsType[*badRow](err); bad {
				continue // it is reported when its turn comes
			}
			if err != nil {
				return err
			}
			row := row{record: rec, header: r.header}
			switch handleOf(row.read(ColumnHandle)) {
			case b.product.Handle:
				b.add(rec)
				n++
			case "":
			default:
				n++ // another handle of the same hash, which does not happen
			}
		}
	}
	return nil
}

// next returns the next row that has a handle. Other ones are reported.
func (r *Reader) next(s *scanner) (record, string, error) {
	if r.waiting != nil {
		rec := *r.waiting
		r.waiting = nil
		row := row{record: rec, header: r.header}
		return rec, handleOf(row.read(ColumnHandle)), nil
	}
	for {
		rec, err := s.next()
		if bad, malformed := errors.AsType[*badRow](err); malformed {
			r.done++
			r.report(bad.rowError())
			continue
		}
		if err != nil {
			return record{}, "", err
		}
		row := row{record: rec, header: r.header}
		if row.empty() {
			continue
		}
		r.done++
		if handle := handleOf(row.read(ColumnHandle)); handle != "" {
			return rec, handle, nil
		}
		row.handle()
		for _, e := range row.errors {
			r.report(e)
		}
	}
}
