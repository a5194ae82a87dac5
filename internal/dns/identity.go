package dns

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// Data returns the value with its priority in front, where it has one: what a record
// says, in one text.
func (r Record) Data() string {
	if r.Priority == nil {
		return r.Value
	}
	return strconv.Itoa(*r.Priority) + " " + r.Value
}

// Same tells whether two records are one to DNS: name, type and data. The TTL does
// not count, nor who knows them under which id.
func (r Record) Same(other Record) bool {
	return r.Name == other.Name && r.Type == other.Type && r.Data() == other.Data()
}

// Equal is Same with the TTL.
func (r Record) Equal(other Record) bool { return r.Same(other) && r.TTL == other.TTL }

// Identity is what two records have in common that are the Same, and no others. It
// is the id of a record at providers that know only sets of records.
func (r Record) Identity() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{r.Name, string(r.Type), r.Data()}, "\x00")))
	return "rr-" + hex.EncodeToString(sum[:16])
}

// Seen compares what a server answers with what it should: the answer it gives is
// data as Data writes it.
func Seen(observed []string, data string) bool { return slices.Contains(observed, data) }
