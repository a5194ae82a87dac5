package domain

import (
	"context"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// RecordID names a record of a domain.
type RecordID struct{ id.UUID }

// Record is a DNS record of a domain.
type Record struct {
	ID         RecordID
	Domain     ID
	Type       dns.Type
	Name       string // relative to the domain: @, www
	Value      string
	TTL        int // in seconds
	Priority   *int
	ProviderID string
	Managed    bool // made by Configure
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// DefaultTTL is that of a record whose maker gives none.
const DefaultTTL = 3600

// maxRecords bounds how many records a domain can have.
const maxRecords = 1000

const recordColumns = `id, domain_id, record_type, name, value, ttl, priority, provider_record_id, is_managed, created_at, updated_at`

func scanRecord(row db.Row) (Record, error) {
	var r Record
	var created, updated db.Time
	err := row.Scan(&r.ID, &r.Domain, &r.Type, &r.Name, &r.Value, &r.TTL, &r.Priority, &r.ProviderID, &r.Managed, &created, &updated)
	r.CreatedAt, r.UpdatedAt = created.Time, updated.Time
	return r, err
}

// GetRecord returns a record of a store's domain.
func GetRecord(ctx context.Context, q db.Q, st store.ID, r RecordID) (Record, error) {
	d, err := Get(ctx, q, st)
	if err != nil {
		return Record{}, err
	}
	return d.record(ctx, q, r)
}

func (d Domain) record(ctx context.Context, q db.Q, r RecordID) (Record, error) {
	found, err := db.One(ctx, q, scanRecord, `SELECT `+recordColumns+` FROM dns_record WHERE domain_id = $1 AND id = $2`, d.ID, r)
	return found, db.Missing(err, "DNS record")
}

// ListRecords returns a page of the records of a store's domain: the managed ones
// first, then by name and type.
func ListRecords(ctx context.Context, q db.Q, st store.ID, p db.Page) ([]Record, bool, error) {
	d, err := Get(ctx, q, st)
	if err != nil {
		return nil, false, err
	}
	after, args := "", []any{d.ID, p.Limit + 1}
	if !p.Before.IsZero() {
		after = `AND (NOT is_managed, name, record_type, id) > (SELECT NOT b.is_managed, b.name, b.record_type, b.id FROM dns_record b WHERE b.domain_id = $1 AND b.id = $3)`
		args = append(args, p.Before)
	}
	found, err := db.All(ctx, q, scanRecord, `
		SELECT `+recordColumns+` FROM dns_record WHERE domain_id = $1 `+after+`
		ORDER BY NOT is_managed, name, record_type, id LIMIT $2`, args...)
	found, more := db.Cut(p, found)
	return found, more, err
}

// records returns all records of a domain, in the order of ListRecords.
func (d Domain) records(ctx context.Context, q db.Q) ([]Record, error) {
	return db.All(ctx, q, scanRecord, `
		SELECT `+recordColumns+` FROM dns_record WHERE domain_id = $1 ORDER BY NOT is_managed, name, record_type, id`, d.ID)
}

// there returns a record as the provider knows it.
func (d Domain) there(r Record) dns.Record {
	return dns.Record{ID: r.ProviderID, Name: d.full(r.Name), Type: r.Type, Value: r.Value, TTL: r.TTL, Priority: r.Priority}
}

// check reads a record as a merchant gives it.
func (d Domain) check(r *Record) error {
	var f fault.Form
	r.Name = d.checkRecordName(&f, r.Name)
	given := dns.Record{Type: r.Type, Value: r.Value, TTL: r.TTL, Priority: r.Priority}
	given.Check(&f)
	r.Value = given.Value
	return f.Err()
}

// allow refuses a record that cannot stand beside those that are there. except is
// the one that it takes the place of.
func (s *Service) allow(d Domain, r Record, all []Record, except RecordID) error {
	switch {
	case r.Type == dns.CNAME && r.Name == root:
		return fault.Refusedf("cname_at_root", "A CNAME cannot stand at the root of a domain: use A or AAAA records for @.")
	case r.Type == dns.NS && r.Name == root && !s.OwnZones:
		return fault.Refusedf("ns_at_root", "The name servers of the domain itself are set at its registrar.")
	case len(all) >= maxRecords && except.IsZero():
		return fault.Refusedf("too_many_records", "A domain can have at most %d records.", maxRecords)
	}
	for _, other := range all {
		if other.ID == except || other.Name != r.Name {
			continue
		}
		if d.there(other).Same(d.there(r)) {
			return fault.Refusedf("record_exists", "A record of type %s at %q has this value already.", r.Type, r.Name)
		}
		if r.Type == dns.CNAME || other.Type == dns.CNAME {
			return fault.Refusedf("cname_beside_others", "A CNAME cannot stand beside other records: %q has a record of type %s.", r.Name, other.Type)
		}
	}
	return nil
}
