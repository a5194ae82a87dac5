package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/web"
)

const (
	keyLife      = 24 * time.Hour   // how long an answer is kept
	claimLife    = 60 * time.Second // how long an unfinished call keeps its key
	maxKeyLength = 255
)

// call is a request with an Idempotency-Key that runs for the first time.
type call struct {
	user  account.ID
	key   []byte // hash of the key
	claim id.UUID
	saved bool // the answer is stored, together with the effect
}

type callKey struct{}

// idempotent answers a request that was made before with what was answered then.
func (a *API) idempotent(hctx huma.Context, next func(huma.Context)) {
	key, err := idempotencyKey(hctx)
	if err == nil && key == "" {
		next(hctx)
		return
	}
	r, w := unwrap(hctx)
	var body []byte
	if err == nil {
		body, err = readAll(r, hctx.Operation().MaxBodyBytes-1)
	}
	if err != nil {
		a.refuse(hctx, inOrder(hctx.Context(), problem(hctx.Context(), err)))
		return
	}
	print := newFingerprint(r)
	_, _ = print.Write(body)
	r = r.WithContext(hctx.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	a.keyed(humago.NewContext(hctx.Operation(), r, w), key, print, next)
}

// idempotencyKey returns the key of a request, or "" when it has none.
func idempotencyKey(hctx huma.Context) (string, error) {
	r, _ := unwrap(hctx)
	if len(r.Header.Values("Idempotency-Key")) == 0 {
		return "", nil
	}
	key := hctx.Header("Idempotency-Key")
	if key == "" || len(key) > maxKeyLength || !printableASCII(key) {
		return "", errKey
	}
	return key, nil
}

// keyed answers a call under a key, or anew when it has none.
func (a *API) keyed(hctx huma.Context, key string, print hash.Hash, next func(huma.Context)) {
	if key == "" {
		next(hctx)
		return
	}
	r, w := unwrap(hctx)
	c := &call{claim: a.DB.NewID()}
	c.user, c.key = keyOwner(hctx.Context(), key)
	kept, err := a.claim(hctx.Context(), c, print.Sum(nil))
	if err != nil {
		a.refuse(hctx, err)
		return
	}
	if kept != nil {
		kept.write(w)
		return
	}
	r = r.WithContext(context.WithValue(hctx.Context(), callKey{}, c))
	seen := &recorder{StatusWriter: web.StatusWriter{ResponseWriter: w}}
	defer func() { a.settle(context.WithoutCancel(r.Context()), c, seen) }()
	next(humago.NewContext(hctx.Operation(), r, seen))
}

// keyOwner returns whose a key is. Shoppers' keys are counted per store, under its
// owner and apart from the owner's own: who has the same key and sends the same body
// is the same shopper.
func keyOwner(ctx context.Context, key string) (account.ID, []byte) {
	if user := caller(ctx); !user.ID.IsZero() {
		return user.ID, digest(key)
	}
	return shop(ctx).Owner, digest("shopper of " + shop(ctx).ID.String() + "\n" + key)
}

var errKey = &fault.Error{
	Kind: fault.Invalid, Code: "invalid", Message: "The Idempotency-Key must have 1 to 255 printable characters.",
	Fields: []fault.Field{{Path: "header.Idempotency-Key", Message: "must have 1 to 255 printable characters"}},
}

func readAll(r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, web.ErrCutOff()
	}
	if int64(len(body)) > limit {
		return nil, &fault.Error{Kind: fault.TooLarge, Code: "too_large", Message: "The request body is too large."}
	}
	return body, nil
}

func printableASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e }) < 0
}

