package nameserver_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/dns/nameserver"
)

// listen runs a server at an address until the end of the test.
func listen(t *testing.T, s *nameserver.Server, address string) string {
	t.Helper()
	l, err := s.Listen(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr()
}

func TestListener_answersOverUDPAndTCP(t *testing.T) {
	t.Parallel()
	s := serving(t, nameserver.Options{})
	address := listen(t, s, "127.0.0.1:0")
	var asking sync.WaitGroup
	for _, network := range []string{"udp", "tcp"} {
		for range 4 {
			asking.Go(func() {
				c := &wire.Client{Net: network, Timeout: time.Minute}
				conn, err := c.DialContext(t.Context(), address)
				if err != nil {
					t.Error(err)
					return
				}
				defer func() { _ = conn.Close() }()
				for range 50 {
					q := new(wire.Msg)
					q.SetQuestion("www.shop.example.", wire.TypeA)
					m, _, err := c.ExchangeWithConnContext(t.Context(), q, conn)
					if err != nil || len(m.Answer) != 2 {
						t.Errorf("over %s: %v, %v", network, m, err)
						return
					}
				}
			})
		}
	}
	asking.Wait()
}

// Whoever asks one address of a machine hears from that address.
func TestListener_answersFromTheAddressThatWasAsked(t *testing.T) {
	t.Parallel()
	s := serving(t, nameserver.Options{})
	_, port, err := net.SplitHostPort(listen(t, s, "0.0.0.0:0"))
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"127.0.0.1:", "127.0.0.77:"} {
		q := new(wire.Msg)
		q.SetQuestion("www.shop.example.", wire.TypeA)
		m, _, err := (&wire.Client{Timeout: time.Minute}).ExchangeContext(t.Context(), q, address+port) // its socket hears nobody else
		if err != nil || len(m.Answer) != 2 {
			t.Errorf("%s: %v, %v", address, m, err)
		}
	}
}
