// Package smtp hands mail to a mail server.
package smtp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"

	outbox "vitrine/internal/mail"
)

// Transport implements mail.Transport.
type Transport struct {
	from     *mail.Address
	host     string
	password string
	options  []gomail.Option
}

// New reads the address of a server, smtp://user:password@host:587 or smtps://…:465,
// and who mails are from. But on this machine, nothing is sent without TLS.
func New(server, from string) (*Transport, error) {
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("%q is no address to send mail from", from)
	}
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("the mail server must be given as smtp://user:password@host:587")
	}
	t := &Transport{from: sender, host: u.Hostname()}
	port, policy, login := 587, gomail.TLSMandatory, gomail.SMTPAuthAutoDiscover
	if ip := net.ParseIP(t.host); t.host == "localhost" || ip != nil && ip.IsLoopback() {
		policy, login = gomail.TLSOpportunistic, gomail.SMTPAuthPlainNoEnc
	}
	if u.Scheme == "smtps" {
		port = 465
		t.options = append(t.options, gomail.WithSSL())
	} else {
		t.options = append(t.options, gomail.WithTLSPolicy(policy))
	}
	if given := u.Port(); given != "" {
		if port, err = strconv.Atoi(given); err != nil {
			return nil, fmt.Errorf("%q is no port", given)
		}
	}
	t.options = append(t.options, gomail.WithPort(port))
	if u.User != nil {
		t.password, _ = u.User.Password()
		t.options = append(t.options, gomail.WithSMTPAuth(login), gomail.WithUsername(u.User.Username()), gomail.WithPassword(t.password))
	}
	return t, nil
}

// Send implements mail.Transport.
func (t *Transport) Send(ctx context.Context, l outbox.Letter) error {
	m := gomail.NewMsg()
	if err := m.FromFormat(t.from.Name, t.from.Address); err != nil {
		return refused(err)
	}
	if err := m.To(l.To); err != nil {
		return refused(err)
	}
	m.Subject(l.Subject)
	m.SetDateWithValue(l.Written)
	_, domain, _ := strings.Cut(t.from.Address, "@")
	m.SetMessageIDWithValue(l.ID.String() + "@" + domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	client, err := gomail.NewClient(t.host, t.options...)
	if err != nil {
		return t.clean(err)
	}
	err = client.DialAndSendWithContext(ctx, m)
	if e, ok := errors.AsType[*gomail.SendError](err); ok && e.ErrorCode() >= 500 && e.ErrorCode() < 600 {
		return refused(t.clean(err))
	}
	return t.clean(err)
}

func refused(err error) error { return fmt.Errorf("%w: %w", outbox.ErrRefused, err) }

// clean takes the password out of an error.
func (t *Transport) clean(err error) error {
	if err == nil || t.password == "" || !strings.Contains(err.Error(), t.password) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), t.password, "***"))
}

var _ outbox.Transport = (*Transport)(nil)
