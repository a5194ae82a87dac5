package web_test

import (
	"fmt"
	"testing"
	"time"

	"vitrine/internal/web"
)

func TestLimiter_givesEachAddressItsShareOfASecond(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	l := web.NewLimiter(10)
	allowed := func(address string, tries int) (n int) {
		for range tries {
			if l.Allow(address, at) {
				n++
			}
		}
		return n
	}
	if n := allowed("203.0.113.1", 25); n != 10 {
		t.Errorf("%d of 25 at once", n)
	}
	if n := allowed("203.0.113.2", 25); n != 10 {
		t.Errorf("%d of another's 25", n)
	}
	at = at.Add(500 * time.Millisecond)
	if n := allowed("203.0.113.1", 25); n != 5 {
		t.Errorf("%d half a second later", n)
	}
	for range 5 { // however the buckets are turned over
		at = at.Add(time.Second)
		if n := allowed("203.0.113.1", 25); n != 10 {
			t.Errorf("%d a second later", n)
		}
	}
	if n := allowed("2001:db8::1", 6) + allowed("2001:db8::ffff:2", 6); n != 10 {
		t.Errorf("%d from one network of IPv6", n)
	}
	if n := allowed("2001:db8:0:1::1", 6) + allowed("::ffff:203.0.113.9", 6); n != 12 {
		t.Errorf("%d from two others", n)
	}
	if n := allowed("not an address", 25); n != 10 {
		t.Errorf("%d from nowhere", n)
	}
}

func TestLimiter_withoutALimitLetsAllPass(t *testing.T) {
	t.Parallel()
	var none *web.Limiter
	for _, l := range []*web.Limiter{none, web.NewLimiter(0)} {
		for i := range 1000 {
			if !l.Allow(fmt.Sprint("203.0.113.", i%256), time.Time{}) {
				t.Fatal("refused")
			}
		}
	}
}
