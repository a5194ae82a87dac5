// Outside changes the records of a domain at the mock DNS provider, as merchants do who
// go to theirs: the A record leads elsewhere, the CNAME record is gone, and there is a
// TXT record that nobody here knows.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/dns/mock"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: outside DATABASE-URL DOMAIN")
		os.Exit(2)
	}
	if err := change(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "outside:", err)
		os.Exit(1)
	}
}

func change(ctx context.Context, address, name string) error {
	d, err := db.Open(ctx, db.Options{URL: address})
	if err != nil {
		return err
	}
	defer d.Close()
	p := mock.New(d, 0)
	zone, err := p.ZoneID(ctx, name)
	if err != nil {
		return err
	}
	all, err := p.ListRecords(ctx, zone)
	if err != nil {
		return err
	}
	for _, r := range all {
		switch r.Type {
		case dns.A:
			r.Value = "203.0.113.77"
			_, err = p.UpdateRecord(ctx, zone, r.ID, r)
		case dns.CNAME:
			err = errors.Join(err, p.DeleteRecord(ctx, zone, r.ID))
		}
		if err != nil {
			return err
		}
	}
	_, err = p.CreateRecord(ctx, zone, dns.Record{Name: name, Type: dns.TXT, Value: "made elsewhere", TTL: 300})
	return err
}
