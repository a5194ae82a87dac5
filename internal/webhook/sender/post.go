package sender

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"vitrine/internal/webhook"
)

const (
	maxKept    = 1 << 10  // of an answer's body, for the merchant to look at
	maxDrained = 64 << 10 // read on, so that the connection can be used again
	maxHeader  = 64 << 10
)

// newClient returns a client that goes only where webhooks may. The address is
// checked when it is dialled, after the name was looked up: a name that leads
// somewhere else than when the webhook was made gets no further. No proxy is asked,
// which would look up names itself.
func newClient(hooks *webhook.Service, o Options) *http.Client {
	dialer := &net.Dialer{Timeout: o.Timeout / 2, KeepAlive: 30 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !hooks.Allows(to.Addr()) {
			return webhook.ErrPrivate
		}
		return nil
	}}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableCompression: true,
			TLSHandshakeTimeout: o.Timeout / 2, MaxResponseHeaderBytes: maxHeader,
			MaxIdleConns: 256, MaxIdleConnsPerHost: o.AtOnce, IdleConnTimeout: 90 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// send tries to deliver a parcel, once.
func (s *Sender) send(ctx context.Context, p webhook.Parcel) (out webhook.Outcome) {
	defer func() { s.db.Observer().Webhook(out.Code, out.Error == "") }()
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	out = webhook.Outcome{Parcel: p}
	req, err := request(ctx, p, s.db.Now())
	if err != nil {
		out.Error = "The event could not be signed."
		return out
	}
	res, err := s.client.Do(req)
	if err != nil {
		out.Error = s.explain(err)
		return out
	}
	defer res.Body.Close()
	beginning, _ := io.ReadAll(io.LimitReader(res.Body, maxKept))
	_, _ = io.CopyN(io.Discard, res.Body, maxDrained)
	out.Code, out.Body = res.StatusCode, readable(beginning)
	switch {
	case res.StatusCode >= 300 && res.StatusCode < 400:
		out.Error = fmt.Sprintf("The answer was %d, a redirect; redirects are not followed.", res.StatusCode)
	case res.StatusCode < 200 || res.StatusCode >= 300:
		out.Error = fmt.Sprintf("The answer was %d instead of 2xx.", res.StatusCode)
	}
	return out
}

// request builds a request after the Standard Webhooks specification.
func request(ctx context.Context, p webhook.Parcel, now time.Time) (*http.Request, error) {
	if p.Secret == "" {
		return nil, errors.New("the secret cannot be opened")
	}
	signer, err := standardwebhooks.NewWebhook(p.Secret)
	if err != nil {
		return nil, err
	}
	signature, err := signer.Sign(p.Delivery.String(), now, []byte(p.Body))
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader([]byte(p.Body)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Vitrine-Webhooks/1.0")
	req.Header.Set(standardwebhooks.HeaderWebhookID, p.Delivery.String())
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return req, nil
}

// explain says what went wrong, in a sentence for the merchant.
func (s *Sender) explain(err error) string {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "The host name could not be found."
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return fmt.Sprintf("There was no answer within %s.", s.Timeout)
	}
	switch text := err.Error(); {
	case errors.Is(err, webhook.ErrPrivate):
		return "The host name leads to a private, loopback or link-local address."
	case errors.Is(err, syscall.ECONNREFUSED):
		return "The connection was refused."
	case strings.Contains(text, "tls:"), strings.Contains(text, "x509:"):
		return "The connection could not be made secure: " + text[strings.LastIndex(text, ": ")+2:] + "."
	default:
		return "The connection broke off."
	}
}

// readable makes a text of whatever was answered.
func readable(b []byte) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(b), "\uFFFD"))
}
