package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
)

// printManual prints the manual page in the language of man(7).
func printManual(context.Context, args) error {
	_, err := os.Stdout.WriteString(manual())
	return err
}

// roff writes a text so that nothing in it is taken for an order.
func roff(s string) string {
	s = ascii(strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s))
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

// ascii writes other characters as troff names them.
func ascii(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	return b.String()
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

func manual() string {
	var b strings.Builder
	b.WriteString(".TH VITRINE 1\n.SH NAME\nvitrine \\- a commerce platform in one binary\n.SH SYNOPSIS\n.B vitrine\n.I command\n[\\fIflags\\fR] [\\fIoperands\\fR]\n" +
		".SH DESCRIPTION\nVitrine serves stores: their API, the dashboard of their merchants, and their storefronts, on SQLite or PostgreSQL.\n.SH COMMANDS\n")
	for _, c := range commands() {
		usage := strings.TrimSpace(c.name + " " + strings.Join(c.operands, " "))
		fmt.Fprintf(&b, ".SS vitrine %s\n%s\n", roff(usage), roff(sentence(c.summary)))
		c.flags().VisitAll(func(f *flag.Flag) {
			value, what := flag.UnquoteUsage(f)
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(strings.TrimSpace("--"+f.Name+" "+value)), roff(what))
		})
	}
	b.WriteString(".SH SETTINGS\nSettings come from\n.I vitrine.toml\nin the folder where Vitrine is started, or the file that \\fBVITRINE_CONFIG\\fR names, and from the environment:\n" +
		"\\fBVITRINE_LISTEN_ADDR\\fR is the setting \\fIlisten_addr\\fR.\n.B vitrine config\nprints them all, with what each is for.\n" +
		".SH EXIT STATUS\n.TP\n.B 0\nThe command did what it was asked for.\n.TP\n.B 1\nIt did not; standard error says why.\n.TP\n.B 2\nNobody knows what was asked for.\n" +
		".SH SIGNALS\nOn SIGTERM and SIGINT \\fBvitrine serve\\fR takes no more requests, finishes those that run, and ends within 20 seconds.\n")
	return b.String()
}
