package nameserver_test

import (
	"encoding/hex"
	"net/netip"
	"testing"

	wire "github.com/miekg/dns"

	"vitrine/internal/dns/nameserver"
)

// Whatever comes, nothing breaks: an answer can be read, belongs to the question, is no
// larger than it may be, and what cannot be read as a message gets none with records.
func FuzzAnswer_canBeRead(f *testing.F) {
	for _, kind := range []uint16{wire.TypeA, wire.TypeNS, wire.TypeMX, wire.TypeANY, wire.TypeDS, wire.TypeAXFR} {
		for _, name := range []string{"shop.example.", "x.old.shop.example.", "a.b.wild.shop.example.", "ns.sub.shop.example.", "WWW.shop.example.", "."} {
			q := new(wire.Msg)
			q.SetQuestion(name, kind)
			withCookie(q, "0102030405060708")
			q.IsEdns0().SetDo()
			raw, err := q.Pack()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
		}
	}
	plain := serving(f, nameserver.Options{PerSecond: 1 << 20})
	for _, text := range []string{"", "00", "000080000001000000000000", "0000000000010000000000003f"} {
		raw, err := hex.DecodeString(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		before := string(message)
		over := plain.AnswerTo(netip.MustParseAddr("192.0.2.1"), message)
		if string(message) != before {
			t.Error("the question was changed")
		}
		for i, answer := range [][]byte{over, plain.Answer(message, true)} {
			if answer == nil {
				continue
			}
			m := new(wire.Msg)
			if err := m.Unpack(answer); err != nil {
				t.Fatalf("%x is answered %x: %v", message, answer, err)
			}
			if !m.Response || answer[0] != message[0] || answer[1] != message[1] || i == 0 && len(answer) > 1232 {
				t.Errorf("%x is answered %v", message, m)
			}
			q := new(wire.Msg)
			if err := q.Unpack(message); err != nil && len(m.Answer)+len(m.Ns) > 0 && q.Opcode == 0 && len(q.Question) != 1 {
				t.Errorf("%x is no message (%v), and is answered %v", message, err, m)
			}
			if len(m.Question) == 1 && len(m.Answer) > 0 && (len(q.Question) != 1 || m.Question[0] != q.Question[0]) {
				t.Errorf("%v is answered %v", q, m)
			}
		}
	})
}
