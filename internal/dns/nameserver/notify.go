package nameserver

import (
	"context"
	"log/slog"
	"sync"
	"time"

	wire "github.com/miekg/dns"
)

const (
	notifyTries  = 5
	notifyAtOnce = 32
)

// notifier tells the peers which zones have changed (RFC 1996).
type notifier struct {
	mu      sync.Mutex
	waiting map[name]bool
	wake    chan struct{}
}

// changed has the peers told of a zone.
func (n *notifier) changed(origin name) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waiting[origin] = true
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *notifier) take() map[name]bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := n.waiting
	n.waiting = map[name]bool{}
	return all
}

// Notify tells the peers of each zone that changes, until ctx ends. What has changed
// before is not told: peers look for themselves now and then.
func (s *Server) Notify(ctx context.Context) error {
	n := &notifier{waiting: map[name]bool{}, wake: make(chan struct{}, 1)}
	s.notifier.Store(n)
	defer s.notifier.Store(nil)
	var telling sync.WaitGroup
	defer telling.Wait()
	places := make(chan struct{}, notifyAtOnce)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-n.wake:
		}
		for origin := range n.take() {
			for _, peer := range s.Peers.Addresses {
				select {
				case <-ctx.Done():
					return nil
				case places <- struct{}{}:
				}
				telling.Go(func() {
					s.tell(ctx, peer, origin)
					<-places
				})
			}
		}
	}
}

// tell tells one peer of a zone, until it answers.
func (s *Server) tell(ctx context.Context, peer string, origin name) {
	client := &wire.Client{Timeout: 3 * time.Second, TsigSecret: map[string]string{s.Peers.Key.Name: s.Peers.Key.Secret}}
	var err error
	for try := range notifyTries {
		m := new(wire.Msg)
		m.SetNotify(origin.String())
		if z := s.zones.exact(origin); z != nil {
			m.Answer = z.unpack(z.origin, z.soa)
		}
		m.SetTsig(s.Peers.Key.Name, s.Peers.Key.Algorithm, 300, s.Clock.Now().Unix())
		if _, _, err = client.ExchangeContext(ctx, m, peer); err == nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second << try):
		}
	}
	slog.WarnContext(ctx, "nameserver: a secondary does not hear that a zone has changed", "zone", origin.String(), "secondary", peer, "error", err)
}
