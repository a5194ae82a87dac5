package cloudflare

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cloudflare/cloudflare-go/v6/option"

	"vitrine/internal/dns"
)

const (
	timeout   = 15 * time.Second
	maxRefuse = 1 << 20 // of an answer that is an error
)

// Cloudflare's numbers of errors.
const noSuchRecord = 81044

// judge turns an answer that is an error into one of ours.
func judge(r *http.Request, next option.MiddlewareNext) (*http.Response, error) {
	res, err := next(r)
	if err != nil {
		return res, told(err)
	}
	if res.StatusCode < http.StatusBadRequest {
		return res, nil
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxRefuse))
	if err != nil {
		return nil, told(err)
	}
	return nil, refusal(res, text)
}

func refusal(res *http.Response, text []byte) error {
	var said struct {
		Errors []struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	_ = json.Unmarshal(text, &said) // it may be a proxy's page
	var messages []string
	kind := dns.Refused
	if res.StatusCode == http.StatusNotFound {
		kind = dns.NoZone
	}
	for _, e := range said.Errors {
		messages = append(messages, e.Message)
		if e.Code == noSuchRecord {
			kind = dns.NoRecord
		}
	}
	switch {
	case res.StatusCode == http.StatusTooManyRequests:
		kind = dns.Limited
	case res.StatusCode >= http.StatusInternalServerError:
		kind = dns.Unanswered
	}
	if len(messages) == 0 {
		messages = []string{res.Status}
	}
	e := dns.Errorf(kind, "Cloudflare: %s", strings.Join(messages, " "))
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && kind == dns.Limited {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}
	return e
}

// told makes every error one of ours: what is none yet is an answer that is missing
// or strange.
func told(err error) error {
	if err == nil {
		return nil
	}
	if _, ours := errors.AsType[*dns.Error](err); ours {
		return err
	}
	return dns.Errorf(dns.Unanswered, "Cloudflare does not answer: %w", err)
}
