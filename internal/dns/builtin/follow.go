package builtin

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/dns/nameserver"
	"vitrine/internal/id"
)

// Each zone's own figures (RFC 1912, section 2.2, and for the last RFC 2308).
const (
	apexTTL  = 3600
	refresh  = 14400
	retry    = 3600
	expire   = 1209600
	negative = 300 // how long the world keeps in mind that there is nothing
)

// lookEvery is how often a Follower looks for what other processes have changed.
const lookEvery = 250 * time.Millisecond

// maxWait bounds how long one look takes.
const maxWait = 10 * time.Second

// Follower has a name server answer for the zones as they are kept: what this process
// changes before its transaction returns, what others change within a second.
type Follower struct {
	db      *db.DB
	server  *nameserver.Server
	key     *nameserver.Key // nil: zones are not signed
	servers []string        // the names of the name servers, in full

	mu      sync.Mutex
	version int64 // up to which the server has everything
	ready   bool  // it has loaded
}

// NewFollower returns a Follower of zones whose name servers have the names, signed
// with a key unless that is nil.
func NewFollower(d *db.DB, s *nameserver.Server, servers []string, key *nameserver.Key) *Follower {
	f := &Follower{db: d, server: s, key: key}
	for _, name := range servers {
		f.servers = append(f.servers, wire.Fqdn(name))
	}
	d.Listen(topic, func(id.UUID) { f.hear() })
	return f
}

// hear looks at once, for a change of this process.
func (f *Follower) hear() {
	ctx, cancel := context.WithTimeout(context.Background(), maxWait)
	defer cancel()
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.ready {
		return
	}
	if err := f.look(ctx); err != nil {
		slog.Error("nameserver: could not read what was changed; it is tried again", "error", err)
	}
}

// Load has the server answer for all zones. Those whose name servers had other names
// get a new serial.
func (f *Follower) Load(ctx context.Context) error {
	if err := f.rename(ctx); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.look(ctx); err != nil {
		return fmt.Errorf("load the zones: %w", err)
	}
	f.ready = true
	return nil
}

// rename gives all zones a new serial when their name servers get other names.
func (f *Follower) rename(ctx context.Context) error {
	servers := strings.Join(f.servers, " ")
	return f.db.InTx(ctx, func(tx *db.Tx) error {
		n, err := db.Exec(ctx, tx, `UPDATE nameserver_state SET servers = $1, version = version + 1 WHERE servers <> $1`, servers)
		if err != nil || n == 0 {
			return err
		}
		_, err = db.Exec(ctx, tx, `
			UPDATE nameserver_zone SET serial = CASE WHEN serial >= $1 THEN serial + 1 ELSE $1 END,
				version = (SELECT version FROM nameserver_state) WHERE NOT gone`, tx.Now().Unix())
		return err
	})
}

// Run follows until ctx ends. The zones were loaded before.
func (f *Follower) Run(ctx context.Context) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for failing := false; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		f.mu.Lock()
		err := f.look(ctx)
		f.mu.Unlock()
		if err != nil && !failing && ctx.Err() == nil {
			slog.ErrorContext(ctx, "nameserver: could not see what was changed; the zones are answered for as they were", "error", err)
		}
		failing = err != nil
	}
}

// kept is a zone as it is read, set after set.
type kept struct {
	name    string
	serial  int64
	version int64
	gone    bool
	sets    []dns.Set
}

// look reads what has changed, in one statement, so that a zone is as it was at one
// moment.
func (f *Follower) look(ctx context.Context) error {
	var zone kept
	latest := f.version
	err := db.Each(ctx, f.db, func(row db.Row) error {
		var next kept
		var name, kind *string
		var ttl *int
		var rdata *string
		if err := row.Scan(&next.name, &next.serial, &next.version, &next.gone, &name, &kind, &ttl, &rdata); err != nil {
			return err
		}
		if next.name != zone.name {
			f.put(ctx, zone)
			zone = next
			latest = max(latest, zone.version)
		}
		if name == nil {
			return nil
		}
		var data db.JSON[[]string]
		err := data.Scan(*rdata)
		zone.sets = append(zone.sets, dns.Set{Name: *name, Type: dns.Type(*kind), TTL: *ttl, RData: data.V})
		return err
	}, `
		SELECT z.name, z.serial, z.version, z.gone, s.name, s.record_type, s.ttl, s.rdata
		FROM nameserver_zone z LEFT JOIN nameserver_set s ON s.zone = z.name AND NOT z.gone
		WHERE z.version > $1 ORDER BY z.version, z.name`, f.version) // by the name alone, SQLite would walk through all zones each time
	if err != nil {
		return err
	}
	f.put(ctx, zone)
	f.version = latest
	return nil
}

// put has the server answer for a zone, or not any more.
func (f *Follower) put(ctx context.Context, k kept) {
	switch {
	case k.name == "":
	case k.gone:
		f.server.Remove(k.name)
	default:
		z, err := f.zone(k)
		if err != nil {
			slog.ErrorContext(ctx, "nameserver: a zone cannot be answered for as it is kept", "zone", k.name, "error", err)
			return
		}
		f.server.Put(z)
	}
}

// zone makes a zone of what is kept of it.
func (f *Follower) zone(k kept) (*nameserver.Zone, error) {
	apex := wire.Fqdn(k.name)
	head := func(kind uint16) wire.RR_Header {
		return wire.RR_Header{Name: apex, Rrtype: kind, Class: wire.ClassINET, Ttl: apexTTL}
	}
	_, domain, _ := strings.Cut(f.servers[0], ".")
	records := []wire.RR{&wire.SOA{
		Hdr: head(wire.TypeSOA), Ns: f.servers[0], Mbox: "hostmaster." + domain,
		Serial: uint32(k.serial), Refresh: refresh, Retry: retry, Expire: expire, Minttl: negative, //nolint:gosec // serial number arithmetic
	}}
	own := false
	for _, s := range k.sets {
		own = own || s.Type == dns.NS && s.Name == k.name
		for _, rdata := range s.RData {
			rr, err := record(s, rdata)
			if err != nil {
				return nil, err
			}
			records = append(records, rr)
		}
	}
	if !own {
		for _, server := range f.servers {
			records = append(records, &wire.NS{Hdr: head(wire.TypeNS), Ns: server})
		}
	}
	return nameserver.NewZone(apex, records, f.key)
}
