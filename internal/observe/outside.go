package observe

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"vitrine/internal/clock"
)

// outside are the figures of those who are called, and who call.
type outside struct {
	dns, registrar, certificates *prometheus.HistogramVec

	drift, webhooks, mails, answers *prometheus.CounterVec
}

func newOutside() outside {
	return outside{
		dns:          histogram("dns_provider_seconds", "How long calls of the DNS provider took, by how they ended.", slow, "provider", "operation", "outcome"),
		registrar:    histogram("registrar_seconds", "How long calls of the registrar took, by how they ended.", slow, "registrar", "operation", "outcome"),
		certificates: histogram("certificate_issue_seconds", "How long it took an authority to issue a certificate, by how it ended.", long, "authority", "outcome"),
		drift:        counter("dns_drift_looks_total", "Looks whether a provider's records are as Vitrine wrote them: same, differs.", "outcome"),
		webhooks:     counter("webhook_attempts_total", "Attempts to deliver a webhook: delivered, refused (another status than 2xx), unanswered.", "outcome"),
		mails:        counter("mails_total", "Attempts to send a mail: sent, refused, failed.", "outcome"),
		answers:      counter("nameserver_answers_total", "Answers of the built-in name server by their code; dropped ones were held back by the limits or could not be read.", "rcode"),
	}
}

func (o outside) register(r *prometheus.Registry) {
	for _, became := range []string{"ok", "unanswered", "limited", "unproven", "denied"} {
		o.certificates.WithLabelValues("main", became)
	}
	begin(o.drift, "same", "differs")
	begin(o.webhooks, "delivered", "refused", "unanswered")
	begin(o.mails, "sent", "refused", "failed")
	begin(o.answers, "NOERROR", "SERVFAIL", "dropped")
	r.MustRegister(o.dns, o.registrar, o.certificates, o.drift, o.webhooks, o.mails, o.answers)
}

// Call is one of somebody outside that is under way.
type Call struct {
	by    *prometheus.HistogramVec
	who   []string
	watch clock.Watch
	span  trace.Span
}

func (o *Observer) call(ctx context.Context, by *prometheus.HistogramVec, who ...string) (context.Context, Call) {
	c := Call{by: by, who: who, watch: clock.Start()}
	if o.traced(ctx) {
		ctx, c.span = o.tracer.Start(ctx, who[len(who)-1], trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("vitrine.peer", who[0])))
	}
	return ctx, c
}

// End notes how a call ended, in a word: "ok" where all went well.
func (c Call) End(outcome string) {
	if c.by == nil {
		return
	}
	c.by.WithLabelValues(append(c.who, outcome)...).Observe(c.watch.Elapsed().Seconds())
	if c.span != nil {
		if outcome != "ok" {
			c.span.SetStatus(codes.Error, outcome)
		}
		c.span.End()
	}
}

// DNSCall notes that a DNS provider is called.
func (o *Observer) DNSCall(ctx context.Context, provider, operation string) (context.Context, Call) {
	if o == nil {
		return ctx, Call{}
	}
	return o.call(ctx, o.dns, provider, operation)
}

// RegistrarCall notes that a registrar is called.
func (o *Observer) RegistrarCall(ctx context.Context, registrar, operation string) (context.Context, Call) {
	if o == nil {
		return ctx, Call{}
	}
	return o.call(ctx, o.registrar, registrar, operation)
}

// Issue notes that an authority is asked for a certificate.
func (o *Observer) Issue(ctx context.Context, authority string) (context.Context, Call) {
	if o == nil {
		return ctx, Call{}
	}
	return o.call(ctx, o.certificates, authority)
}

// Drift notes what a look at a provider's records found.
func (o *Observer) Drift(differences int) {
	if o == nil {
		return
	}
	found := "same"
	if differences > 0 {
		found = "differs"
	}
	o.drift.WithLabelValues(found).Inc()
}

// Webhook notes how an attempt to deliver ended. The status of no answer is 0.
func (o *Observer) Webhook(status int, delivered bool) {
	if o == nil {
		return
	}
	became := "refused"
	switch {
	case delivered:
		became = "delivered"
	case status == 0:
		became = "unanswered"
	}
	o.webhooks.WithLabelValues(became).Inc()
}

// Mail notes how an attempt to send a mail ended.
func (o *Observer) Mail(outcome string) {
	if o != nil {
		o.mails.WithLabelValues(outcome).Inc()
	}
}

// Answers returns what counts the answers of the name server with a code. A nil
// Observer returns nil.
func (o *Observer) Answers(rcode string) Count {
	if o == nil {
		return nil
	}
	return o.answers.WithLabelValues(rcode)
}

// Count counts one thing.
type Count interface{ Inc() }
