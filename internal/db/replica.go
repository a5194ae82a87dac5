package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
)

// Replica is a database that PostgreSQL keeps as another one is, a little behind it. What
// may be a moment old is read there as long as it answers and is near. It is safe for
// concurrent use; a nil one is never near.
type Replica struct {
	primary, replica *DB
	near             atomic.Bool
	marks            []mark // of the primary, the oldest first
}

// mark is how far the primary's log was at a time.
type mark struct {
	at  time.Time
	log int64
}

const (
	// maxLag is how far behind a replica may be that is read from.
	maxLag = 5 * time.Second
	// replicaPatience is how long a replica has for an answer before the primary is
	// asked instead.
	replicaPatience = 2 * time.Second
	// replicaGlance is how often one looks how near it is.
	replicaGlance = time.Second
)

// NewReplica returns the replica of a database with an address, which need not answer.
// Run looks after it.
func NewReplica(primary *DB, address string, conns int) (*Replica, error) {
	if primary.engine != Postgres {
		return nil, errors.New("replica_url is for PostgreSQL, and database_url names a SQLite file")
	}
	if scheme, _, _ := strings.Cut(address, "://"); scheme != "postgres" && scheme != "postgresql" {
		return nil, errors.New("replica_url must begin with postgres://")
	}
	d := &DB{url: address, clock: primary.clock, ids: primary.ids}
	if err := d.openPostgres(address, conns, nil); err != nil {
		return nil, fmt.Errorf("replica_url: %w", err)
	}
	d.observe()
	return &Replica{primary: primary, replica: d}, nil
}

// Near tells whether the replica answers and is no more than a few seconds behind.
func (r *Replica) Near() bool { return r != nil && r.near.Load() }

// View lets fn read the replica as it is at one moment. It fails rather than to keep
// its caller waiting, who then asks the primary; so does who comes after, until the
// replica is seen to be well again.
func (r *Replica) View(ctx context.Context, fn func(Q) error) error {
	ctx, cancel := context.WithTimeout(ctx, replicaPatience)
	defer cancel()
	err := r.replica.View(ctx, fn)
	if err != nil && (Unavailable(err) || errors.Is(ctx.Err(), context.DeadlineExceeded)) {
		r.near.Store(false)
	}
	return err
}

// Run looks after the replica until ctx ends, and then closes it.
func (r *Replica) Run(ctx context.Context) error {
	ticks := time.NewTicker(replicaGlance)
	defer ticks.Stop()
	said := "" // why it is not read from
	for first := true; ; first = false {
		why := ""
		if err := r.look(ctx); err != nil {
			why = err.Error()
		}
		if ctx.Err() != nil {
			r.near.Store(false)
			return r.replica.Close()
		}
		r.near.Store(why == "")
		switch {
		case why == "" && (first || said != ""):
			slog.InfoContext(ctx, "the replica is read from")
		case why != "" && (first || said == ""):
			slog.WarnContext(ctx, "the replica is not read from", "error", why)
		}
		said = why
		select {
		case <-ctx.Done():
		case <-ticks.C:
		}
	}
}

// look fails unless the replica has all that the primary had some seconds ago.
func (r *Replica) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, replicaPatience)
	defer cancel()
	log, err := One(ctx, r.primary, Value[int64], `SELECT CAST(pg_current_wal_lsn() - '0/0' AS BIGINT)`)
	if err != nil {
		return fmt.Errorf("look how far the primary is: %w", err)
	}
	now := r.primary.Now()
	r.marks = append(r.marks, mark{now, log})
	for len(r.marks) > 1 && now.Sub(r.marks[1].at) >= maxLag {
		r.marks = r.marks[1:]
	}
	there, err := One(ctx, r.replica, Value[int64], `
		SELECT CASE WHEN pg_is_in_recovery() THEN CAST(COALESCE(pg_last_wal_replay_lsn(), '0/0') - '0/0' AS BIGINT) ELSE -1 END`)
	switch {
	case err != nil:
		return err
	case there < 0:
		return errors.New("what replica_url names is no replica")
	case there < r.marks[0].log:
		return fmt.Errorf("it is behind by %d bytes of the log, which are %v old", r.marks[0].log-there, now.Sub(r.marks[0].at).Round(time.Second))
	}
	return nil
}
