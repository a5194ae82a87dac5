package app

import (
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/mail"
	"vitrine/internal/mail/smtp"
)

func newMail(c *config.Config, d *db.DB) (*mail.Service, error) {
	site, from := c.PublicURL, c.MailFrom
	if site == "" {
		site = "https://" + c.PlatformDomain
	}
	if from == "" {
		from = "no-reply@" + c.PlatformDomain
	}
	if c.SMTPURL == "" {
		return mail.New(d, nil, site), nil
	}
	by, err := smtp.New(c.SMTPURL, from)
	if err != nil {
		return nil, err
	}
	return mail.New(d, by, site), nil
}

// outbox are the mails for the page that shows them all, which is for trying things
// out: where the pages of developers are, and never in production.
func outbox(c *config.Config, m *mail.Service) *mail.Service {
	if !c.DevPages || c.Environment == production {
		return nil
	}
	return m
}