func digest(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

// newFingerprint begins what tells one request from another under the same key.
// The body is still to be written to it.
func newFingerprint(r *http.Request) hash.Hash {
	h := sha256.New()
	_, _ = io.WriteString(h, r.Method+" "+r.URL.RequestURI()+"\n"+strings.ToLower(r.Header.Get("Prefer"))+"\n")
	return h
}

// claim takes the key for a call, or returns the answer that it had before.
func (a *API) claim(ctx context.Context, c *call, print []byte) (kept *keptAnswer, err error) {
	err = a.DB.InTx(ctx, func(tx *db.Tx) error {
		kept = nil
		now := tx.Now()
		n, err := db.Exec(ctx, tx, `
			INSERT INTO idempotency_key (account_id, key_hash, fingerprint, claim, claimed_at)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account_id, key_hash) DO UPDATE
			SET fingerprint = excluded.fingerprint, claim = excluded.claim, claimed_at = excluded.claimed_at,
				status = NULL, headers = NULL, body = NULL
			WHERE idempotency_key.claimed_at <= $6 OR idempotency_key.status IS NULL AND idempotency_key.claimed_at <= $7`,
			c.user, c.key, print, c.claim, db.Time{Time: now}, db.Time{Time: now.Add(-keyLife)}, db.Time{Time: now.Add(-claimLife)})
		if err != nil || n == 1 {
			return err
		}
		kept, err = a.kept(ctx, tx, c, print)
		return err
	})
	return kept, err
}

// kept returns the answer under a key that was used before.
func (a *API) kept(ctx context.Context, tx *db.Tx, c *call, print []byte) (*keptAnswer, error) {
	var k keptAnswer
	_, err := db.One(ctx, tx, func(row db.Row) (struct{}, error) {
		return struct{}{}, row.Scan(&k.fingerprint, &k.status, &k.headers, &k.body)
	}, `SELECT fingerprint, status, headers, body FROM idempotency_key WHERE account_id = $1 AND key_hash = $2`, c.user, c.key)
	switch {
	case err != nil:
		return nil, err
	case !bytes.Equal(k.fingerprint, print):
		return nil, &fault.Error{Kind: fault.Invalid, Code: "idempotency_key_reused", Message: "This Idempotency-Key was used for another request."}
	case k.status == nil:
		return nil, fault.Conflictf("idempotency_key_in_use", "The first request with this Idempotency-Key is still running.")
	}
	k.body, err = a.Sealer.Open(k.body)
	return &k, err
}

// keptAnswer is an answer as it was given.
type keptAnswer struct {
	fingerprint []byte
	status      *int
	headers     *string
	body        []byte
}

func (k *keptAnswer) write(w http.ResponseWriter) {
	var headers map[string]string
	if k.headers != nil {
		_ = json.Unmarshal([]byte(*k.headers), &headers)
	}
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(*k.status)
	_, _ = w.Write(k.body)
}

// keptHeaders are those that belong to an answer and not to its delivery.
var keptHeaders = []string{"Content-Type", "Location", "Preference-Applied"}

// save stores an answer under the key of its call. It fails when another call
// took the key over meanwhile, so that its effect happens once.
func (a *API) save(ctx context.Context, tx *db.Tx, c *call, status int, header http.Header, body []byte) error {
	headers := map[string]string{}
	for _, name := range keptHeaders {
		if value := header.Get(name); value != "" {
			headers[name] = value
		}
	}
	n, err := db.Exec(ctx, tx, `
		UPDATE idempotency_key SET status = $4, headers = $5, body = $6
		WHERE account_id = $1 AND key_hash = $2 AND claim = $3 AND status IS NULL`,
		c.user, c.key, c.claim, status, db.JSON[map[string]string]{V: headers}, a.Sealer.Seal(body))
	if err == nil && n == 0 {
		return fault.Conflictf("idempotency_key_in_use", "Another request with this Idempotency-Key took over.")
	}
	return err
}

// settle ends a call: an answer that is not stored yet is stored, or the key is
// given back for one that may be different next time.
func (a *API) settle(ctx context.Context, c *call, seen *recorder) {
	if c.saved {
		return
	}
	err := a.DB.InTx(ctx, func(tx *db.Tx) error {
		if worthKeeping(seen.Status) {
			return a.save(ctx, tx, c, seen.Status, seen.Header(), seen.body.Bytes())
		}
		_, err := db.Exec(ctx, tx, `DELETE FROM idempotency_key WHERE account_id = $1 AND key_hash = $2 AND claim = $3 AND status IS NULL`, c.user, c.key, c.claim)
		return err
	})
	if err != nil {
		slog.WarnContext(ctx, "idempotency key not settled", "error", err, "request_id", web.RequestID(ctx))
	}
}

func worthKeeping(status int) bool {
	switch status {
	case 0, http.StatusUnauthorized, http.StatusConflict, http.StatusTooManyRequests:
		return false
	}
	return status < http.StatusInternalServerError
}

// recorder keeps a copy of what is answered.
type recorder struct {
	web.StatusWriter
	body bytes.Buffer
}

func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.StatusWriter.Write(b)
}

// once runs fn in a transaction. When the request has an Idempotency-Key, the
// answer is stored in the same transaction.
func once[T any](ctx context.Context, a *API, fn func(*db.Tx) (*answer[T], error), options ...db.Option) (*answer[T], error) {
	var out *answer[T]
	c := keyed(ctx)
	err := a.DB.InTx(ctx, func(tx *db.Tx) (err error) {
		if out, err = fn(tx); err != nil || c == nil {
			return err
		}
		return keep(ctx, a, tx, c, out)
	}, options...)
	return saved(c, out, err)
}

// onceWith is once for work that shares its transaction with others. do hands on
// what is to run in that transaction after the work; it is nil for a request
// without a key.
func onceWith[D, T any](ctx context.Context, a *API, do func(then func(context.Context, *db.Tx, D) error) (D, error), convert func(D) *answer[T]) (*answer[T], error) {
	c := keyed(ctx)
	var then func(context.Context, *db.Tx, D) error
	if c != nil {
		then = func(ctx context.Context, tx *db.Tx, d D) error { return keep(ctx, a, tx, c, convert(d)) }
	}
	d, err := do(then)
	if err != nil {
		return nil, err
	}
	return saved(c, convert(d), nil)
}

// saved passes an answer on that was stored with its effect, if it has a key.
func saved[T any](c *call, out *answer[T], err error) (*answer[T], error) {
	if err != nil {
		return nil, err
	}
	if c != nil {
		c.saved = true
	}
	return out, nil
}

// keyed returns the call of a request that has an Idempotency-Key, or nil.
func keyed(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// keep stores what a call is answered with in the transaction of its effect.
func keep[T any](ctx context.Context, a *API, tx *db.Tx, c *call, out *answer[T]) error {
	body, err := encode(out.Body)
	if err != nil {
		return err
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if out.Location != "" {
		header.Set("Location", out.Location)
	}
	if out.Applied != "" {
		header.Set("Preference-Applied", out.Applied)
	}
	return a.save(ctx, tx, c, out.Status, header, body)
}

// encode writes JSON as huma does.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// CleanIdempotencyKeys removes the answers that are kept no longer.
func CleanIdempotencyKeys(ctx context.Context, d *db.DB) error {
	return d.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `DELETE FROM idempotency_key WHERE claimed_at <= $1`, db.Time{Time: tx.Now().Add(-keyLife)})
		return err
	})
}
