package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"vitrine/internal/app"
	"vitrine/internal/dns/builtin"
)

func dnsCommand() command {
	var asJSON bool
	return command{
		name: "dns", summary: "explain a name: what the built-in name server says, what the world sees, what is wrong",
		operands: []string{"explain", "name"},
		declare:  func(flags *flag.FlagSet) { flags.BoolVar(&asJSON, "json", false, "print JSON") },
		run:      func(ctx context.Context, given args) error { return explainName(ctx, given, asJSON) },
	}
}

// explainName fails when something is wrong with the name.
func explainName(ctx context.Context, given args, asJSON bool) error {
	if given[0] != "explain" {
		return misuse(fmt.Sprintf("nobody knows how to %s a name, only how to explain one", given[0]))
	}
	c, d, err := open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	e, err := app.ExplainName(ctx, c, d, strings.ToLower(strings.TrimSuffix(given[1], ".")))
	if err != nil {
		return err
	}
	if asJSON {
		out := json.NewEncoder(os.Stdout)
		out.SetIndent("", "  ")
		err = out.Encode(explainedAs(e))
	} else {
		err = writeExplanation(os.Stdout, e)
	}
	if err == nil && len(e.Wrong) > 0 {
		err = fmt.Errorf("%d things are wrong with %s", len(e.Wrong), e.Name)
	}
	return err
}

// explained is an Explanation as JSON.
type explained struct {
	Name        string       `json:"name"`
	Zone        string       `json:"zone"`
	Serial      uint32       `json:"serial"`
	NameServers []string     `json:"name_servers"`
	DS          string       `json:"ds,omitempty"`
	Status      string       `json:"status"`
	Served      []servedJSON `json:"served"`
	Seen        []seenJSON   `json:"seen"`
	Wrong       []string     `json:"wrong"`
}

type servedJSON struct {
	Name string `json:"name"`
	Type string `json:"record_type"`
	TTL  int    `json:"ttl"`
	Data string `json:"data"`
}

type seenJSON struct {
	servedJSON
	Server   string   `json:"server"`
	Seen     bool     `json:"seen"`
	Observed []string `json:"observed"`
	Cause    string   `json:"cause,omitempty"`
}

func explainedAs(e builtin.Explanation) explained {
	out := explained{
		Name: e.Name, Zone: e.Zone, Serial: e.Serial, NameServers: append([]string{}, e.Servers...), DS: e.DS, Status: e.Status,
		Served: []servedJSON{}, Seen: []seenJSON{}, Wrong: append([]string{}, e.Wrong...),
	}
	for _, r := range e.Served {
		out.Served = append(out.Served, servedJSON{r.Name, string(r.Type), r.TTL, r.Data()})
	}
	for _, s := range e.Seen {
		out.Seen = append(out.Seen, seenJSON{servedJSON{s.Record.Name, string(s.Record.Type), s.Record.TTL, s.Record.Data()}, s.Resolver, s.Seen, s.Observed, s.Cause})
	}
	return out
}

func writeExplanation(w io.Writer, e builtin.Explanation) error {
	var b strings.Builder
	if e.Zone != "" {
		fmt.Fprintf(&b, "%s lies in the zone %s, serial %d, of %s.\n", e.Name, e.Zone, e.Serial, strings.Join(e.Servers, " and "))
		if e.DS != "" {
			fmt.Fprintf(&b, "The zone is signed; its parent must say: %s. DS %s\n", e.Zone, e.DS)
		}
		fmt.Fprintf(&b, "\nServed here (%s):\n", e.Status)
	}
	for _, r := range e.Served {
		fmt.Fprintf(&b, "  %s %d %s %s\n", r.Name, r.TTL, r.Type, r.Data())
	}
	if len(e.Seen) > 0 {
		b.WriteString("\nSeen in the world:\n")
	}
	for _, s := range e.Seen {
		verdict := "seen"
		if !s.Answer.Seen {
			verdict = "not seen"
		}
		fmt.Fprintf(&b, "  %s %s %s: %s\n", s.Record.Name, s.Record.Type, s.Resolver, verdict)
	}
	b.WriteString("\nWrong:\n")
	for _, wrong := range e.Wrong {
		fmt.Fprintf(&b, "  %s\n", wrong)
	}
	if len(e.Wrong) == 0 {
		b.WriteString("  nothing\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
