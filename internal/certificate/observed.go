package certificate

import (
	"context"
	"errors"

	"vitrine/internal/observe"
)

// Observed returns the authority with what it issues counted under a name. Without an
// observer it is the authority itself.
func Observed(a Authority, name string, o *observe.Observer) Authority {
	if o == nil {
		return a
	}
	return observed{a, name, o}
}

type observed struct {
	Authority
	name string
	by   *observe.Observer
}

// outcomes are how orders end, in a word.
var outcomes = map[Kind]string{Unanswered: "unanswered", Limited: "limited", Unproven: "unproven", Denied: "denied"}

func (a observed) Obtain(ctx context.Context, r Request) ([]byte, error) {
	ctx, call := a.by.Issue(ctx, a.name)
	chain, err := a.Authority.Obtain(ctx, r)
	outcome := "ok"
	if err != nil {
		outcome = outcomes[Unanswered]
		if e, ok := errors.AsType[*Error](err); ok {
			outcome = outcomes[e.Kind]
		}
	}
	call.End(outcome)
	return chain, err
}
