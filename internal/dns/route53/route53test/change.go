package route53test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	wire "github.com/miekg/dns"
)

const (
	mostChanges = 1000
	longest     = 4000 // characters of a value
)

// change does all of a batch or nothing of it.
func (s *Server) change(w http.ResponseWriter, r *http.Request, z *zone) {
	var in struct {
		XMLName xml.Name
		Changes []struct {
			Action string
			Set    Set `xml:"ResourceRecordSet"`
		} `xml:"ChangeBatch>Changes>Change"`
	}
	if err := xml.NewDecoder(r.Body).Decode(&in); err != nil || in.XMLName.Local != "ChangeResourceRecordSetsRequest" || in.XMLName.Space != namespace {
		refuse(w, http.StatusBadRequest, "MalformedInput", fmt.Sprint(err))
		return
	}
	var problems []string
	next := &zone{id: z.id, name: z.name, sets: slices.Clone(z.sets)}
	for _, c := range in.Changes {
		c.Set.Name = strings.ReplaceAll(wire.CanonicalName(c.Set.Name), "*", `\052`)
		var problem string
		switch c.Action {
		case "DELETE":
			problem = next.remove(c.Set)
		case "CREATE":
			problem = next.add(c.Set)
		default:
			problem = "Invalid action " + c.Action
		}
		if problem != "" {
			problems = append(problems, problem)
		}
	}
	if len(in.Changes) == 0 || len(in.Changes) > mostChanges {
		problems = append(problems, fmt.Sprintf("Number of records limit of %d exceeded.", mostChanges))
	}
	if len(problems) > 0 {
		answer(w, http.StatusBadRequest, "InvalidChangeBatch", struct {
			Messages []string `xml:"Messages>Message"`
		}{problems})
		return
	}
	next.sort()
	z.sets = next.sets
	answer(w, http.StatusOK, "ChangeResourceRecordSetsResponse", s.info("C"+newID()))
}

func (z *zone) remove(set Set) string {
	i := slices.IndexFunc(z.sets, func(is Set) bool { return is.Name == set.Name && is.Type == set.Type })
	if i < 0 {
		return fmt.Sprintf("[Tried to delete resource record set [name='%s', type='%s'] but it was not found]", set.Name, set.Type)
	}
	is := z.sets[i]
	if is.TTL != set.TTL || is.SetIdentifier != set.SetIdentifier || !slices.Equal(is.sorted(), set.sorted()) {
		return fmt.Sprintf("[Tried to delete resource record set [name='%s', type='%s'] but the values provided do not match the current values]", set.Name, set.Type)
	}
	z.sets = slices.Delete(z.sets, i, i+1)
	return ""
}

func (z *zone) add(set Set) string {
	for _, is := range z.sets {
		switch {
		case is.Name != set.Name:
		case is.Type == set.Type:
			return fmt.Sprintf("[Tried to create resource record set [name='%s', type='%s'] but it already exists]", set.Name, set.Type)
		case is.Type == "CNAME" || set.Type == "CNAME":
			return fmt.Sprintf("[RRSet of type %s with DNS name %s is not permitted as it conflicts with other records with the same DNS name in zone %s]", set.Type, set.Name, z.name)
		}
	}
	if !wire.IsSubDomain(z.name, set.Name) {
		return fmt.Sprintf("[RRSet with DNS name %s is not permitted in zone %s]", set.Name, z.name)
	}
	if len(set.Records) == 0 || set.TTL < 0 {
		return "[Invalid request: Expected ResourceRecords and TTL]"
	}
	for i, v := range set.Records {
		if problem := invalid(set.Type, v.Value); problem != "" {
			return fmt.Sprintf("[Invalid Resource Record: '%s' (%s)]", problem, v.Value)
		}
		if slices.Contains(set.Records[:i], v) {
			return "[Duplicate Resource Record: '" + v.Value + "']"
		}
	}
	z.sets = append(z.sets, set)
	return ""
}

var (
	quoted = regexp.MustCompile(`^"(?:[ -!#-\[\]-~]|\\["\\]|\\[0-3][0-7]{2})*"(?: "(?:[ -!#-\[\]-~]|\\["\\]|\\[0-3][0-7]{2})*")*$`)
	octal  = regexp.MustCompile(`\\[0-7]{3}`)
)

// invalid says what is wrong with a value. Texts are in quotes, with octal escapes.
func invalid(kind, value string) string {
	if len(value) > longest {
		return "The value is longer than 4000 characters"
	}
	if kind == "TXT" {
		if !quoted.MatchString(value) {
			return "Value should be enclosed in quotation marks"
		}
		value = octal.ReplaceAllStringFunc(value, func(s string) string {
			n, _ := strconv.ParseUint(s[1:], 8, 8)
			return fmt.Sprintf(`\%03d`, n)
		})
		for _, piece := range strings.Split(strings.Trim(value, `"`), `" "`) {
			if len(regexp.MustCompile(`\\(?:\d{3}|.)`).ReplaceAllString(piece, "x")) > 255 {
				return "CharacterStringTooLong"
			}
		}
	}
	if rr, err := wire.NewRR("x. 60 IN " + kind + " " + value); err != nil || rr == nil {
		return fmt.Sprint(err)
	}
	return ""
}
