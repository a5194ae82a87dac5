package route53

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"vitrine/internal/dns"
)

// read reads a set. ok is false for those that Route 53 makes up itself (aliases, and
// sets by weight, region and the like) and for types that merchants cannot have.
func read(s types.ResourceRecordSet) (set dns.Set, ok bool) {
	if s.AliasTarget != nil || s.SetIdentifier != nil || s.TTL == nil || !slices.Contains(dns.Types, dns.Type(s.Type)) {
		return dns.Set{}, false
	}
	name := strings.ToLower(strings.TrimSuffix(toDecimal(aws.ToString(s.Name)), "."))
	set = dns.Set{Name: strings.ReplaceAll(name, `\042`, "*"), Type: dns.Type(s.Type), TTL: int(*s.TTL)}
	for _, r := range s.ResourceRecords {
		own := aws.ToString(r.Value)
		set.Own, set.RData = append(set.Own, own), append(set.RData, toDecimal(own))
	}
	return set, true
}

// write says a set as Route 53 does, or as it has said it before.
func write(s dns.Set) *types.ResourceRecordSet {
	out := &types.ResourceRecordSet{Name: aws.String(s.Name + "."), Type: types.RRType(s.Type), TTL: aws.Int64(int64(s.TTL))}
	values := s.Own
	if values == nil {
		for _, rdata := range s.RData {
			values = append(values, toOctal(rdata))
		}
	}
	for _, v := range values {
		out.ResourceRecords = append(out.ResourceRecords, types.ResourceRecord{Value: aws.String(v)})
	}
	return out
}

// The escapes of Route 53 are octal, those of zone files decimal.
func toDecimal(s string) string { return reescape(s, 8, `\%03d`) }
func toOctal(s string) string   { return reescape(s, 10, `\%03o`) }

// reescape writes the escapes of bytes anew, which are in a base.
func reescape(s string, base int, format string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], base, 8); err == nil {
				fmt.Fprintf(&b, format, n)
				i += 3
				continue
			}
		}
		b.WriteString(s[i : i+2])
		i++
	}
	return b.String()
}
