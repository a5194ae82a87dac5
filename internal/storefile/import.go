package storefile

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/account"
	"vitrine/internal/archive"
	"vitrine/internal/blob"
	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/lineage"
	"vitrine/internal/media"
	"vitrine/internal/picture"
	"vitrine/internal/store"
)

// rowsAtOnce is how many rows are kept in memory.
const rowsAtOnce = 500

// maxLine bounds one row of a file: a product with all its pictures and its text.
const maxLine = 16 << 20

// Request says who gets a store and under which slug; "": the one that it had, or the
// next after it that is free.
type Request struct {
	Owner account.ID
	Slug  string
}

// Import makes a new store of a file, in one transaction. All of the file is read and
// held against its sums before anything is written.
func Import(ctx context.Context, d *db.DB, pictures *media.Service, name string, req Request, tell Progress) (s Summary, made store.Store, err error) {
	in, err := open(name)
	if err != nil {
		return s, made, err
	}
	defer func() { _ = in.Close() }()
	tell("reading the file")
	if err := in.Verify(); err != nil {
		return s, made, fmt.Errorf("%s is no whole file of a store: %w", name, err)
	}
	m := &importing{in: in, tell: tell, request: req}
	if err := m.plan(ctx, d); err != nil {
		return s, made, fmt.Errorf("%s: %w", name, err)
	}
	if err := m.bringPictures(ctx, pictures); err != nil {
		return s, made, fmt.Errorf("%s: %w", name, err)
	}
	err = d.InTx(ctx, func(tx *db.Tx) (err error) {
		made, err = m.run(ctx, tx)
		return err
	}, db.Bulk(), db.Timeout(slowest))
	if err != nil {
		return s, made, fmt.Errorf("%s: %w", name, err)
	}
	return m.Summary, made, nil
}

