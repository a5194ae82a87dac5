package route53

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"vitrine/internal/dns"
)

// maxLatest bounds how many changes are remembered, usual how long Route 53 takes to
// tell all of its name servers of one.
const (
	maxLatest = 1000
	usual     = time.Minute
)

// remember keeps a change that is not everywhere yet.
func (b *backend) remember(set setName, change *types.ChangeInfo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.latest, set)
	if change != nil && change.Status == types.ChangeStatusPending && len(b.latest) < maxLatest {
		b.latest[set] = aws.ToString(change.Id)
	}
}

// pending tells whether the last change to a set is still on its way.
func (b *backend) pending(ctx context.Context, set setName) bool {
	b.mu.Lock()
	id, known := b.latest[set]
	b.mu.Unlock()
	if !known {
		return false
	}
	is, err := call(ctx, b, b.api.GetChange, &api.GetChangeInput{Id: aws.String(id)})
	if err != nil || is.ChangeInfo.Status == types.ChangeStatusPending {
		return err == nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.latest[set] == id {
		delete(b.latest, set)
	}
	return false
}

// VerifyPropagation implements dns.Backend. Where a record is not seen while Route 53
// is still telling its name servers of it, that is said first.
func (b *backend) VerifyPropagation(ctx context.Context, name string, t dns.Type, value string) (dns.Propagation, error) {
	p, err := b.Verifier.VerifyPropagation(ctx, name, t, value)
	if err != nil || p.Done || !b.pending(ctx, setName{name, t}) {
		return p, err
	}
	p.Answers = slices.Insert(p.Answers, 0, dns.Answer{
		Resolver: "Route 53", Observed: []string{}, Cause: "Route 53 is still telling its name servers of the change.", Wait: usual,
	})
	return p, nil
}
