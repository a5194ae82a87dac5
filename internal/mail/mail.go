// Package mail writes to people. A mail is a row that is written in the transaction of
// what it tells of, and a chore sends it: again after a failure, until a mail server
// has taken it. Under the same Message-ID, so that a mail that comes twice shows once.
package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/job"
	"vitrine/internal/seal"
)

// Site stands in a text for the address of the platform, without a slash at its end.
const Site = "{{site}}"

// Secret stands in a text for what the message has Sealed.
const Secret = "{{secret}}"

// Message is a mail to be written.
type Message struct {
	To, Subject, Text string
	Key               string // once per key; "": each time
	Sealed            []byte // what only whoever reads the mail may know; the database has it sealed, and until it was sent
}

// Queue writes a mail that is sent soon after tx has committed.
func Queue(ctx context.Context, tx *db.Tx, m Message) error {
	var key any
	if m.Key != "" {
		key = m.Key
	}
	_, err := db.Exec(ctx, tx, `
		INSERT INTO mail (id, key, recipient, subject, body, tries, next_at, created_at, secret) VALUES ($1, $2, $3, $4, $5, 0, $6, $6, $7)
		ON CONFLICT DO NOTHING`, tx.NewID(), key, m.To, oneLine(m.Subject), m.Text, db.Time{Time: tx.Now()}, m.Sealed)
	if err != nil {
		return fmt.Errorf("write a mail: %w", err)
	}
	return nil
}

// oneLine keeps a subject from ending the header that it stands in.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Letter is a mail on its way.
type Letter struct {
	ID                id.UUID
	To, Subject, Text string
	Written           time.Time
}

// Transport hands letters to a mail server. It is safe for concurrent use.
type Transport interface {
	// Send returns nil once the server has taken the letter, and ErrRefused, or what
	// wraps it, where it never will.
	Send(ctx context.Context, l Letter) error
}

// ErrRefused says that a letter can never be sent.
var ErrRefused = errors.New("the mail server refuses it")

// Service sends what was written. It is safe for concurrent use.
type Service struct {
	db   *db.DB
	by   Transport
	site string
	seal *seal.Sealer
}

// New returns a Service. Without a transport mails are kept and not sent. site is the
// address of the platform; s has sealed what messages have.
func New(d *db.DB, by Transport, site string, s *seal.Sealer) *Service {
	return &Service{db: d, by: by, site: strings.TrimRight(site, "/"), seal: s}
}

// whole is a text with what stands for something filled in. What is not there any more,
// or cannot be opened, is an ellipsis.
func (s *Service) whole(text string, sealed []byte) string {
	secret := []byte("…")
	if len(sealed) > 0 {
		if plain, err := s.seal.Open(sealed); err == nil {
			secret = plain
		}
	}
	return strings.NewReplacer(Site, s.site, Secret, string(secret)).Replace(text)
}

// Sends tells whether mails leave the platform.
func (s *Service) Sends() bool { return s.by != nil }

const (
	attempt = 2 * time.Minute     // for one letter; after which another process may try
	giveUp  = 3 * 24 * time.Hour  // after it was written
	keep    = 30 * 24 * time.Hour // what was sent, and what could not be
	atOnce  = 50
)

// HandleJobs has r send mails, and forget old ones.
func (s *Service) HandleJobs(r *job.Runner) {
	r.Every("send mails", 10*time.Second, s.Send)
	r.Every("delete old mails", time.Hour, s.clean)
	r.AfterSetBack(func(ctx context.Context, tx *db.Tx, latest db.Time) error {
		_, err := db.Exec(ctx, tx, `UPDATE mail SET next_at = $1 WHERE next_at > $1`, latest)
		return err
	})
}

