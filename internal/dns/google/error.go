package google

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/auth"
	"google.golang.org/api/googleapi"

	"vitrine/internal/dns"
)

// tooOften are the reasons of errors that say so.
var tooOften = []string{"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"}

// told makes an error one of ours.
func told(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*auth.Error](err); ok { // the call itself was not made
		return dns.Errorf(dns.Refused, "Google does not take the credentials: %w", err)
	}
	said, ok := errors.AsType[*googleapi.Error](err)
	if !ok || said.Code >= http.StatusInternalServerError {
		return dns.Errorf(dns.Unanswered, "Google Cloud DNS does not answer: %w", err)
	}
	message := said.Message
	if message == "" {
		message = http.StatusText(said.Code)
	}
	e := dns.Errorf(dns.Refused, "Google Cloud DNS: %s", message)
	limited := slices.ContainsFunc(said.Errors, func(item googleapi.ErrorItem) bool { return slices.Contains(tooOften, item.Reason) })
	switch {
	case said.Code == http.StatusTooManyRequests, limited:
		e.Kind = dns.Limited
		if seconds, err := strconv.Atoi(said.Header.Get("Retry-After")); err == nil {
			e.RetryAfter = time.Duration(seconds) * time.Second
		}
	case said.Code == http.StatusNotFound && strings.Contains(message, "parameters."): // not one of the sets in a change
		e.Kind = dns.NoZone
	}
	return e
}