func open(name string) (*archive.Reader, error) {
	in, err := archive.Open(name, fileKind, format)
	switch {
	case errors.Is(err, archive.ErrForeign):
		return nil, fmt.Errorf("%s is no file that vitrine store export has made: %w", name, err)
	case errors.Is(err, archive.ErrDamaged):
		return nil, fmt.Errorf("%s is no whole file of a store: %w", name, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return in, nil
}

// importing is a file that is being taken over.
type importing struct {
	Summary
	codec
	in      *archive.Reader
	request Request
	tell    Progress
	tables  []*table
	store   store.Store
}

// plan finds the tables of the file in the database, and refuses what this version does
// not know.
func (m *importing) plan(ctx context.Context, q db.Q) (err error) {
	if m.tables, err = tables(ctx, q); err != nil {
		return err
	}
	for _, f := range m.in.Members {
		name, is := strings.CutPrefix(f.Name, tableFolder)
		known := slices.ContainsFunc(m.tables, func(t *table) bool { return member(t.name) == f.Name })
		if is && f.Rows > 0 && !known {
			return fmt.Errorf("it has %s, which this version of Vitrine does not know: use the version that wrote it, or a later one", strings.TrimSuffix(name, ".ndjson"))
		}
	}
	if _, ok := m.in.Find(member("store")); !ok {
		return errors.New("it has no store")
	}
	return nil
}

// bringPictures keeps the pictures before any row names them. What no row comes to name
// is deleted after a day.
func (m *importing) bringPictures(ctx context.Context, to *media.Service) error {
	files := map[picture.Sum][]int{}
	for _, f := range m.in.Members {
		path, is := strings.CutPrefix(f.Name, pictureFolder)
		if !is {
			continue
		}
		sum, width, err := parsePicture(path)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		files[sum] = append(files[sum], width)
	}
	sums := slices.SortedFunc(maps.Keys(files), func(a, b picture.Sum) int { return bytes.Compare(a[:], b[:]) })
	for i, sum := range sums {
		m.tell(fmt.Sprintf("pictures: %d of %d", i, len(sums)))
		widest := picture.Address{Sum: sum, Width: slices.Max(files[sum])}
		if err := to.Bring(ctx, widest, m.picture); err != nil {
			return err
		}
	}
	m.Pictures = len(sums)
	return nil
}

// picture reads a version from the file; ErrNone where it has none.
func (m *importing) picture(a picture.Address) ([]byte, error) {
	name := pictureFolder + a.Key().String()
	if _, there := m.in.Find(name); !there {
		return nil, blob.ErrNone
	}
	in, err := m.in.Member(name)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(in)
	return content, errors.Join(err, in.Close())
}

// parsePicture reads where a picture lies: "ab/ab…/640.webp".
func parsePicture(path string) (sum picture.Sum, width int, err error) {
	parts := strings.Split(path, "/")
	if len(parts) == 3 && len(parts[1]) == hex.EncodedLen(len(sum)) {
		if _, err = hex.Decode(sum[:], []byte(parts[1])); err == nil {
			number, _, _ := strings.Cut(parts[2], ".")
			width, err = strconv.Atoi(number)
		}
	}
	a := picture.Address{Sum: sum, Width: width}
	if err != nil || width < 1 || width > picture.MaxWidth || a.Key().String() != path {
		return sum, 0, errors.New("it names no picture")
	}
	return sum, width, nil
}

func (m *importing) run(ctx context.Context, tx *db.Tx) (store.Store, error) {
	m.Summary = Summary{Name: m.in.Facts["name"], Rows: map[string]int64{}, Pictures: m.Pictures}
	var err error
	if m.store, err = store.CreateMoved(ctx, tx, m.request.Owner, m.Name, m.in.Facts["slug"], m.request.Slug); err != nil {
		return store.Store{}, err
	}
	tx.Fill(m.store.ID.UUID)
	m.Slug, m.codec = m.store.Slug, codec{lineage.Mask(m.store.ID.UUID)}
	for _, t := range m.tables {
		if err := m.readTable(ctx, tx, t); err != nil {
			return store.Store{}, err
		}
	}
	if m.Rows["store"] != 1 {
		return store.Store{}, errors.New("its store has no settings")
	}
	if m.store, err = store.Named(ctx, tx, m.store.ID.String()); err != nil {
		return store.Store{}, err
	}
	if m.store.Type.OwnsStock() {
		if _, err := inventory.EnsureDefaultWarehouse(ctx, tx, m.store.ID); err != nil {
			return store.Store{}, err
		}
	}
	if err := inventory.CountAll(ctx, tx, m.store.ID); err != nil {
		return store.Store{}, err
	}
	m.tell("commit")
	return m.store, catalog.IndexLater(ctx, tx, m.request.Owner, m.store.ID)
}

// readTable takes the rows of a table over. A table that the file has not stays empty:
// it is younger than the file.
func (m *importing) readTable(ctx context.Context, tx *db.Tx, t *table) error {
	f, there := m.in.Find(member(t.name))
	if !there {
		return nil
	}
	in, err := m.in.Member(f.Name)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	r := &rows{codec: m.codec, table: t, lines: bufio.NewScanner(in)}
	r.lines.Buffer(make([]byte, 64<<10), maxLine)
	if err := r.header(); err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	w := m.writer(t, r.columns)
	for r.next() {
		if err := w.add(ctx, tx, r.values); err != nil {
			return fmt.Errorf("%s, line %d: %w", f.Name, r.line, err)
		}
		if m.Rows[t.name]++; m.Rows[t.name]%10_000 == 0 {
			m.tell(fmt.Sprintf("%s: %d of %d rows", t.name, m.Rows[t.name], f.Rows))
		}
	}
	if r.err != nil {
		return fmt.Errorf("%s, line %d: %w", f.Name, r.line, r.err)
	}
	if err := w.flush(ctx, tx); err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	return nil
}

// rows reads those of a table, one at a time.
type rows struct {
	codec
	table   *table
	lines   *bufio.Scanner
	columns []column // in the order of the file
	values  []any
	line    int
	err     error
}

// header reads which columns the file has. Each must be one of the table's, and those
// of the table that it lacks must be able to do without.
func (r *rows) header() error {
	var names []string
	if !r.scan(&names) {
		return errors.Join(errors.New("its columns cannot be read"), r.err)
	}
	for _, name := range names {
		i := slices.IndexFunc(r.table.columns, func(c column) bool { return c.name == name })
		if i < 0 || slices.ContainsFunc(r.columns, func(c column) bool { return c.name == name }) {
			return fmt.Errorf("it has %q, which this version of Vitrine does not know: use the version that wrote it, or a later one", name)
		}
		r.columns = append(r.columns, r.table.columns[i])
	}
	for _, c := range r.table.columns {
		if !c.optional && !slices.Contains(names, c.name) {
			return fmt.Errorf("it lacks %q: it was written by a version of Vitrine that is too old for this one", c.name)
		}
	}
	return nil
}

func (r *rows) scan(into any) bool {
	if !r.lines.Scan() {
		r.err = r.lines.Err()
		return false
	}
	r.line++
	in := json.NewDecoder(bytes.NewReader(r.lines.Bytes()))
	in.UseNumber()
	if err := in.Decode(into); err != nil {
		r.err = errors.New("it is no row")
		return false
	}
	return true
}

// next reads the next row, and tells whether there was one.
func (r *rows) next() bool {
	var raw []any
	if !r.scan(&raw) {
		return false
	}
	if len(raw) != len(r.columns) {
		r.err = fmt.Errorf("it has %d values for %d columns", len(raw), len(r.columns))
		return false
	}
	r.values = make([]any, len(raw))
	for i, value := range raw {
		if r.values[i], r.err = r.read(r.table, r.columns[i], value); r.err != nil {
			return false
		}
	}
	return true
}

// writer inserts rows of a table, many at a time.
type writer struct {
	table   *table
	columns []column
	fixed   []any // what is filled in, before the values of the file
	set     *db.Set
	all     *db.Columns
	insert  string
	links   *links
}

func (m *importing) writer(t *table, columns []column) *writer {
	if t.name == "store" {
		return &writer{table: t, columns: columns, fixed: []any{m.store.ID}}
	}
	w := &writer{table: t, columns: columns}
	var names, declared []string
	name := func(name, kind string) {
		names, declared = append(names, name), append(declared, name+" "+strings.ReplaceAll(kind, "timestamp with time zone", "timestamptz"))
	}
	for _, fill := range slices.Sorted(maps.Keys(t.fill)) {
		value, kind := t.fill[fill], "boolean"
		if fill == "store_id" {
			value, kind = m.store.ID.UUID, "uuid"
		}
		name(fill, kind)
		w.fixed = append(w.fixed, value)
	}
	if t.account {
		name("account_id", "uuid")
		w.fixed = append(w.fixed, m.request.Owner.UUID)
	}
	for _, c := range columns {
		name(c.name, c.kind)
	}
	w.all = db.NewColumns(strings.ReplaceAll(strings.Join(declared, ", "), "double precision", "float8"))
	list := strings.Join(names, ", ")
	w.insert = `WITH @given INSERT INTO ` + t.name + ` (` + list + `) SELECT ` + list + ` FROM given`
	w.links = newLinks(m.store.ID, t, columns, len(w.fixed))
	return w
}

func (w *writer) add(ctx context.Context, tx *db.Tx, values []any) error {
	if w.table.name == "store" {
		return w.settings(ctx, tx, values)
	}
	if w.set == nil {
		w.set = w.all.Set()
	}
	row := append(slices.Clone(w.fixed), values...)
	w.links.hold(row)
	w.set.Add(row...)
	if w.set.Len() < rowsAtOnce {
		return nil
	}
	return w.write(ctx, tx)
}

func (w *writer) write(ctx context.Context, tx *db.Tx) error {
	if w.set == nil {
		return nil
	}
	_, err := w.set.Exec(ctx, tx, w.insert)
	w.set = nil
	return err
}

func (w *writer) flush(ctx context.Context, tx *db.Tx) error {
	if err := w.write(ctx, tx); err != nil || w.links == nil {
		return err
	}
	return w.links.write(ctx, tx)
}

// settings writes those of the store itself.
func (w *writer) settings(ctx context.Context, tx *db.Tx, values []any) error {
	args, sets := []any{w.fixed[0]}, []string{}
	for i, c := range w.columns {
		args = append(args, values[i])
		sets = append(sets, c.name+" = $"+strconv.Itoa(len(args)))
	}
	return db.ExecOne(ctx, tx, `UPDATE store SET `+strings.Join(sets, ", ")+` WHERE id = $1`, args...)
}

// links are references of a table's rows to others of the same table, which may come
// later: they are written when all rows are there.
type links struct {
	store  store.ID
	table  string
	column string
	at     int // of the reference in a row
	id     int // of the row's id
	rows   [][2]any
}

func newLinks(st store.ID, t *table, columns []column, offset int) *links {
	if len(t.self) == 0 {
		return nil
	}
	at := func(name string) int {
		return offset + slices.IndexFunc(columns, func(c column) bool { return c.name == name })
	}
	return &links{store: st, table: t.name, column: t.self[0], at: at(t.self[0]), id: at("id")}
}

// hold takes the reference out of a row.
func (l *links) hold(row []any) {
	if l != nil && row[l.at] != nil {
		l.rows = append(l.rows, [2]any{row[l.id], row[l.at]})
		row[l.at] = nil
	}
}

var linkColumns = db.NewColumns("id uuid, to_id uuid")

func (l *links) write(ctx context.Context, tx *db.Tx) error {
	for some := range slices.Chunk(l.rows, rowsAtOnce) {
		set := linkColumns.Set()
		for _, row := range some {
			set.Add(row[0], row[1])
		}
		_, err := set.Exec(ctx, tx, `WITH @given UPDATE `+l.table+` SET `+l.column+` = given.to_id FROM given WHERE `+l.table+`.store_id = $1 AND `+l.table+`.id = given.id`, l.store)
		if err != nil {
			return err
		}
	}
	return nil
}
