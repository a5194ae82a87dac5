package route53

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	transport "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/smithy-go"

	"vitrine/internal/dns"
)

// tooOften are the codes of errors that say so. Route 53 takes one change to a zone
// after the other.
var tooOften = []string{"Throttling", "ThrottlingException", "PriorRequestNotComplete", "TooManyRequestsException", "RequestLimitExceeded"}

// told makes an error one of ours.
func told(err error) error {
	if err == nil {
		return nil
	}
	status := 0
	if res, ok := errors.AsType[*transport.ResponseError](err); ok {
		status = res.HTTPStatusCode()
	}
	code, message := "", http.StatusText(status)
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		code, message = e.ErrorCode(), e.ErrorMessage()
	}
	if e, ok := errors.AsType[*types.InvalidChangeBatch](err); ok && len(e.Messages) > 0 {
		message = strings.Join(e.Messages, " ")
	}
	if message == "" {
		message = code
	}
	switch {
	case status == http.StatusTooManyRequests, slices.Contains(tooOften, code):
		return dns.Errorf(dns.Limited, "Route 53: %s", message)
	case status == 0, status >= http.StatusInternalServerError, status < http.StatusBadRequest:
		return dns.Errorf(dns.Unanswered, "Route 53 does not answer: %w", err)
	case code == "NoSuchHostedZone":
		return dns.Errorf(dns.NoZone, "Route 53: %s", message)
	}
	return dns.Errorf(dns.Refused, "Route 53: %s", message)
}
