package certificate

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"vitrine/internal/db"
)

// kept is a certificate as the database has it.
type kept struct {
	Certificate
	domain  string
	names   []string
	chain   []byte // in PEM
	key     []byte // PKCS #8, sealed
	renewAt time.Time
}

const keptColumns = `domain, id, names, authority, chain, key, not_after, renew_at`

func scanKept(row db.Row) (k kept, err error) {
	var names string
	var until, renew db.Time
	err = row.Scan(&k.domain, &k.ID, &names, &k.Provider, &k.chain, &k.key, &until, &renew)
	k.names, k.NotAfter, k.renewAt = strings.Fields(names), until.Time, renew.Time
	return k, err
}

// find returns the certificate of a domain, or one without an id.
func (i *Issuer) find(ctx context.Context, domain string) (kept, error) {
	k, err := db.One(ctx, i.db, scanKept, `SELECT `+keptColumns+` FROM certificate WHERE domain = $1`, domain)
	if errors.Is(err, db.ErrNoRows) {
		return kept{}, nil
	}
	return k, err
}

// Load returns the certificate of a domain with its key, or nil where there is none
// that is good now.
func (i *Issuer) Load(ctx context.Context, domain string) (*tls.Certificate, error) {
	k, err := i.find(ctx, domain)
	if err != nil || k.ID == "" || !i.db.Now().Before(k.NotAfter) {
		return nil, err
	}
	plain, err := i.sealer.Open(k.key)
	if err != nil {
		return nil, fmt.Errorf("the key of the certificate of %s: %w", domain, err)
	}
	key, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, err
	}
	loaded := &tls.Certificate{PrivateKey: key, Certificate: blocks(k.chain)}
	loaded.Leaf, err = leaf(k.chain)
	return loaded, err
}

// blocks are the certificates of a chain in PEM.
func blocks(chain []byte) [][]byte {
	var all [][]byte
	for rest := bytes.TrimSpace(chain); ; {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			return all
		}
		if b.Type == "CERTIFICATE" {
			all = append(all, b.Bytes)
		}
	}
}

// leaf is the first certificate of a chain in PEM.
func leaf(chain []byte) (*x509.Certificate, error) {
	all := blocks(chain)
	if len(all) == 0 {
		return nil, errors.New("a chain without a certificate")
	}
	return x509.ParseCertificate(all[0])
}

// keep writes a certificate that was issued in the place of the last one. What it can
// be used for is checked before.
func (i *Issuer) keep(ctx context.Context, tx *db.Tx, domain, authority string, chain []byte, key crypto.Signer) (Certificate, error) {
	c, err := leaf(chain)
	if err != nil {
		return Certificate{}, err
	}
	if err := c.VerifyHostname(domain); err != nil {
		return Certificate{}, err
	}
	if ours, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !ours.Equal(c.PublicKey) {
		return Certificate{}, errors.New("the certificate is for another key")
	}
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Certificate{}, err
	}
	made := Certificate{ID: idOf(c.Raw), Provider: authority, NotAfter: c.NotAfter.UTC()}
	_, err = db.Exec(ctx, tx, `
		INSERT INTO certificate (domain, id, names, authority, chain, key, not_before, not_after, renew_at, ask_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
		ON CONFLICT (domain) DO UPDATE SET id = excluded.id, names = excluded.names, authority = excluded.authority, chain = excluded.chain,
			key = excluded.key, not_before = excluded.not_before, not_after = excluded.not_after, renew_at = excluded.renew_at,
			ask_at = excluded.ask_at, created_at = excluded.created_at`,
		domain, made.ID, strings.Join(c.DNSNames, " "), authority, chain, i.sealer.Seal(plain),
		db.Time{Time: c.NotBefore}, db.Time{Time: c.NotAfter}, db.Time{Time: renewal(c)}, db.Time{Time: tx.Now()})
	return made, err
}

// renewal is when a certificate is renewed whose authority does not tell: after two
// thirds of its life.
func renewal(c *x509.Certificate) time.Time {
	return c.NotAfter.Add(-c.NotAfter.Sub(c.NotBefore) / 3)
}
