package main_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

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

func TestKill_inTheMiddleOfAnImportOfAStore_leavesAWholeOneOrNone(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s := &server{t: t, binary: binary, address: address}
		d := dbtest.Open(t, address, clock.System{})
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
		size := fixture.Large.Scaled(1, 20)
		st, err := fixture.Catalog(t.Context(), d, owner, size)
		if err != nil {
			t.Fatal(err)
		}
		email, err := db.One(t.Context(), d, db.Value[string], `SELECT email FROM account`)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "store.zip")
		s.command("store", "export", st.Slug, file)
		began := clock.System{}.Now()
		s.command("store", "import", file, "--owner", email)
		takes := time.Since(began)
		for range kills() {
			killAt(t, address, binary, takes, "store", "import", file, "--owner", email)
		}
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
	})
}
