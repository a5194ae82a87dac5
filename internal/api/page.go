package api

import (
	"context"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

// PageQuery is how every list is asked for.
type PageQuery struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many items a page has."`
	Cursor string `query:"cursor" doc:"Where the page begins; taken from the Link header of the page before."`

	before id.UUID
	self   url.URL
}

// Resolve implements huma.Resolver: it checks the cursor and keeps the address
// that the next page's is made from.
func (p *PageQuery) Resolve(hctx huma.Context) []error {
	p.self = hctx.URL()
	p.self.Host, p.self.Scheme = hctx.Host(), "http"
	if web.Secured(hctx.Context()) {
		p.self.Scheme = "https"
	}
	if p.Cursor == "" {
		return nil
	}
	var valid bool
	if p.before, valid = readCursor(p.Cursor); !valid {
		return []error{&huma.ErrorDetail{Location: "query.cursor", Message: "is not a cursor of this list", Value: p.Cursor}}
	}
	return nil
}

// cursor writes the last id of a page, as clients send it back.
func cursor(last id.UUID) string { return base64.RawURLEncoding.EncodeToString(last[:]) }

// readCursor reads what cursor wrote, and nothing else: the decoder alone would
// also take line breaks and stray bits at the end, and no row has the zero id.
func readCursor(s string) (last id.UUID, valid bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) != len(last) {
		return last, false
	}
	last = id.UUID(raw)
	return last, cursor(last) == s && !last.IsZero()
}

// page returns what the domain packages take.
func (p *PageQuery) page() db.Page { return db.Page{Before: p.before, Limit: p.Limit} }

// listInput is how a list of one store's things is asked for.
type listInput struct {
	StorePath
	PageQuery
}

// Search is a part of a text that a list is searched for.
type Search string

// Resolve implements huma.Resolver: it refuses control characters, some of which the
// databases refuse each in its own way.
func (s *Search) Resolve(huma.Context) []error {
	if !strings.ContainsFunc(string(*s), unicode.IsControl) {
		return nil
	}
	return []error{&huma.ErrorDetail{Location: "query.q", Message: "must be text without control characters"}}
}

// String returns the text without white space around it. Bytes that are no text are
// found nowhere.
func (s Search) String() string {
	return strings.TrimSpace(strings.ToValidUTF8(string(s), string(unicode.ReplacementChar)))
}

// listed is the output of every list.
type listed[T any] struct {
	Link string `header:"Link" doc:"The next page, when there is one: <…>; rel=\"next\"."`
	Body []T
}

// list turns a page of domain objects into the output, with the link to the next
// page. last is the id that the next page begins after.
func list[D, T any](p *PageQuery, items []D, more bool, convert func(D) T, last func(D) id.UUID) *listed[T] {
	out := &listed[T]{Body: make([]T, len(items))}
	for i, item := range items {
		out.Body[i] = convert(item)
	}
	if more {
		q := p.self.Query()
		q.Set("cursor", cursor(last(items[len(items)-1])))
		q.Set("limit", strconv.Itoa(p.Limit))
		next := p.self
		next.RawQuery = q.Encode()
		out.Link = "<" + next.String() + `>; rel="next"`
	}
	return out
}

// inTx runs fn in a transaction and returns what it made: for writes that take no
// idempotency key.
func inTx[T any](ctx context.Context, a *API, fn func(*db.Tx) (T, error), options ...db.Option) (T, error) {
	var out T
	err := a.DB.InTx(ctx, func(tx *db.Tx) (err error) {
		out, err = fn(tx)
		return err
	}, options...)
	return out, err
}

// gone runs fn in a transaction and answers 204.
func gone(ctx context.Context, a *API, fn func(*db.Tx) error) (*nothing, error) {
	return &nothing{}, a.DB.InTx(ctx, fn)
}

// pageOf answers with a page of a store's things: what read finds, as convert writes
// it.
func pageOf[D, T any](ctx context.Context, a *API, p *PageQuery, read func(context.Context, db.Q, store.ID, db.Page) ([]D, bool, error), convert func(D) T, last func(D) id.UUID) (*listed[T], error) {
	items, more, err := read(ctx, a.DB, shop(ctx).ID, p.page())
	if err != nil {
		return nil, err
	}
	return list(p, items, more, convert, last), nil
}
