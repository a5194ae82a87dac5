package dns_test

import (
	"strings"
	"testing"

	"vitrine/internal/dns"
	"vitrine/internal/fault"
)

func FuzzQuoteText_comesBack(f *testing.F) {
	for _, s := range []string{"", "a b", `"`, `\`, "é", "\x00\xff", strings.Repeat("x", 600)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if back, ok := dns.UnquoteText(dns.QuoteText(s)); !ok || back != s {
			t.Errorf("%q comes back as %q", s, back)
		}
	})
}

func FuzzParseRData_whatItTakesIsWrittenAndReadTheSame(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "2001:db8::1", "a.example.", "10 mail.example.", `"one" two`, "1 2 3 sip.example.", `0 issue "a.org"`, `"\`, `"\300"`} {
		for i := range dns.Types {
			f.Add(i, s)
		}
	}
	f.Fuzz(func(t *testing.T, i int, s string) {
		if i < 0 || i >= len(dns.Types) {
			return
		}
		r, ok := dns.ParseRData("shop.example", dns.Types[i], 300, s)
		if !ok {
			return
		}
		again, ok := dns.ParseRData("shop.example", dns.Types[i], 300, r.RData())
		if !ok || !again.Equal(r) {
			t.Errorf("%s %q is %v, and then %v", dns.Types[i], s, r, again)
		}
	})
}

func FuzzCheck_leavesWhatItHasChecked(f *testing.F) {
	for _, s := range []string{"192.0.2.1", "A.Example.", "1 2 sip.example", `0 ISSUE a.org`, "text", "."} {
		for i := range dns.Types {
			f.Add(i, s)
		}
	}
	f.Fuzz(func(t *testing.T, i int, s string) {
		if i < 0 || i >= len(dns.Types) {
			return
		}
		r := dns.Record{Type: dns.Types[i], Value: s, TTL: 300}
		if rank := 1; r.Type.Ranked() {
			r.Priority = &rank
		}
		var first, second fault.Form
		if r.Check(&first); first.Err() != nil {
			return
		}
		once := r.Value
		if r.Check(&second); second.Err() != nil || r.Value != once {
			t.Errorf("%s %q becomes %q and then %q: %v", r.Type, s, once, r.Value, second.Err())
		}
		back, ok := dns.ParseRData("shop.example", r.Type, 300, r.RData())
		if !ok || back.Value != r.Value {
			t.Errorf("%s %q at a provider is %q: %q", r.Type, r.Value, r.RData(), back.Value)
		}
	})
}
