package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"vitrine/internal/certificate"
	"vitrine/internal/config"
	"vitrine/internal/job"
	"vitrine/internal/mail"
	"vitrine/internal/observe"
	"vitrine/internal/purchase"
	"vitrine/internal/webhook"
)

// newObserver returns who is told of what happens, or nil where nobody would hear of it:
// no address is set for operators, and no collector in the environment.
func newObserver(ctx context.Context, c *config.Config) (*observe.Observer, error) {
	otlp, err := observe.FromEnvironment(os.Getenv)
	if err != nil {
		return nil, err
	}
	if c.AdminAddr == "" && !otlp.On() {
		return nil, nil //nolint:nilnil // a nil Observer hears nothing
	}
	return observe.New(ctx, observe.Options{Version: version(), OTLP: otlp})
}

// release is the version that a release was built as: see scripts/dist.sh.
var release string

// Release is the version of a release, or "" where somebody has built the sources as they
// are.
func Release() string { return release }

func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}

// tellFigures has what the database knows read with the other figures.
func (a *App) tellFigures() {
	o := a.db.Observer()
	o.Ask("jobs", a.jobFigures,
		observe.Figure{Name: "jobs", Help: "Jobs that are queued or running, in the whole database.", Labels: []string{"kind", "status"}},
		observe.Figure{Name: "jobs_oldest_seconds", Help: "How long the oldest queued job waits beyond the time at which it could begin.", Labels: []string{"kind"}})
	o.Ask("certificates", a.certificateFigures,
		observe.Figure{Name: "certificates", Help: "Certificates by their state: good, due (to be renewed), expired.", Labels: []string{"state"}},
		observe.Figure{Name: "certificate_soonest_end_days", Help: "Days until the first certificate ends that has not ended yet."})
	o.Ask("purchases", a.purchaseFigures, observe.Figure{Name: "purchases", Help: "Purchases and renewals of names by their state.", Labels: []string{"state"}})
	o.Ask("outbox", a.outboxFigures,
		observe.Figure{Name: "webhook_deliveries_waiting", Help: "Deliveries of webhooks that are still to be made."},
		observe.Figure{Name: "mails_waiting", Help: "Mails that are still to be sent."})
	if a.dns != nil {
		o.Ask("zones", func(context.Context) ([][]observe.Reading, error) {
			return [][]observe.Reading{one(float64(a.dns.server.Zones()))}, nil
		}, observe.Figure{Name: "nameserver_zones", Help: "Zones that the built-in name server answers for."})
	}
}

func one(value float64, labels ...string) []observe.Reading {
	return []observe.Reading{{Value: value, Labels: labels}}
}

func (a *App) jobFigures(ctx context.Context) ([][]observe.Reading, error) {
	all, err := job.Backlogs(ctx, a.db)
	var jobs, oldest []observe.Reading
	for _, b := range all {
		jobs = append(jobs, observe.Reading{Labels: []string{b.Kind, string(b.Status)}, Value: float64(b.Jobs)})
		if b.Status == job.Queued {
			oldest = append(oldest, observe.Reading{Labels: []string{b.Kind}, Value: b.Waiting.Seconds()})
		}
	}
	return [][]observe.Reading{jobs, oldest}, err
}

func (a *App) certificateFigures(ctx context.Context) ([][]observe.Reading, error) {
	now := a.db.Now()
	s, err := certificate.TakeStock(ctx, a.db.Prepared(), now)
	states := []observe.Reading{
		{Labels: []string{"good"}, Value: float64(s.Good)}, {Labels: []string{"due"}, Value: float64(s.Due)}, {Labels: []string{"expired"}, Value: float64(s.Expired)},
	}
	var days []observe.Reading
	if s.Soonest != nil {
		days = one(s.Soonest.Sub(now).Hours() / 24)
	}
	return [][]observe.Reading{states, days}, err
}

func (a *App) purchaseFigures(ctx context.Context) ([][]observe.Reading, error) {
	states, err := purchase.States(ctx, a.db.Prepared())
	var readings []observe.Reading
	for _, s := range purchase.AllStates {
		readings = append(readings, observe.Reading{Labels: []string{string(s)}, Value: float64(states[s])})
	}
	return [][]observe.Reading{readings}, err
}

func (a *App) outboxFigures(ctx context.Context) ([][]observe.Reading, error) {
	deliveries, err := webhook.Waiting(ctx, a.db.Prepared())
	if err != nil {
		return nil, err
	}
	mails, err := mail.Waiting(ctx, a.db.Prepared())
	return [][]observe.Reading{one(float64(deliveries)), one(float64(mails))}, err
}

// ListenAdmin listens for operators where the settings say; nil: nowhere.
func (a *App) ListenAdmin(ctx context.Context) (net.Listener, error) {
	if a.config.AdminAddr == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", a.config.AdminAddr)
	if err != nil {
		return nil, fmt.Errorf("the setting admin_addr (VITRINE_ADMIN_ADDR) names where to listen: %w", err)
	}
	return listener, nil
}

// AdminHandler answers operators.
func (a *App) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", a.handler)
	mux.Handle("GET /readyz", a.handler)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	if o := a.db.Observer(); o != nil {
		mux.Handle("GET /metrics", promhttp.HandlerFor(o.Gatherer(), promhttp.HandlerOpts{ErrorLog: promLog{}, ErrorHandling: promhttp.ContinueOnError}))
	}
	return mux
}

// promLog logs what keeps figures from being told.
type promLog struct{}

func (promLog) Println(values ...any) { slog.Error("metrics: " + fmt.Sprint(values...)) }

// ServeAdmin answers operators until ctx ends.
func (a *App) ServeAdmin(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: a.AdminHandler(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug)}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	slog.InfoContext(ctx, "answering operators", "address", listener.Addr().String())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("answer operators: %w", err)
	}
	return nil
}

// sendWithin is how long telemetry that is not sent yet may hold up the end.
const sendWithin = 3 * time.Second

// sendLast sends the telemetry of the last seconds.
func (a *App) sendLast(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	if err := a.db.Observer().Stop(ctx); err != nil {
		slog.WarnContext(ctx, "the last telemetry was not sent", "error", err)
	}
}
