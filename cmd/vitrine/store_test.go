package main_test

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/archive"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
)

// TestStore_movesWhileItSells exports a store in which shoppers buy, imports it on the
// other platform while that one serves, and has each platform accounted for.
func TestStore_movesWhileItSells(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s := &shoppers{server: &server{t: t, binary: binary, address: address, env: []string{"VITRINE_MEDIA_DIR=" + t.TempDir()}}, bought: map[string]bool{}, paid: map[string]bool{}}
		s.start()
		defer func() { s.kill() }()
		s.open(killStock)
		var all sync.WaitGroup
		for range 8 {
			all.Go(s.order)
		}
		for s.count() < 40 {
			time.Sleep(10 * time.Millisecond)
		}
		before := s.count()
		file := filepath.Join(t.TempDir(), "store.zip")
		s.command("store", "export", s.store, file)
		said := s.command("store", "import", file, "--owner", "kill@example.com", "--slug", "moved")
		if !strings.Contains(said, "moved") {
			t.Errorf("import: %s", said)
		}
		s.kill()
		all.Wait()
		if said := s.command("doctor"); !strings.Contains(said, "no differences") {
			t.Errorf("doctor: %s", said)
		}
		d := dbtest.Open(t, address, clock.System{})
		moved, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM shop_order o JOIN store s ON s.id = o.store_id WHERE s.slug = 'moved'`)
		if err != nil || moved < before {
			t.Errorf("%d orders were moved, %d were acknowledged before (%v)", moved, before, err)
		}
	})
}

// checkFile checks that a store's file is whole.
func checkFile(t *testing.T, name string) {
	t.Helper()
	in, err := archive.Open(name, "vitrine store", 1)
	if err == nil {
		err = errors.Join(in.Verify(), in.Close())
	}
	if err != nil {
		t.Errorf("%s is not whole: %v", name, err)
	}
}

// largeStore makes a store whose file takes a while to write and to read, and tells who
// owns it.
func largeStore(t *testing.T, d *db.DB, size fixture.Size) (slug, email string) {
	t.Helper()
	owner, err := fixture.Account(t.Context(), d)
	if err == nil {
		err = d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := db.Exec(t.Context(), tx, `UPDATE account SET plan_id = 'scale'`)
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	st, err := fixture.Catalog(t.Context(), d, owner, size)
	if err != nil {
		t.Fatal(err)
	}
	email, err = db.One(t.Context(), d, db.Value[string], `SELECT email FROM account`)
	if err != nil {
		t.Fatal(err)
	}
	return st.Slug, email
}

func TestKill_inTheMiddleOfAnExportOfAStore_leavesTheLastFileOrTheNewOne(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d := dbtest.Open(t, address, clock.System{})
		slug, email := largeStore(t, d, fixture.Large.Scaled(1, 20))
		file := filepath.Join(t.TempDir(), "store.zip")
		k := &killer{t: t, binary: binary, address: address, arguments: []string{"store", "export", slug, file}}
		k.run()
		written := changes(file + ".part")
		k.often(func() bool {
			checkFile(t, file)
			return written()
		})
		k.run()
		if left, _ := filepath.Glob(file + ".*"); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		s := &server{t: t, binary: binary, address: address}
		s.command("store", "import", file, "--owner", email)
	})
}

func TestKill_inTheMiddleOfAnImportOfAStore_leavesAWholeOneOrNone(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d := dbtest.Open(t, address, clock.System{})
		size := fixture.Large.Scaled(1, 20)
		slug, email := largeStore(t, d, size)
		file := filepath.Join(t.TempDir(), "store.zip")
		s := &server{t: t, binary: binary, address: address}
		s.command("store", "export", slug, file)
		k := &killer{t: t, binary: binary, address: address, arguments: []string{"store", "import", file, "--owner", email}}
		began := time.Now()
		(&commandLine{t: t, binary: binary, address: address}).want(1, "no such file", "store", "import", file+".none", "--owner", email)
		k.begins = time.Since(began)
		k.run()
		k.often(func() bool { return true })
		half, err := db.All(t.Context(), d, db.Value[string], `
			SELECT slug FROM store s WHERE (SELECT count(*) FROM product p WHERE p.store_id = s.id) <> $1 OR (SELECT count(*) FROM variant v WHERE v.store_id = s.id) <> $2`,
			size.Products, size.Products*size.VariantsEach)
		if err != nil || len(half) > 0 {
			t.Errorf("half stores: %v, %v", half, err)
		}
		counted, err := db.One(t.Context(), d, db.Value[bool], `SELECT store_count = (SELECT count(*) FROM store) FROM account`)
		if err != nil || !counted {
			t.Errorf("the plan counts another number of stores (%v)", err)
		}
		k.run()
	})
}
