package storefile

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/archive"
	"vitrine/internal/blob"
	"vitrine/internal/db"
	"vitrine/internal/lineage"
	"vitrine/internal/picture"
	"vitrine/internal/store"
)

// slowest is how long one statement may take.
const slowest = time.Hour

// Export writes a store, as it is at one moment, into a file. Others go on working in
// it meanwhile.
func Export(ctx context.Context, d *db.DB, from blob.Storage, st store.Store, name string, tell Progress) (s Summary, err error) {
	out, err := archive.Create(name)
	if err != nil {
		return s, err
	}
	defer func() {
		if err != nil {
			out.Abort()
		}
	}()
	x := &export{out: out, from: from, store: st, codec: codec{lineage.Mask(st.ID.UUID)}, tell: tell}
	x.Name, x.Slug, x.Rows = st.Name, st.Slug, map[string]int64{}
	if err := d.View(ctx, func(q db.Q) error { return x.writeTables(ctx, q) }, db.Timeout(slowest)); err != nil {
		return x.Summary, err
	}
	if err := x.writePictures(ctx); err != nil {
		return x.Summary, err
	}
	return x.Summary, out.Finish(archive.Manifest{Kind: fileKind, Format: format, MadeAt: d.Now(), Facts: map[string]string{
		"schema": strconv.FormatInt(x.schema, 10), "name": st.Name, "slug": st.Slug, "store_type": string(st.Type),
		"pictures": strconv.Itoa(x.Pictures),
	}})
}

// export is one that is being written.
type export struct {
	Summary
	codec
	out      *archive.Writer
	from     blob.Storage
	store    store.Store
	schema   int64
	pictures []picture.Address
	tell     Progress
}

func (x *export) writeTables(ctx context.Context, q db.Q) error {
	all, err := tables(ctx, q)
	if err != nil {
		return err
	}
	if x.schema, err = db.Schema(ctx, q); err != nil {
		return err
	}
	for _, t := range all {
		if err := x.writeTable(ctx, q, t); err != nil {
			return fmt.Errorf("export %s: %w", t.name, err)
		}
	}
	x.pictures, err = db.All(ctx, q, func(row db.Row) (a picture.Address, err error) { return a, row.Scan(&a.Sum, &a.Width) },
		`SELECT sum, width FROM picture WHERE store_id = $1 ORDER BY sum`, x.store.ID)
	return err
}

// writeTable streams the rows of a table in the order of its key.
func (x *export) writeTable(ctx context.Context, q db.Q, t *table) error {
	member, err := x.out.Member(member(t.name), false)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(member, 64<<10)
	out := json.NewEncoder(buffered)
	out.SetEscapeHTML(false)
	if err := out.Encode(t.names()); err != nil {
		return err
	}
	values, into := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range values {
		into[i] = &values[i]
	}
	n := int64(0)
	err = db.Each(ctx, q, func(row db.Row) error {
		if err := row.Scan(into...); err != nil {
			return err
		}
		for i, col := range t.columns {
			if values[i], err = x.write(t, col, values[i]); err != nil {
				return err
			}
		}
		if n++; n%10_000 == 0 {
			x.tell(fmt.Sprintf("%s: %d rows", t.name, n))
		}
		return out.Encode(values)
	}, t.query(), x.store.ID)
	x.out.Rows(n)
	x.Rows[t.name] = n
	return errors.Join(err, buffered.Flush())
}

func (t *table) query() string {
	columns, owner := strings.Join(t.names(), ", "), "store_id"
	if t.name == "store" {
		owner = "id"
	}
	query := `SELECT ` + columns + ` FROM ` + t.name + ` WHERE ` + owner + ` = $1`
	if t.name != "store" && len(t.key) > 0 {
		query += ` ORDER BY ` + strings.Join(t.key, ", ")
	}
	return query
}

func (x *export) writePictures(ctx context.Context) error {
	for i, a := range x.pictures {
		x.tell(fmt.Sprintf("pictures: %d of %d", i, len(x.pictures)))
		whole := true
		for _, v := range a.Versions() {
			content, err := x.from.Get(ctx, v.Key())
			if errors.Is(err, blob.ErrNone) {
				whole = false
				continue
			}
			if err != nil {
				return err
			}
			var out io.Writer
			if out, err = x.out.Member(pictureFolder+v.Key().String(), true); err == nil {
				_, err = out.Write(content)
			}
			if err != nil {
				return err
			}
		}
		if whole {
			x.Pictures++
		} else {
			x.Missing++
		}
	}
	return ctx.Err()
}
