package store

import (
	"context"
	"math"
	"slices"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/lineage"
	"vitrine/internal/picture"
)

// PictureID names a picture of a store.
type PictureID struct{ id.UUID }

// Picture is one that somebody uploaded to a store. Several stores can have the same
// one; what is served of it is kept once.
type Picture struct {
	ID         PictureID
	Sum        picture.Sum // of what was uploaded
	Width      int         // of the widest version
	Height     int
	Bytes      int64 // of all versions together
	UploadedBy account.ID
	CreatedAt  time.Time
}

// Address is where the widest version is served, by which the picture goes.
func (p *Picture) Address() picture.Address { return picture.Address{Sum: p.Sum, Width: p.Width} }

// Size returns the width and the height of the version at an address; ok is false
// where there is none.
func (p *Picture) Size(a picture.Address) (width, height int, ok bool) {
	if p.Width == 0 || a.Sum != p.Sum || !slices.Contains(p.Address().Versions(), a) {
		return 0, 0, false
	}
	return a.Width, max(1, int(math.Round(float64(p.Height)*float64(a.Width)/float64(p.Width)))), true
}

const pictureColumns = `id, sum, width, height, bytes, account_id, created_at`

func scanPicture(row db.Row) (Picture, error) {
	var p Picture
	var created db.Time
	err := row.Scan(&p.ID, &p.Sum, &p.Width, &p.Height, &p.Bytes, &p.UploadedBy, &created)
	p.CreatedAt = created.Time
	return p, err
}

// AddPicture gives a store a picture, if all that it has then comes to at most limit
// bytes; 0: any number. One that it has already stays as it is.
func AddPicture(ctx context.Context, tx *db.Tx, st ID, p Picture, limit int64) (Picture, error) {
	if err := tx.Lock(ctx, "pictures of "+st.String()); err != nil { // others' bytes count too
		return Picture{}, err
	}
	had, err := FindPictures(ctx, tx, st, []picture.Sum{p.Sum})
	if err != nil {
		return Picture{}, err
	}
	if old, ok := had[p.Sum]; ok {
		return old, nil
	}
	used, err := PictureBytes(ctx, tx, st)
	if err != nil {
		return Picture{}, err
	}
	if limit > 0 && used+p.Bytes > limit {
		return Picture{}, fault.Refusedf("pictures_full", "The pictures of this store would take more than the %d MiB that there are for them. Delete some that are no longer shown.", limit>>20)
	}
	p.ID, p.CreatedAt = PictureID{tx.NewID()}, tx.Now()
	_, err = db.Exec(ctx, tx, `INSERT INTO picture (store_id, `+pictureColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		st, p.ID, p.Sum, p.Width, p.Height, p.Bytes, p.UploadedBy, db.Time{Time: p.CreatedAt})
	return p, err
}

