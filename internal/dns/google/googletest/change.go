package googletest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	wire "github.com/miekg/dns"
)

const (
	mostInChange = 1000 // sets, added and taken away
	mostInSet    = 100
)

type changeJSON struct {
	Kind      string `json:"kind,omitempty"`
	ID        string `json:"id,omitempty"`
	Status    string `json:"status,omitempty"`
	StartTime string `json:"startTime,omitempty"`
	Additions []Set  `json:"additions,omitempty"`
	Deletions []Set  `json:"deletions,omitempty"`
}

func (s *Server) changeInfo(id string, additions, deletions []Set) changeJSON {
	status := "done"
	if s.Slow {
		status = "pending"
	}
	return changeJSON{"dns#change", id, status, "2026-01-15T12:00:00.000Z", additions, deletions}
}

// problem is why a change is refused.
type problem struct {
	status          int
	reason, message string
}

// change does all of a change or nothing of it.
func (s *Server) change(w http.ResponseWriter, r *http.Request, z *zone) {
	var in changeJSON
	strict := json.NewDecoder(r.Body)
	strict.DisallowUnknownFields()
	if err := strict.Decode(&in); err != nil {
		refuse(w, http.StatusBadRequest, "parseError", err.Error())
		return
	}
	next := &zone{dnsName: z.dnsName, sets: slices.Clone(z.sets)}
	wrong := in.size()
	for i, set := range in.Deletions {
		if wrong == nil {
			wrong = next.remove(fmt.Sprintf("entity.change.deletions[%d]", i), set)
		}
	}
	for i, set := range in.Additions {
		if wrong == nil {
			wrong = next.add(fmt.Sprintf("entity.change.additions[%d]", i), set)
		}
	}
	if wrong == nil {
		wrong = next.whole()
	}
	if wrong != nil {
		refuse(w, wrong.status, wrong.reason, wrong.message)
		return
	}
	next.sort()
	z.sets = next.sets
	s.changes++
	answer(w, http.StatusOK, s.changeInfo(strconv.Itoa(s.changes), in.Additions, in.Deletions))
}

func (c changeJSON) size() *problem {
	switch n := len(c.Additions) + len(c.Deletions); {
	case n == 0:
		return &problem{http.StatusBadRequest, "required", "The 'entity.change' parameter is required but was missing."}
	case n > mostInChange:
		return &problem{http.StatusForbidden, "quotaExceeded", "The change has too many sets."}
	}
	return nil
}

func (z *zone) remove(path string, set Set) *problem {
	i := slices.IndexFunc(z.sets, func(is Set) bool { return is.Name == strings.ToLower(set.Name) && is.Type == set.Type })
	if i < 0 {
		return &problem{http.StatusNotFound, "notFound", fmt.Sprintf("The '%s' resource named '%s (%s)' does not exist.", path, set.Name, set.Type)}
	}
	sorted := func(s []string) []string { return slices.Sorted(slices.Values(s)) }
	if is := z.sets[i]; is.TTL != set.TTL || is.Routing != nil || !slices.Equal(sorted(is.RData), sorted(set.RData)) {
		return &problem{http.StatusPreconditionFailed, "conditionNotMet", fmt.Sprintf("Precondition not met for '%s'", path)}
	}
	z.sets = slices.Delete(z.sets, i, i+1)
	return nil
}

func (z *zone) add(path string, set Set) *problem {
	invalid := func(part, value string) *problem {
		return &problem{http.StatusBadRequest, "invalid", fmt.Sprintf("Invalid value for '%s.%s': '%s'", path, part, value)}
	}
	switch {
	case !wire.IsFqdn(set.Name) || !wire.IsSubDomain(z.dnsName, set.Name):
		return invalid("name", set.Name)
	case set.TTL < 0:
		return invalid("ttl", strconv.Itoa(set.TTL))
	case len(set.RData) == 0 || len(set.RData) > mostInSet:
		return invalid("rrdatas", fmt.Sprint(len(set.RData)))
	}
	set.Kind, set.Name = setKind, strings.ToLower(set.Name)
	for i, given := range set.RData {
		rdata, ok := normal(set.Type, given)
		if !ok || slices.Contains(set.RData[:i], rdata) {
			return invalid(fmt.Sprintf("rrdata[%d]", i), given)
		}
		set.RData[i] = rdata
	}
	for _, is := range z.sets {
		switch {
		case is.Name != set.Name:
		case is.Type == set.Type:
			return &problem{http.StatusConflict, "alreadyExists", fmt.Sprintf("The resource '%s' named '%s (%s)' already exists", path, set.Name, set.Type)}
		case is.Type == "CNAME" || set.Type == "CNAME":
			return &problem{http.StatusBadRequest, "cnameResourceRecordSetConflict", fmt.Sprintf(
				"The resource record set '%s' is invalid because the DNS name '%s' may have either one CNAME resource record set or resource record sets of other types, but not both.", path, set.Name)}
		}
	}
	z.sets = append(z.sets, set)
	return nil
}

// whole tells what a zone lacks.
func (z *zone) whole() *problem {
	for _, kind := range []string{"NS", "SOA"} {
		if !slices.ContainsFunc(z.sets, func(s Set) bool { return s.Name == z.dnsName && s.Type == kind }) {
			return &problem{http.StatusBadRequest, "containerRequiresApex" + kind, "A managed zone must contain exactly one apex resource record set of type " + kind + "."}
		}
	}
	return nil
}

// normal writes the data of a record as the server keeps it: a text without quotes
// falls apart at its spaces.
func normal(kind, rdata string) (string, bool) {
	rr, err := wire.NewRR("x. 60 IN " + kind + " " + rdata)
	if err != nil || rr == nil {
		return "", false
	}
	return strings.TrimPrefix(rr.String(), rr.Header().String()), true
}