// Send sends the mails whose time has come.
func (s *Service) Send(ctx context.Context) error {
	if s.by == nil {
		return s.db.InTx(ctx, func(tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, `UPDATE mail SET next_at = NULL WHERE next_at <= $1`, db.Time{Time: tx.Now()})
			return err
		})
	}
	due, err := db.All(ctx, s.db, db.Value[id.UUID], `SELECT id FROM mail WHERE next_at <= $1 ORDER BY next_at, id LIMIT $2`, db.Time{Time: s.db.Now()}, atOnce)
	if err != nil {
		return err
	}
	for _, mail := range due {
		if ctx.Err() != nil {
			return ctx.Err() // the rest is sent the next time
		}
		if err := s.send(ctx, mail); err != nil {
			return err
		}
	}
	return nil
}

// send tries one mail. Before, it is put off: a process that dies meanwhile leaves it
// to be tried again.
func (s *Service) send(ctx context.Context, mail id.UUID) error {
	var l Letter
	tries := 0
	var sealed []byte
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		return db.Each(ctx, tx, func(row db.Row) error {
			var written db.Time
			err := row.Scan(&l.ID, &l.To, &l.Subject, &l.Text, &tries, &written, &sealed)
			l.Written = written.Time
			return err
		}, `UPDATE mail SET next_at = $2, tries = tries + 1 WHERE id = $1 AND next_at <= $3 RETURNING id, recipient, subject, body, tries, created_at, secret`,
			mail, db.Time{Time: tx.Now().Add(attempt)}, db.Time{Time: tx.Now()})
	})
	if err != nil || tries == 0 { // somebody else has it
		return err
	}
	l.Text = s.whole(l.Text, sealed)
	call, cancel := context.WithTimeout(ctx, attempt/2)
	defer cancel()
	sent := s.by.Send(call, l)
	s.db.Observer().Mail(outcome(sent))
	return s.db.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		now := tx.Now()
		if sent == nil {
			_, err := db.Exec(ctx, tx, `UPDATE mail SET sent_at = $2, next_at = NULL, error = NULL, secret = NULL WHERE id = $1`, mail, db.Time{Time: now})
			return err
		}
		slog.WarnContext(ctx, "a mail could not be sent", "mail", mail, "tries", tries, "error", sent)
		again := now.Add(min(30*time.Second<<min(tries, 10), time.Hour))
		next := &again
		if errors.Is(sent, ErrRefused) || again.Sub(l.Written) > giveUp {
			next = nil
		}
		_, err := db.Exec(ctx, tx, `UPDATE mail SET next_at = $2, error = $3 WHERE id = $1`, mail, db.NullTime{Time: next}, sent.Error())
		return err
	})
}

// outcome is what became of a letter, in a word.
func outcome(sent error) string {
	switch {
	case sent == nil:
		return "sent"
	case errors.Is(sent, ErrRefused):
		return "refused"
	}
	return "failed"
}

func (s *Service) clean(ctx context.Context) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `DELETE FROM mail WHERE created_at <= $1 AND next_at IS NULL`, db.Time{Time: tx.Now().Add(-keep)})
		return err
	})
}

// Kept is a mail as the outbox shows it.
type Kept struct {
	ID                id.UUID
	To, Subject, Text string
	Written           time.Time
	Sent              *time.Time
	Tries             int
	Error             string
}

// Outbox returns the mails that were written last, the newest first.
func (s *Service) Outbox(ctx context.Context, n int) ([]Kept, error) {
	return db.All(ctx, s.db, func(row db.Row) (k Kept, err error) {
		var written db.Time
		var sent db.NullTime
		var cause *string
		var sealed []byte
		err = row.Scan(&k.ID, &k.To, &k.Subject, &k.Text, &written, &sent, &k.Tries, &cause, &sealed)
		k.Written, k.Sent = written.Time, sent.Time
		k.Text = s.whole(k.Text, sealed)
		if cause != nil {
			k.Error = *cause
		}
		return k, err
	}, `SELECT id, recipient, subject, body, created_at, sent_at, tries, error, secret FROM mail ORDER BY created_at DESC, id DESC LIMIT $1`, n)
}
