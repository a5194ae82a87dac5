package app

import (
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/mail"
	"vitrine/internal/mail/smtp"
	"vitrine/internal/seal"
)

func newMail(c *config.Config, d *db.DB, s *seal.Sealer) (*mail.Service, error) {
	site, from := c.PublicURL, c.MailFrom
	if site == "" {
		site = "https://" + c.PlatformDomain
	}
	if from == "" {
		from = "no-reply@" + c.PlatformDomain
	}
	if c.SMTPURL == "" {
		return mail.New(d, nil, site, s), nil
	}
	by, err := smtp.New(c.SMTPURL, from)
	if err != nil {
		return nil, err
	}
	return mail.New(d, by, site, s), nil
}

// outbox are the mails for the page that shows them all, which is for trying things
// out: where the pages of developers are, and never in production.
func outbox(c *config.Config, m *mail.Service) *mail.Service {
	if !c.DevPages || c.Environment == production {
		return nil
	}
	return m
}
