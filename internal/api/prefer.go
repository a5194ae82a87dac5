package api

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Preference is how a client says that it does not want to wait (RFC 7240).
type Preference struct {
	Prefer string `header:"Prefer" doc:"respond-async: answer at once with 202 and a job." example:"respond-async"`

	async bool
}

// Resolve implements huma.Resolver. A client may send the header several times.
func (p *Preference) Resolve(hctx huma.Context) []error {
	hctx.EachHeader(func(name, value string) {
		if !strings.EqualFold(name, "Prefer") {
			return
		}
		for preference := range strings.SplitSeq(value, ",") {
			token, _, _ := strings.Cut(preference, ";")
			p.async = p.async || strings.EqualFold(strings.TrimSpace(token), "respond-async")
		}
	})
	return nil
}
