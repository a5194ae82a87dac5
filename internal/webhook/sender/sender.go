// Package sender takes events from the outbox of package webhook to their
// addresses.
//
// It is a queue of its own beside package job because what it waits for is other
// people's servers: a worker of a job that waits for a dead one would keep clones
// and imports from running. Each webhook has a queue, of which a few deliveries are
// under way at once; how many events a bulk import makes does not change that, nor
// what the other webhooks get. Deliveries may arrive in another order than the
// events happened; their timestamp tells.
package sender

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/webhook"
)

// Options are how a Sender works. A zero field takes its default.
type Options struct {
	Poll    time.Duration // between two looks at the outbox; 250 ms
	Timeout time.Duration // of one try, from dialling to the answer; 10 s
	AtOnce  int           // deliveries under way to one webhook; 4
	Lanes   int           // webhooks that are sent to at once, and as many more that failed before; 64
}

// Sender delivers what the outbox holds. Several processes may run one each.
type Sender struct {
	Options
	db     *db.DB
	hooks  *webhook.Service
	client *http.Client

	smooth, rough chan struct{} // places for webhooks that answered last, and that did not
	freed         chan struct{} // a place has become free
	sending       sync.WaitGroup

	mu      sync.Mutex
	busy    map[webhook.ID]bool
	failing map[webhook.ID]bool // failed last, as far as this process knows
}

// New returns a Sender. It does nothing before Run.
func New(d *db.DB, hooks *webhook.Service, o Options) *Sender {
	o.Poll = cmp.Or(o.Poll, 250*time.Millisecond)
	o.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	o.AtOnce = cmp.Or(o.AtOnce, 4)
	o.Lanes = cmp.Or(o.Lanes, 64)
	return &Sender{
		Options: o, db: d, hooks: hooks, client: newClient(hooks, o),
		smooth: make(chan struct{}, o.Lanes), rough: make(chan struct{}, o.Lanes), freed: make(chan struct{}, 1),
		busy: map[webhook.ID]bool{}, failing: map[webhook.ID]bool{},
	}
}

// Run delivers until ctx ends. What is under way then gets its answer written down
// before Run returns, which takes no longer than Timeout.
func (s *Sender) Run(ctx context.Context) error {
	defer s.client.CloseIdleConnections()
	defer s.sending.Wait()
	for ctx.Err() == nil {
		wait := s.Poll
		due, err := webhook.Due(ctx, s.db, s.db.Now())
		if err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "webhooks: look into the outbox", "error", err)
			wait = max(wait, time.Second)
		}
		rand.Shuffle(len(due), func(i, j int) { due[i], due[j] = due[j], due[i] }) // no webhook is always last
		for _, q := range due {
			s.begin(ctx, q)
		}
		select {
		case <-ctx.Done():
		case <-s.freed:
		case <-time.After(wait):
		}
	}
	return nil
}

// begin sends a queue on its way, unless that is being done or its lane is full.
func (s *Sender) begin(ctx context.Context, q webhook.Queue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lane := s.smooth
	if s.failing[q.Webhook] {
		lane = s.rough
	}
	if s.busy[q.Webhook] {
		return
	}
	select {
	case lane <- struct{}{}:
	default:
		return
	}
	s.busy[q.Webhook] = true
	s.sending.Go(func() {
		more := s.drain(ctx, q)
		s.mu.Lock()
		delete(s.busy, q.Webhook)
		s.mu.Unlock()
		<-lane
		if more {
			select {
			case s.freed <- struct{}{}:
			default:
			}
		}
	})
}

// rounds is how long a queue may go on before the others get their turn.
const rounds = 25

// drain sends what is due of a queue, until one fails or others should have their
// turn. It tells whether more may be due at once: not where nothing got through.
func (s *Sender) drain(ctx context.Context, q webhook.Queue) (more bool) {
	for range rounds {
		if ctx.Err() != nil {
			return false
		}
		parcels, err := s.hooks.Claim(ctx, s.db, q, s.AtOnce, s.lease())
		if err != nil {
			s.report(ctx, "take from the outbox", q, err)
			return false
		}
		if len(parcels) == 0 {
			return false
		}
		outcomes, failed := s.sendAll(context.WithoutCancel(ctx), parcels)
		s.settle(ctx, q, outcomes)
		s.mark(q.Webhook, failed > 0)
		if failed > 0 {
			return failed < len(parcels)
		}
	}
	return true
}

// lease is how long deliveries are this process's own: enough to send them and to
// write down what became of it.
func (s *Sender) lease() time.Duration { return 2*s.Timeout + 5*time.Second }

func (s *Sender) sendAll(ctx context.Context, parcels []webhook.Parcel) (outcomes []webhook.Outcome, failed int) {
	outcomes = make([]webhook.Outcome, len(parcels))
	var all sync.WaitGroup
	for i, p := range parcels {
		all.Go(func() { outcomes[i] = s.send(ctx, p) })
	}
	all.Wait()
	for _, o := range outcomes {
		if o.Error != "" {
			failed++
		}
	}
	return outcomes, failed
}

// settle writes down the outcomes, also while the process is stopping. Where the
// database is away for longer than the lease they are sent again, later.
func (s *Sender) settle(ctx context.Context, q webhook.Queue, outcomes []webhook.Outcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Timeout)
	defer cancel()
	for {
		err := s.hooks.Settle(ctx, s.db, q, outcomes)
		if err == nil {
			return
		}
		s.report(ctx, "write down what became of them", q, err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

func (s *Sender) mark(w webhook.ID, failed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if failed {
		s.failing[w] = true
	} else {
		delete(s.failing, w)
	}
}

func (s *Sender) report(ctx context.Context, doing string, q webhook.Queue, err error) {
	if ctx.Err() == nil {
		slog.ErrorContext(ctx, "webhooks: "+doing, "store", q.Store, "webhook", q.Webhook, "error", err)
	}
}
