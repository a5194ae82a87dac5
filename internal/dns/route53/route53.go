// Package route53 keeps records at Amazon Route 53.
package route53

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"golang.org/x/time/rate"

	"vitrine/internal/dns"
)

// Settings are the account that has the zones.
type Settings struct {
	Endpoint        string // "" is Amazon's own
	Region          string
	AccessKeyID     string
	SecretAccessKey string
	PerSecond       rate.Limit // requests; the account has five, for all who use it
}

// PerSecond is how many requests of an account Route 53 takes.
const PerSecond rate.Limit = 5

const timeout = 15 * time.Second

// backend implements dns.Backend.
type backend struct {
	*dns.Pending
	api  *api.Client
	pace *rate.Limiter
}

// New returns a provider.
func New(s Settings, v dns.Verifier) dns.Provider {
	options := api.Options{
		Region: s.Region, Credentials: credentials.NewStaticCredentialsProvider(s.AccessKeyID, s.SecretAccessKey, ""),
		Retryer: aws.NopRetryer{}, // a change whose answer was lost is not asked for twice
	}
	if s.Endpoint != "" {
		options.BaseEndpoint = aws.String(strings.TrimSuffix(s.Endpoint, "/"))
	}
	b := &backend{api: api.New(options), pace: rate.NewLimiter(s.PerSecond, max(1, int(s.PerSecond)))}
	b.Pending = &dns.Pending{Verifier: v, Provider: "Route 53", Ask: b.pending}
	return dns.NewOfSets(b)
}

// call waits for its turn and asks.
func call[In, Out any](ctx context.Context, b *backend, do func(context.Context, In, ...func(*api.Options)) (Out, error), in In) (out Out, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := b.pace.Wait(ctx); err != nil {
		return out, dns.Errorf(dns.Limited, "Route 53 takes few requests a second, and too many are waiting: %w", err)
	}
	out, err = do(ctx, in)
	return out, told(err)
}

const zonePrefix = "/hostedzone/"

// ZoneID implements dns.Backend. Private zones, which the world does not see, do not
// count.
func (b *backend) ZoneID(ctx context.Context, domain string) (string, error) {
	for _, name := range dns.Enclosing(domain) {
		found, err := call(ctx, b, b.api.ListHostedZonesByName, &api.ListHostedZonesByNameInput{DNSName: aws.String(name)})
		if err != nil {
			return "", err
		}
		public := slices.DeleteFunc(found.HostedZones, func(z types.HostedZone) bool {
			return aws.ToString(z.Name) != name+"." || z.Config != nil && z.Config.PrivateZone // the name is where the list begins
		})
		switch len(public) {
		case 0:
		case 1:
			return strings.TrimPrefix(aws.ToString(public[0].Id), zonePrefix), nil
		default:
			return "", dns.Errorf(dns.Refused, "Route 53 has %d zones called %s: delete those that the domain is not delegated to", len(public), name)
		}
	}
	return "", dns.Errorf(dns.NoZone, "Route 53 has no zone for %s", domain)
}

// Sets implements dns.Backend.
func (b *backend) Sets(ctx context.Context, zone string) ([]dns.Set, error) {
	var all []dns.Set
	in := &api.ListResourceRecordSetsInput{HostedZoneId: aws.String(zone)}
	for {
		page, err := call(ctx, b, b.api.ListResourceRecordSets, in)
		if err != nil {
			return nil, err
		}
		for _, s := range page.ResourceRecordSets {
			if set, ok := read(s); ok {
				all = append(all, set)
			}
		}
		if !page.IsTruncated {
			return all, nil
		}
		in.StartRecordName, in.StartRecordType, in.StartRecordIdentifier = page.NextRecordName, page.NextRecordType, page.NextRecordIdentifier
	}
}

// Set implements dns.Backend: a list that begins at the set and ends there.
func (b *backend) Set(ctx context.Context, zone, name string, t dns.Type) (dns.Set, error) {
	page, err := call(ctx, b, b.api.ListResourceRecordSets, &api.ListResourceRecordSetsInput{
		HostedZoneId: aws.String(zone), StartRecordName: aws.String(name + "."), StartRecordType: types.RRType(t), MaxItems: aws.Int32(1),
	})
	if err != nil {
		return dns.Set{}, err
	}
	for _, s := range page.ResourceRecordSets {
		if set, ok := read(s); ok && set.Name == name && set.Type == t {
			return set, nil
		}
	}
	return dns.Set{Name: name, Type: t}, nil
}

// Replace implements dns.Backend. What is deleted has to be told exactly, so that
// another's change in between makes Route 53 refuse.
func (b *backend) Replace(ctx context.Context, zone string, before, after dns.Set) error {
	var changes []types.Change
	if len(before.RData) > 0 {
		changes = append(changes, types.Change{Action: types.ChangeActionDelete, ResourceRecordSet: write(before)})
	}
	if len(after.RData) > 0 {
		changes = append(changes, types.Change{Action: types.ChangeActionCreate, ResourceRecordSet: write(after)})
	}
	done, err := call(ctx, b, b.api.ChangeResourceRecordSets, &api.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(zone), ChangeBatch: &types.ChangeBatch{Changes: changes},
	})
	if err != nil {
		return err
	}
	change := ""
	if is := done.ChangeInfo; is != nil && is.Status == types.ChangeStatusPending {
		change = aws.ToString(is.Id)
	}
	b.Remember(after, change)
	return nil
}

// pending tells whether Route 53 is still telling its name servers of a change.
func (b *backend) pending(ctx context.Context, change string) (bool, error) {
	is, err := call(ctx, b, b.api.GetChange, &api.GetChangeInput{Id: aws.String(change)})
	return err == nil && is.ChangeInfo.Status == types.ChangeStatusPending, err
}
