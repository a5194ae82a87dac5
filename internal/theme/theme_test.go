package theme_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/theme"
)

// shop makes a store with its default theme.
func shop(t *testing.T, d *db.DB) (store.ID, theme.ID) {
	t.Helper()
	owner, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	var s store.Store
	var first theme.ID
	err = d.InTx(t.Context(), func(tx *db.Tx) (err error) {
		if s, err = store.Create(t.Context(), tx, owner, store.New("Shop")); err != nil {
			return err
		}
		first, err = theme.CreateDefault(t.Context(), tx, s.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.ID, first
}

func create(t *testing.T, d *db.DB, st store.ID, x theme.Theme) (made theme.Theme, err error) {
	t.Helper()
	err = d.InTx(t.Context(), func(tx *db.Tx) error {
		made, err = theme.Create(t.Context(), tx, st, x)
		return err
	})
	return made, err
}

func update(t *testing.T, d *db.DB, st store.ID, one theme.ID, edit func(*theme.Theme)) error {
	t.Helper()
	return d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := theme.Update(t.Context(), tx, st, one, edit)
		return err
	})
}

// active returns the ids of a store's active themes.
func active(t *testing.T, d *db.DB, st store.ID) []id.UUID {
	t.Helper()
	found, err := db.All(t.Context(), d, db.Value[id.UUID], `SELECT id FROM theme WHERE store_id = $1 AND is_active`, st)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSettings_areAnyObjectWithinBounds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		st, _ := shop(t, d)
		nested := func(levels int) map[string]any {
			inner := map[string]any{}
			for range levels - 1 {
				inner = map[string]any{"x": inner}
			}
			return inner
		}
		made, err := create(t, d, st, theme.Theme{Name: "T", Settings: map[string]any{"a": "x\r\ny\tz ", "b": []any{1.5, true, nil}, "ключ": nested(9)}})
		if err != nil || made.Active {
			t.Fatalf("%v, %v", made, err)
		}
		read, err := theme.Get(t.Context(), d, st, made.ID)
		if err != nil || read.Settings["a"] != "x\ny\tz " || len(read.Settings["b"].([]any)) != 3 || read.Settings["ключ"] == nil {
			t.Errorf("%v, %v", read.Settings, err)
		}
		if none, err := create(t, d, st, theme.Theme{Name: "None"}); err != nil || none.Settings == nil || len(none.Settings) != 0 {
			t.Errorf("%v, %v", none.Settings, err)
		}
		for name, settings := range map[string]map[string]any{
			"too deep":          nested(11),
			"a NUL":             {"a": "x\x00"},
			"a NUL in a list":   {"a": []any{"\x00"}},
			"a newline in name": {"a\nb": 1},
			"too large":         {"a": strings.Repeat("x", 65<<10)},
		} {
			if _, err := create(t, d, st, theme.Theme{Name: "T", Settings: settings}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestTheme_atMostOneIsActive(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		st, first := shop(t, d)
		other, untouched := shop(t, d)
		second, err := create(t, d, st, theme.Theme{Name: "Second", Active: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := active(t, d, st); len(got) != 1 || got[0] != second.ID.UUID {
			t.Errorf("active: %v", got)
		}
		remove := func(one theme.ID) error {
			return d.InTx(t.Context(), func(tx *db.Tx) error { return theme.Delete(t.Context(), tx, st, one) })
		}
		fault.AssertCode(t, remove(untouched), "not_found")
		fault.AssertCode(t, update(t, d, st, untouched, func(*theme.Theme) {}), "not_found")
		if err := update(t, d, st, second.ID, func(x *theme.Theme) { x.Active = false }); err != nil || len(active(t, d, st)) != 0 {
			t.Errorf("switched off: %v, %v", active(t, d, st), err)
		}
		if err := update(t, d, st, first, func(x *theme.Theme) { x.Active = true }); err != nil {
			t.Error(err)
		}
		if err := remove(first); err != nil || len(active(t, d, st)) != 0 {
			t.Errorf("deleted: %v, %v", active(t, d, st), err)
		}
		if got := active(t, d, other); len(got) != 1 || got[0] != untouched.UUID {
			t.Errorf("another store's: %v", got)
		}
	})
}

func TestMerge_isThatOfRFC7396(t *testing.T) {
	t.Parallel()
	// The examples of the RFC's appendix A whose target and patch are objects.
	for _, example := range []struct{ target, patch, result string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`{"a":"foo"}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		var target, patch map[string]any
		if json.Unmarshal([]byte(example.target), &target) != nil || json.Unmarshal([]byte(example.patch), &patch) != nil {
			t.Fatal(example)
		}
		x := theme.Theme{Settings: target}
		x.Merge(patch)
		if got, _ := json.Marshal(x.Settings); string(got) != example.result {
			t.Errorf("%s with %s gives %s, want %s", example.target, example.patch, got, example.result)
		}
		if before, _ := json.Marshal(target); string(before) != example.target {
			t.Errorf("the target became %s", before)
		}
	}
}

func TestTheme_oneAtMostIsActiveWhateverHappensAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		st, _ := shop(t, d)
		var themes []theme.ID
		for range 6 {
			made, err := create(t, d, st, theme.Theme{Name: "T"})
			if err != nil {
				t.Fatal(err)
			}
			themes = append(themes, made.ID)
		}
		var wg sync.WaitGroup
		for i, one := range themes {
			wg.Go(func() {
				err := d.InTx(t.Context(), func(tx *db.Tx) error {
					_, err := theme.Activate(t.Context(), tx, st, one)
					return err
				})
				if err != nil && !fault.Is(err, fault.NotFound) {
					t.Errorf("activate: %v", err)
				}
			})
			wg.Go(func() {
				err := d.InTx(t.Context(), func(tx *db.Tx) error {
					if i%2 == 0 {
						_, err := theme.Create(t.Context(), tx, st, theme.Theme{Name: "New", Active: true})
						return err
					}
					return theme.Delete(t.Context(), tx, st, one)
				})
				if err != nil {
					t.Errorf("create or delete: %v", err)
				}
			})
		}
		wg.Wait()
		if got := active(t, d, st); len(got) > 1 {
			t.Errorf("%d themes are active", len(got))
		}
	})
}
