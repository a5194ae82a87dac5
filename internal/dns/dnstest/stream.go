package dnstest

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

// Stream leads to a server whose TCP connections fail now and then as those of real
// ones do: it cuts one before the server has heard of it, or when the server has done
// what it was asked for.
type Stream struct {
	Address string

	server string
	mu     sync.Mutex
	random *rand.Rand
	off    bool
}

// NewStream leads to a server at an address, with one fault in six connections,
// always in the same order for the same seed.
func NewStream(t *testing.T, server string, seed uint64) *Stream {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Stream{Address: l.Addr().String(), server: server, random: rand.New(rand.NewPCG(seed, seed))} //nolint:gosec // repeatable
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.lead(client) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); serving.Wait() })
	return s
}

// Mend ends the faults.
func (s *Stream) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = true
}

func (s *Stream) draw() (late, failing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.random.IntN(2) == 0, s.random.IntN(6) == 0 && !s.off
}

// lead serves one connection.
func (s *Stream) lead(client net.Conn) {
	defer func() { _ = client.Close() }()
	late, failing := s.draw()
	if failing && !late {
		return
	}
	server, err := net.Dial("tcp", s.server) //nolint:noctx // ends with its client
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	if failing {
		_, _ = server.Read(make([]byte, 1)) // it has answered
		return
	}
	_, _ = io.Copy(client, server)
}
