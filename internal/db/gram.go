package db

import (
	"cmp"
	"encoding/base32"
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"

	"vitrine/internal/id"
)

// On SQLite, the substring indexes of all stores are one table a kind, with FTS5's
// ASCII tokenizer. A text stands there as its grams, its parts of up to three
// characters, each behind what stands for its store: a list in the index is one store's.

// gramLength is how many characters a gram has at most.
const gramLength = 3

// maxGrams bounds how many grams of a long query are looked up, and rarestGrams how many
// where it is known which are rare.
const (
	maxGrams    = 12
	rarestGrams = 3
)

// EntryRow is where the grams of something are in an index that is in no order: the
// random bits of its id.
func EntryRow(u id.UUID) int64 {
	return int64(binary.BigEndian.Uint64(u[8:]) << 2 >> 2) //nolint:gosec // 62 bits
}

// Indexed tells whether an engine's substring indexes are of use for a query, which has
// been folded as the texts were. PostgreSQL's have trigrams alone.
func Indexed(e Engine, folded string) bool {
	return utf8.RuneCountInString(folded) >= perEngine(e, gramLength, 1)
}

func perEngine(e Engine, postgres, sqlite int) int {
	if e == Postgres {
		return postgres
	}
	return sqlite
}

// Grams is what an index has of a store's text.
func Grams(st id.UUID, text string) string {
	letters, of := shift(text), gramStore(st)
	seen := map[string]bool{}
	var out strings.Builder
	add := func(gram string) {
		if !seen[gram] {
			seen[gram] = true
			out.WriteString(of)
			out.WriteString(gram)
			out.WriteByte(' ')
		}
	}
	for i := range letters {
		for n := 1; n <= gramLength && i+n <= len(letters); n++ {
			add(string(letters[i : i+n]))
		}
	}
	return out.String()
}

// MatchGrams asks FTS5 for the texts of a store with the grams of a query.
func MatchGrams(st id.UUID, folded string) string {
	grams := gramsOf(folded)
	return match(st, grams[:min(maxGrams, len(grams))])
}

// MatchRarest asks FTS5 for the texts of a store with those grams of a query that the
// fewest of the samples have: for each text that all have, it looks for each gram.
func MatchRarest(st id.UUID, folded string, samples []string) string {
	grams := gramsOf(folded)
	rare := make(map[string]int, len(grams))
	for _, g := range grams {
		for _, s := range samples {
			if strings.Contains(s, g) {
				rare[g]++
			}
		}
	}
	slices.SortStableFunc(grams, func(a, b string) int { return cmp.Compare(rare[a], rare[b]) })
	return match(st, grams[:min(rarestGrams, len(grams))])
}

// gramsOf returns the longest grams of a query, each once.
func gramsOf(folded string) []string {
	letters := []rune(folded)
	n := min(gramLength, len(letters))
	var grams []string
	for i := 0; i+n <= len(letters); i++ {
		if g := string(letters[i : i+n]); !slices.Contains(grams, g) {
			grams = append(grams, g)
		}
	}
	return grams
}

func match(st id.UUID, grams []string) string {
	of := gramStore(st)
	terms := make([]string, len(grams))
	for i, g := range grams {
		terms[i] = `"` + of + string(shift(g)) + `"`
	}
	return strings.Join(terms, " AND ")
}

// GramOf is a word of an index that one row alone has, whose id it is.
func GramOf(u id.UUID) string { return gramLetters.EncodeToString(u[:]) }

var gramLetters = base32.HexEncoding.WithPadding(base32.NoPadding)

// gramStore stands for a store: 40 bits of its id. Two stores that share them only
// share the way to what is theirs.
func gramStore(st id.UUID) string { return gramLetters.EncodeToString(st[11:]) }

// shift moves letters out of ASCII, in which the tokenizer sees what divides words.
func shift(text string) []rune {
	letters := []rune(text)
	for i := range letters {
		letters[i] += utf8.RuneSelf
	}
	return letters
}
