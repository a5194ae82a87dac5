package db

import (
	"encoding/binary"
	"slices"
	"strings"

	"vitrine/internal/id"
)

// On SQLite, the substring indexes of all stores are one table a kind, with FTS5's
// trigrams: each row's first column has three characters that stand for its store.

// TrigramLength is how many characters a query needs for a substring index to be of
// use.
const TrigramLength = 3

// maxTrigrams bounds how many trigrams of a long query are looked up.
const maxTrigrams = 12

// TrigramRow is where the text of something is in an index: the random bits of its id.
func TrigramRow(u id.UUID) int64 {
	return int64(binary.BigEndian.Uint64(u[8:]) << 2 >> 2) //nolint:gosec // 62 bits
}

// StoreTrigram stands for a store in an index: three characters for private use, of 15
// bits each. Two stores that share one only share the way to what is theirs.
func StoreTrigram(st id.UUID) string {
	n := binary.BigEndian.Uint64(st[8:])
	at := func(shift int) rune { return 0xF0000 + rune(n>>shift&0x7fff) } //nolint:gosec // 15 bits
	return string([]rune{at(0), at(15), at(30)})
}

// MatchTrigrams asks FTS5 for the texts of a store with the trigrams of a query, which
// has been folded as the texts were.
func MatchTrigrams(st id.UUID, folded string) string {
	terms := []string{quoteTerm(StoreTrigram(st))}
	letters := []rune(folded)
	for i := 0; i+TrigramLength <= len(letters) && len(terms) <= maxTrigrams; i++ {
		if term := quoteTerm(string(letters[i : i+TrigramLength])); !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	return strings.Join(terms, " AND ")
}

func quoteTerm(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
