package stripe

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"

	"vitrine/internal/payment"
)

// tolerance is how old a webhook's signature can be: older ones may be sent again by
// whoever has overheard them.
const tolerance = 5 * time.Minute

// Read implements payment.Provider.
func (p *Provider) Read(body []byte, signature string) (payment.Notice, error) {
	if p.settings.WebhookSecret == "" {
		return payment.Notice{}, payment.ErrForged
	}
	event, err := webhook.ConstructEventWithOptions(body, signature, p.settings.WebhookSecret, webhook.ConstructEventOptions{
		IgnoreAPIVersionMismatch: true, // only ids are read from it
		IgnoreTolerance:          true, // the clock is ours
	})
	if err != nil || p.db.Now().Sub(signedAt(signature)).Abs() > tolerance {
		return payment.Notice{}, payment.ErrForged
	}
	n := payment.Notice{ID: event.ID}
	if event.Data != nil {
		var about struct {
			Reference string            `json:"client_reference_id"`
			Metadata  map[string]string `json:"metadata"`
		}
		if json.Unmarshal(event.Data.Raw, &about) == nil {
			n.Key = or(about.Metadata[keyed], about.Reference)
		}
	}
	return n, nil
}

// signedAt is the time that a signature is for.
func signedAt(signature string) time.Time {
	for part := range strings.SplitSeq(signature, ",") {
		if at, ok := strings.CutPrefix(part, "t="); ok {
			n, _ := strconv.ParseInt(at, 10, 64)
			return time.Unix(n, 0)
		}
	}
	return time.Time{}
}
