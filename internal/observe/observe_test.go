package observe_test

import (
	"testing"

	"vitrine/internal/observe"
)

const aStatement = `SELECT id, title, slug, status FROM product WHERE store_id = $1 AND slug = $2 AND deleted_at IS NULL`

// What counting costs a request, and each of its statements: some hundreds of nanoseconds
// where a page takes tens of microseconds.
func BenchmarkRequest(b *testing.B) {
	o, err := observe.New(b.Context(), observe.Options{Version: "test"})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		ctx, r := o.Began(b.Context(), "GET", "", "")
		observe.Part(ctx, "storefront")
		observe.Route(ctx, "GET /products/{slug}")
		o.Ended(r, 200)
	}
}

func BenchmarkStatement(b *testing.B) {
	o, err := observe.New(b.Context(), observe.Options{Version: "test"})
	if err != nil {
		b.Fatal(err)
	}
	p := o.Pool("sqlite", "read")
	for b.Loop() {
		_, s := p.Statement(b.Context(), aStatement)
		s.End("ok")
	}
}

func BenchmarkStatement_nobodyCounts(b *testing.B) {
	var p *observe.Pool
	for b.Loop() {
		_, s := p.Statement(b.Context(), aStatement)
		s.End("ok")
	}
}
