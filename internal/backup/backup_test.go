package backup_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vitrine/internal/backup"
	"vitrine/internal/blob"
	"vitrine/internal/blob/disk"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/media"
	"vitrine/internal/setup"
	"vitrine/internal/store"
)

func quiet(string) {}

// platform is one with a store, which has a picture.
type platform struct {
	db      *db.DB
	blobs   blob.Storage
	picture store.Picture
	file    string // of its backup
}

func folder(t *testing.T) blob.Storage {
	t.Helper()
	s, err := disk.Open(t.TempDir(), clock.System{}.Now())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t *testing.T) *platform {
	t.Helper()
	p := &platform{db: dbtest.Open(t, dbtest.NewURL(t, db.SQLite), clock.System{}), blobs: folder(t), file: filepath.Join(t.TempDir(), "backup.zip")}
	owner, err := fixture.Account(t.Context(), p.db)
	if err != nil {
		t.Fatal(err)
	}
	service := media.New(p.db, p.blobs, fixture.MediaLimits)
	u, err := service.Receive(bytes.NewReader(fixture.PNG(t, 400, 100, 3)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = u.Close() }()
	if p.picture, err = service.Keep(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	err = p.db.InTx(t.Context(), func(tx *db.Tx) error {
		s, err := setup.Open(t.Context(), tx, owner, store.New("Shop"))
		if err == nil {
			p.picture, err = service.Add(t.Context(), tx, s.ID, owner, p.picture)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *platform) backUp(t *testing.T) backup.Summary {
	t.Helper()
	s, err := backup.Write(t.Context(), p.db, p.blobs, p.file, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRestore_bringsBackEverything(t *testing.T) {
	t.Parallel()
	p := open(t)
	if s := p.backUp(t); s.Stores != 1 || s.Pictures != 1 || s.Missing != 0 || s.Schema < 58 {
		t.Errorf("backed up: %+v", s)
	}
	to := backup.Place{Database: filepath.Join(t.TempDir(), "new", "shop.db"), Pictures: folder(t)}
	s, aside, err := backup.Restore(t.Context(), p.file, to, quiet)
	if err != nil || aside != "" || s.Stores != 1 || s.Pictures != 1 {
		t.Fatalf("restored: %+v, %q, %v", s, aside, err)
	}
	for _, v := range p.picture.Address().Versions() {
		was, _ := p.blobs.Get(t.Context(), v.Key())
		if is, err := to.Pictures.Get(t.Context(), v.Key()); err != nil || !bytes.Equal(was, is) || len(is) == 0 {
			t.Errorf("%s: %d bytes, %v", v, len(is), err)
		}
	}
	if n := storesIn(t, to.Database); n != 1 {
		t.Errorf("%d stores", n)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(to.Database), "*restor*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if left, _ := filepath.Glob(p.file + "*part*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func storesIn(t *testing.T, path string) int {
	t.Helper()
	d := dbtest.Open(t, "sqlite://"+path, clock.System{})
	n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM store`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRestore_putsWhatIsThereAsideOnlyWhenToldAndNotInUse(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.backUp(t)
	to := backup.Place{Database: filepath.Join(t.TempDir(), "shop.db"), Pictures: folder(t)}
	d := dbtest.Open(t, "sqlite://"+to.Database, clock.System{}) // an empty one
	if _, _, err := backup.Restore(t.Context(), p.file, to, quiet); !errors.Is(err, backup.ErrThere) {
		t.Errorf("over a database: %v", err)
	}
	to.Replace = true
	if _, _, err := backup.Restore(t.Context(), p.file, to, quiet); !errors.Is(err, db.ErrInUse) {
		t.Errorf("over one that is open: %v", err)
	}
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Errorf("the open one: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	_, aside, err := backup.Restore(t.Context(), p.file, to, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if is, was := storesIn(t, to.Database), storesIn(t, aside); is != 1 || was != 0 {
		t.Errorf("%d stores in the place, %d aside", is, was)
	}
}

// TestRestore_takesThePlaceOfADamagedOne also sees that what lies beside the old one is
// not taken for the new one's.
func TestRestore_takesThePlaceOfADamagedOne(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.backUp(t)
	to := backup.Place{Database: filepath.Join(t.TempDir(), "shop.db"), Pictures: folder(t), Replace: true}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.WriteFile(to.Database+suffix, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := backup.Restore(t.Context(), p.file, to, quiet); err != nil {
		t.Fatal(err)
	}
	if n := storesIn(t, to.Database); n != 1 {
		t.Errorf("%d stores", n)
	}
}

func TestRestore_refusesWhatIsNotWholeOrNotOurs(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.backUp(t)
	whole, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/3] ^= 0x40
	var foreign bytes.Buffer
	z := zip.NewWriter(&foreign)
	w, err := z.Create("readme.txt")
	if err == nil {
		_, err = io.WriteString(w, "hello")
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content []byte
		says    string
	}{
		"cut":     {whole[:len(whole)-40], "no whole backup"},
		"half":    {whole[:len(whole)/2], "no whole backup"},
		"empty":   {nil, "no whole backup"},
		"flipped": {flipped, "damaged"},
		"foreign": {foreign.Bytes(), "no backup that vitrine backup has made"},
	} {
		file := filepath.Join(t.TempDir(), "backup.zip")
		if err := os.WriteFile(file, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		to := backup.Place{Database: filepath.Join(t.TempDir(), "shop.db"), Pictures: folder(t)}
		if _, _, err := backup.Restore(t.Context(), file, to, quiet); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := filepath.Glob(to.Database + "*"); len(left) > 0 {
			t.Errorf("%s leaves %v", name, left)
		}
	}
}

func TestRestore_refusesWhatANewerVersionHasMade(t *testing.T) {
	t.Parallel()
	p := open(t)
	_, err := p.db.Writer().ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied, tstamp) VALUES (9999, TRUE, CURRENT_TIMESTAMP)`)
	if err != nil {
		t.Fatal(err)
	}
	p.backUp(t)
	to := backup.Place{Database: filepath.Join(t.TempDir(), "shop.db"), Pictures: folder(t)}
	if _, _, err := backup.Restore(t.Context(), p.file, to, quiet); !errors.Is(err, db.ErrNewer) {
		t.Errorf("got %v", err)
	}
	if there, _ := db.Exists(to.Database); there {
		t.Error("it took the place")
	}
}

func TestWrite_tellsOfPicturesThatAreNotThere(t *testing.T) {
	t.Parallel()
	p := open(t)
	if err := p.blobs.Delete(t.Context(), p.picture.Address().Key()); err != nil {
		t.Fatal(err)
	}
	if s := p.backUp(t); s.Missing != 1 || s.Pictures != 0 {
		t.Errorf("%+v", s)
	}
}

// TestWrite_isOfOneMoment has a writer move a unit between two rows all the time: in a
// copy of one moment they come to the same sum.
func TestWrite_isOfOneMoment(t *testing.T) {
	t.Parallel()
	p := open(t)
	move := func(by int) error {
		return p.db.InTx(t.Context(), func(tx *db.Tx) error {
			for name, n := range map[string]int{"a": by, "b": -by} {
				_, err := db.Exec(t.Context(), tx, `
					INSERT INTO job_chore (name, next_at) VALUES ($1, CAST($2 AS TEXT))
					ON CONFLICT (name) DO UPDATE SET next_at = CAST(CAST(job_chore.next_at AS INTEGER) + $2 AS TEXT)`, name, n)
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	stop, done := make(chan struct{}), make(chan int, 1)
	go func() {
		n := 0
		for ; ; n++ {
			select {
			case <-stop:
				done <- n
				return
			default:
			}
			if err := move(1); err != nil {
				t.Error(err)
				done <- n
				return
			}
		}
	}()
	for range 5 {
		p.backUp(t)
		to := backup.Place{Database: filepath.Join(t.TempDir(), "shop.db"), Pictures: folder(t)}
		if _, _, err := backup.Restore(t.Context(), p.file, to, quiet); err != nil {
			t.Fatal(err)
		}
		d := dbtest.Open(t, "sqlite://"+to.Database, clock.System{})
		sum, err := db.One(t.Context(), d, db.Value[int], `SELECT COALESCE(sum(CAST(next_at AS INTEGER)), 0) FROM job_chore WHERE name IN ('a', 'b')`)
		if err != nil || sum != 0 {
			t.Errorf("the rows come to %d, %v", sum, err)
		}
	}
	close(stop)
	if n := <-done; n < 10 {
		t.Errorf("only %d writes meanwhile", n)
	}
}
