package domain_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"vitrine/internal/certificate"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/dns/builtin"
	"vitrine/internal/domain"
	"vitrine/internal/fixture"
	"vitrine/internal/job"
)

// away is the built-in provider, which does not answer while it is off.
type away struct {
	*builtin.Provider
	off bool
}

func (a *away) DropZone(ctx context.Context, zone string) error {
	if a.off {
		return errors.New("off")
	}
	return a.Provider.DropZone(ctx, zone)
}

// The zone that was made for a domain goes with it, also later when it cannot go now,
// and comes back with whoever takes the name next.
func TestDetach_theZoneGoesWithItsDomain(t *testing.T) {
	t.Parallel()
	eachShop(t, "builtin", peers["builtin"], func(t *testing.T, s *shop) {
		p := &away{Provider: builtin.New(s.db, nil)}
		settings := fixture.DomainSettings
		settings.Mode = "builtin"
		s.Service = domain.New(s.db, p, nil, certificate.NewMock(s.clock), settings)
		served := func(want bool) {
			t.Helper()
			if got := isServed(t, s); got != want {
				t.Errorf("the zone is served: %v, want %v", got, want)
			}
		}
		configure := func() {
			t.Helper()
			if _, err := s.Configure(t.Context(), s.store, s.owner, false, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := s.CreateRecord(t.Context(), s.store, s.owner, domain.Record{Type: dns.TXT, Name: "@", Value: "hello", TTL: 60}, nil); err != nil {
				t.Fatal(err)
			}
			served(true)
		}
		detach := func() {
			t.Helper()
			if err := s.Detach(t.Context(), s.store); err != nil {
				t.Fatal(err)
			}
		}
		configure()
		detach()
		served(false)
		s.attach(t)
		configure()
		p.off = true
		detach()
		served(true)
		p.off = false
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		runner := job.NewRunner(s.db, job.Options{})
		s.HandleJobs(runner)
		done := make(chan error, 1)
		go func() { done <- runner.Run(ctx) }()
		for isServed(t, s) && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		served(false)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func isServed(t *testing.T, s *shop) bool {
	t.Helper()
	served, err := db.One(t.Context(), s.db, db.Value[bool], `SELECT EXISTS (SELECT 1 FROM nameserver_zone WHERE name = $1 AND NOT gone)`, s.name)
	if err != nil {
		t.Fatal(err)
	}
	return served
}

// heard is what is logged for whoever has it in the context, under ear{}.
type heard struct{ messages []string }

// ear is a handler of logs that tells those who want to hear of them.
type ear struct{ slog.Handler }

func (e ear) Enabled(context.Context, slog.Level) bool { return true }

func (e ear) Handle(ctx context.Context, r slog.Record) error {
	if h, listens := ctx.Value(ear{}).(*heard); listens && r.Level == slog.LevelWarn {
		h.messages = append(h.messages, r.Message)
	}
	return nil
}

func TestDNSEdge_aDeletedManagedRecordIsWarnedOf(t *testing.T) {
	t.Parallel()
	eachShop(t, "mock", peers["mock"], func(t *testing.T, s *shop) {
		s.provider.Mend()
		said := &heard{}
		ctx := context.WithValue(t.Context(), ear{}, said)
		made, err := s.Configure(ctx, s.store, s.owner, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.CreateRecord(ctx, s.store, s.owner, domain.Record{Type: dns.TXT, Name: "@", Value: "hello", TTL: 60}, nil)
		if err != nil {
			t.Fatal(err)
		}
		warned := func(of domain.RecordID, want int) {
			t.Helper()
			if err := s.DeleteRecord(ctx, s.store, s.owner, of); err != nil {
				t.Fatal(err)
			}
			if len(said.messages) != want || want > 0 && !strings.Contains(said.messages[0], "managed record is deleted") {
				t.Errorf("warned of %q, want %d", said.messages, want)
			}
		}
		warned(r.ID, 0)
		warned(made.Records[1].ID, 1)
	})
}
