package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"

	"vitrine/internal/app"
	"vitrine/internal/demo"
	"vitrine/internal/store"
)

// openDemo listens first: if the address is taken, nothing is made.
func openDemo(ctx context.Context, _ args) error {
	c, d, err := open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	a, err := app.New(ctx, c, d)
	if err != nil {
		return err
	}
	listener, err := a.Listen(ctx)
	if err != nil {
		return err
	}
	base := origin(listener.Addr())
	stores, err := demo.Open(ctx, d, a.Accounts, a.Media, base, demo.Month)
	if err == nil {
		err = welcome(os.Stdout, base, stores)
	}
	if err != nil {
		_ = listener.Close()
		return err
	}
	return a.Serve(ctx, listener)
}

// origin is how a browser on this machine calls a listener.
func origin(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if ip := net.ParseIP(host); err == nil && (host == "" || ip.IsUnspecified()) {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// welcome tells where the demo is and how to get in. The lines can be copied to a
// shell as they are.
func welcome(w io.Writer, base string, stores []store.Store) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nVitrine's demo is open: %s\n\n  dashboard %s/dashboard\n  e-mail    %s\n  password  %s\n\n", base, base, demo.Email, demo.Password)
	opened := slices.DeleteFunc(slices.Clone(stores), func(s store.Store) bool { return s.Source != nil })
	for _, s := range opened {
		fmt.Fprintf(&b, "  %-26s %-14s %s\n", s.Name, s.Type, s.ID)
	}
	fmt.Fprintf(&b, `
Log in, list the stores, and clone one of them:

  TOKEN=$(curl -s %[1]s/api/v1/auth/login -H 'Content-Type: application/json' -d '{"email":"%[2]s","password":"%[3]s"}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -s %[1]s/api/v1/stores -H "Authorization: Bearer $TOKEN"
`, base, demo.Email, demo.Password)
	if len(opened) > 0 {
		fmt.Fprintf(&b, "  curl -s -X POST %s/api/v1/stores/%s/clone -H \"Authorization: Bearer $TOKEN\"\n", base, opened[0].ID)
	}
	b.WriteString("\nCtrl-C ends it; what is in the stores stays.\n\n")
	_, err := io.WriteString(w, b.String())
	return err
}
