package mock_test

import (
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns/dnstest"
	"vitrine/internal/dns/mock"
)

func TestMock_conforms(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := 0
		dnstest.Run(t, func(*testing.T) dnstest.Subject {
			n++
			return dnstest.Subject{Provider: mock.New(d, 0), Domain: "shop" + string(rune('a'+n)) + ".example", AnyZone: true}
		})
	})
}
