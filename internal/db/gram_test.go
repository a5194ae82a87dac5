package db_test

import (
	"slices"
	"strings"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

// FuzzGrams holds that a text is found by each of its parts: the words that a query asks
// for are words of the text.
func FuzzGrams(f *testing.F) {
	f.Add("1007\nada@example.com\nada", uint(2), uint(5))
	f.Add("mug \"blue\" *", uint(3), uint(9))
	f.Add("zoë ힰힰ\U0010ffff 東京", uint(0), uint(30))
	f.Add("a", uint(0), uint(1))
	st := id.UUID{15: 7}
	f.Fuzz(func(t *testing.T, text string, from, to uint) {
		letters := []rune(text)
		to = min(to, uint(len(letters)))
		if from >= to {
			return
		}
		words := strings.Split(db.Grams(st, text), " ") // as a tokenizer does that knows ASCII alone
		query := string(letters[from:to])
		for _, match := range []string{db.MatchGrams(st, query), db.MatchRarest(st, query, []string{text[:len(text)/2]})} {
			for term := range strings.SplitSeq(match, " AND ") {
				if !slices.Contains(words, strings.Trim(term, `"`)) {
					t.Errorf("%q is not found by %q: %s", text, query, term)
				}
			}
		}
	})
}

func TestGrams_areOfOneStore(t *testing.T) {
	one, other := db.Grams(id.UUID{15: 1}, "mug"), db.Grams(id.UUID{15: 2}, "mug")
	if n := len(strings.Fields(one)); n != 6 { // m, mu, mug, u, ug, g
		t.Errorf("%d grams: %s", n, one)
	}
	for _, word := range strings.Fields(one) {
		if strings.Contains(other, word) {
			t.Errorf("%s is in %s", word, other)
		}
	}
}

func TestMatchRarest_leavesOutWhatAllHave(t *testing.T) {
	st, all := id.UUID{15: 1}, []string{"customer-1@example.com", "customer-12@example.com"}
	got, want := db.MatchRarest(st, "mer-7@", all), db.MatchGrams(st, "r-7")+" AND "+db.MatchGrams(st, "-7@")+" AND "+db.MatchGrams(st, "mer")
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestIndexed_needsThreeLettersOnPostgreSQLAlone(t *testing.T) {
	for folded, want := range map[string][2]bool{"": {false, false}, "é": {false, true}, "mu": {false, true}, "mug": {true, true}} {
		if got := [2]bool{db.Indexed(db.Postgres, folded), db.Indexed(db.SQLite, folded)}; got != want {
			t.Errorf("%q: %v", folded, got)
		}
	}
}