// PictureBytes is how much all pictures of a store take.
func PictureBytes(ctx context.Context, q db.Q, st ID) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT CAST(COALESCE(sum(bytes), 0) AS BIGINT) FROM picture WHERE store_id = $1`, st)
}

// GetPicture returns a picture of a store.
func GetPicture(ctx context.Context, q db.Q, st ID, p PictureID) (Picture, error) {
	found, err := db.One(ctx, q, scanPicture, `SELECT `+pictureColumns+` FROM picture WHERE store_id = $1 AND id = $2`, st, p)
	return found, db.Missing(err, "picture")
}

// ListPictures returns a page of a store's pictures, newest first.
func ListPictures(ctx context.Context, q db.Q, st ID, p db.Page) ([]Picture, bool, error) {
	var w db.Where
	w.Add("store_id = ?", st)
	return db.Paged(ctx, q, p, w, scanPicture, `SELECT `+pictureColumns+` FROM picture`)
}

// DeletePicture takes a picture from a store, and returns it. Whoever calls it sees to
// it that nothing shows it.
func DeletePicture(ctx context.Context, tx *db.Tx, st ID, p PictureID) (Picture, error) {
	gone, err := db.One(ctx, tx, scanPicture, `DELETE FROM picture WHERE store_id = $1 AND id = $2 RETURNING `+pictureColumns, st, p)
	return gone, db.Missing(err, "picture")
}

// sumsAtOnce is how many pictures one query asks for.
const sumsAtOnce = 250

// FindPictures returns those of the pictures that a store has.
func FindPictures(ctx context.Context, q db.Q, st ID, sums []picture.Sum) (map[picture.Sum]Picture, error) {
	return findPictures(ctx, q, sums, ofStore(st), "")
}

// KeepPictures is FindPictures for whoever writes their addresses: until the
// transaction ends, none of them is deleted.
func KeepPictures(ctx context.Context, tx *db.Tx, st ID, sums []picture.Sum) (map[picture.Sum]Picture, error) {
	return findPictures(ctx, tx, sums, ofStore(st), tx.Engine().ForShare("picture"))
}

// FindPicturesAnywhere returns those of the pictures that any store has.
func FindPicturesAnywhere(ctx context.Context, q db.Q, sums []picture.Sum) (map[picture.Sum]Picture, error) {
	var w db.Where
	w.Add(`EXISTS (SELECT 1 FROM store s WHERE s.id = picture.store_id AND s.deleted_at IS NULL)`)
	return findPictures(ctx, q, sums, w, "")
}

func ofStore(st ID) db.Where {
	var w db.Where
	w.Add(`store_id = ?`, st)
	return w
}

func findPictures(ctx context.Context, q db.Q, sums []picture.Sum, where db.Where, end string) (map[picture.Sum]Picture, error) {
	found := map[picture.Sum]Picture{}
	for some := range slices.Chunk(sums, sumsAtOnce) {
		args := append(slices.Clone(where.Args), db.Args(some)...)
		all, err := db.All(ctx, db.Afresh(q), scanPicture,
			`SELECT `+pictureColumns+` FROM picture `+where.String()+` AND sum IN `+db.List(len(where.Args)+1, len(some))+end, args...)
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			found[p.Sum] = p
		}
	}
	return found, nil
}

// AdoptPictures gives a store those of the pictures that it has not, as they are in
// another store. It is for what comes over from there, such as a file of its products.
func AdoptPictures(ctx context.Context, tx *db.Tx, st ID, sums []picture.Sum) error {
	had, err := FindPictures(ctx, tx, st, sums)
	if err != nil {
		return err
	}
	there, err := FindPicturesAnywhere(ctx, tx, slices.DeleteFunc(slices.Clone(sums), func(s picture.Sum) bool { _, ok := had[s]; return ok }))
	if err != nil {
		return err
	}
	for _, sum := range sums {
		if p, ok := there[sum]; ok {
			if _, err := AddPicture(ctx, tx, st, p, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// CopiedPictures are what a clone takes of a store's pictures: all of them.
var CopiedPictures = []lineage.Table{{
	Name: "pictures", Into: "picture",
	Columns: slices.Concat(lineage.IDs("x"), lineage.Same("x", "sum", "width", "height", "bytes", "account_id"), []lineage.Column{{Name: "created_at", Value: ":now"}}),
	From:    `FROM @picture x WHERE x.store_id = :from`,
	Order:   "x.id",
}}

// checkPictures sees that the store has the pictures that it is to show itself.
func checkPictures(ctx context.Context, tx *db.Tx, s *Store) error {
	var f fault.Form
	for path, address := range map[string]*string{"logo_url": s.LogoURL, "favicon_url": s.FaviconURL} {
		if address == nil {
			continue
		}
		a, ours := picture.ParseAddress(*address)
		if !ours {
			continue
		}
		found, err := KeepPictures(ctx, tx, s.ID, []picture.Sum{a.Sum})
		if err != nil {
			return err
		}
		if p := found[a.Sum]; p.ID.IsZero() || !has(p, a) {
			f.Addf(path, *address, "is no picture of this store")
		}
	}
	return f.Err()
}

func has(p Picture, a picture.Address) bool {
	_, _, ok := p.Size(a)
	return ok
}

// ShowsPicture tells whether the store's own settings show a picture.
func ShowsPicture(ctx context.Context, q db.Q, st ID, sum picture.Sum) (bool, error) {
	return db.One(ctx, q, db.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM store WHERE id = $1 AND (logo_url LIKE $2 OR favicon_url LIKE $2 OR custom_css LIKE $2))`,
		st, "%"+sum.String()+"%")
}
