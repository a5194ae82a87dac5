package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/payment"
)

const (
	delay     = 20 * time.Second // of a charge that comes late
	times     = 2                // that everything is said: a real provider repeats itself too
	tolerance = 5 * time.Minute  // of a signature
)

// soon has a notice of a charge sent.
func (p *Provider) soon(ctx context.Context, key string) error { return p.notify(ctx, key, 0) }

// later has a charge authorised after a while, and a notice sent of it.
func (p *Provider) later(ctx context.Context, key string) error { return p.notify(ctx, key, delay) }

func (p *Provider) notify(ctx context.Context, key string, after time.Duration) error {
	return p.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `INSERT INTO test_notice (id, charge_key, due_at, times) VALUES ($1, $2, $3, $4)`,
			tx.NewID(), key, db.Time{Time: tx.Now().Add(after)}, times)
		return err
	})
}

type notice struct {
	id  id.UUID
	key string
}

// Hurry has no notice wait for a later time than latest.
func (p *Provider) Hurry(ctx context.Context, tx *db.Tx, latest db.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE test_notice SET due_at = $1 WHERE due_at > $1`, latest)
	return err
}

// Deliver sends the notices that are due to receive, as a real provider would over
// HTTP. One that is not taken is sent again.
func (p *Provider) Deliver(ctx context.Context, receive func(ctx context.Context, body []byte, signature string) error) error {
	due, err := db.All(ctx, p.db, func(row db.Row) (n notice, err error) {
		return n, row.Scan(&n.id, &n.key)
	}, `SELECT id, charge_key FROM test_notice WHERE due_at <= $1 ORDER BY due_at, id LIMIT 100`, db.Time{Time: p.db.Now()})
	if err != nil {
		return err
	}
	for _, n := range due {
		if err := p.deliver(ctx, n, receive); err != nil {
			return err
		}
	}
	return nil
}

func (p *Provider) deliver(ctx context.Context, n notice, receive func(ctx context.Context, body []byte, signature string) error) error {
	err := p.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `UPDATE test_charge SET state = $2 WHERE id = $1 AND state = $3`, idOf(n.key), string(payment.Authorised), string(payment.Waiting))
		return err
	})
	if err != nil {
		return err
	}
	body, signature := p.Sign(payment.Notice{ID: n.id.String(), Key: n.key})
	if err := receive(ctx, body, signature); err != nil {
		return err
	}
	return p.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `UPDATE test_notice SET times = times - 1 WHERE id = $1`, n.id); err != nil {
			return err
		}
		_, err := db.Exec(ctx, tx, `DELETE FROM test_notice WHERE id = $1 AND times <= 0`, n.id)
		return err
	})
}

// Sign returns a notice as a webhook.
func (p *Provider) Sign(n payment.Notice) (body []byte, signature string) {
	body = []byte(n.ID + "\n" + n.Key)
	at := p.db.Now().Unix()
	return body, fmt.Sprintf("t=%d,v1=%s", at, p.proof(at, body))
}

func (p *Provider) proof(at int64, body []byte) string {
	h := hmac.New(sha256.New, p.secret[:])
	_, _ = fmt.Fprintf(h, "%d.%s", at, body)
	return hex.EncodeToString(h.Sum(nil))
}

// Read implements payment.Provider.
func (p *Provider) Read(body []byte, signature string) (payment.Notice, error) {
	given, proof, _ := strings.Cut(strings.TrimPrefix(signature, "t="), ",v1=")
	at, err := strconv.ParseInt(given, 10, 64)
	if err != nil || subtle.ConstantTimeCompare([]byte(proof), []byte(p.proof(at, body))) != 1 ||
		p.db.Now().Sub(time.Unix(at, 0)).Abs() > tolerance {
		return payment.Notice{}, payment.ErrForged
	}
	id, key, _ := strings.Cut(string(body), "\n")
	return payment.Notice{ID: id, Key: key}, nil
}
