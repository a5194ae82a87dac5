package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/web"
)

// Problem is how every error is told (RFC 9457).
type Problem struct {
	Title  string         `json:"title" doc:"What kind of problem this is." example:"Unprocessable Entity"`
	Status int            `json:"status" doc:"The HTTP status code." example:"422"`
	Detail string         `json:"detail" doc:"One sentence about what happened." example:"The name must not be empty."`
	Code   string         `json:"code,omitempty" doc:"A stable word for programs." example:"invalid"`
	Errors []ProblemField `json:"errors,omitempty" doc:"What is wrong where, for a request that fails validation."`

	retryAfter time.Duration
}

// ProblemField is one thing that is wrong with a request.
type ProblemField struct {
	Location string `json:"location" doc:"Where it is wrong." example:"body.name"`
	Message  string `json:"message" doc:"What is wrong." example:"must not be empty"`
	Value    any    `json:"value" doc:"What was sent; null for secrets and large values."`
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(p.retryAfter.Round(time.Second).Seconds())))
	}
	return h
}

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// retryWhenAway is told to clients while the database is away.
const retryWhenAway = 2 * time.Second

// problem turns an error into what the client is told. It is the only place that
// picks a status for one; an unknown error is logged here and tells nothing.
func problem(ctx context.Context, err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return known(f)
	}
	if db.Unavailable(err) {
		slog.WarnContext(ctx, "the database is away", "error", err, "request_id", web.RequestID(ctx))
		return &Problem{
			Title: http.StatusText(http.StatusServiceUnavailable), Status: http.StatusServiceUnavailable, Code: "unavailable",
			Detail: "The service is busy for a moment. Please try again.", retryAfter: retryWhenAway,
		}
	}
	if ctx.Err() == nil || !errors.Is(err, context.Canceled) { // nobody waits for the answer any more
		slog.ErrorContext(ctx, "request failed", "error", err, "request_id", web.RequestID(ctx))
	}
	return &Problem{
		Title: http.StatusText(http.StatusInternalServerError), Status: http.StatusInternalServerError, Code: "internal",
		Detail: "Something went wrong on our side. Its number is " + web.RequestID(ctx) + ".",
	}
}

func known(f *fault.Error) *Problem {
	p := &Problem{Status: web.StatusOf(f.Kind), Detail: f.Message, Code: f.Code, retryAfter: f.RetryAfter}
	p.Title = http.StatusText(p.Status)
	for _, field := range f.Fields {
		p.add(located(field.Path), field.Message, field.Value)
	}
	return p
}

// located says where a field is that a form names. Those of the body are named
// without it; the body itself has no name.
func located(path string) string {
	if path == "" {
		return "body"
	}
	if strings.HasPrefix(path, "header.") || strings.HasPrefix(path, "query.") {
		return path
	}
	return "body." + path
}

// add notes a field. Secrets and whole bodies are not sent back.
func (p *Problem) add(location, message string, value any) {
	switch value.(type) {
	case map[string]any, []any:
		value = nil
	}
	if location == "body" || strings.Contains(location, "password") || strings.Contains(location, "secret") || strings.Contains(location, "token") || location == "body.otp" {
		value = nil
	}
	p.Errors = append(p.Errors, ProblemField{Location: location, Message: message, Value: value})
}

// bodyUnread is huma's word for a body that breaks off, or whose chunks are none.
const bodyUnread = "cannot read request body"

// problemFor is what huma calls for every error of its own and of the handlers.
func problemFor(hctx huma.Context, status int, message string, errs ...error) huma.StatusError {
	ctx := context.Background()
	if hctx != nil {
		ctx = hctx.Context()
	}
	var p *Problem
	switch param, found := misnamed(errs); {
	case found:
		p = problem(ctx, noSuch(param))
	case message == bodyUnread:
		p = problem(ctx, web.ErrCutOff())
	case status == http.StatusInternalServerError && len(errs) == 1:
		p = problem(ctx, errs[0])
	default:
		p = malformed(status, message, errs)
	}
	p = inOrder(ctx, p)
	if hctx != nil {
		for name, values := range p.GetHeaders() {
			hctx.SetHeader(name, values[0])
		}
	}
	return p
}

// misnamed returns the parameter of the path that cannot be an id. It names
// nothing, so that the answer is 404 and not 422.
func misnamed(errs []error) (param string, found bool) {
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok { //nolint:errorlint // huma's own list of details, never wrapped
			if param, found = strings.CutPrefix(d.ErrorDetail().Location, "path."); found {
				return param, true
			}
		}
	}
	return "", false
}

// inOrder returns what comes before p. A request that is refused for its form must
// not tell that from one for something that is not there or not allowed: 404 and 403
// come before 422.
func inOrder(ctx context.Context, p *Problem) *Problem {
	if guard := guardsOf(ctx); guard != nil && refusedForForm(p.Status) {
		if err := guard(ctx); err != nil {
			return problem(ctx, err)
		}
	}
	return p
}

func refusedForForm(status int) bool {
	return status == http.StatusUnprocessableEntity || status == http.StatusUnsupportedMediaType || status == http.StatusRequestEntityTooLarge
}

// malformed describes a request that huma could not read. Broken JSON is 422
// like any other malformed body.
func malformed(status int, message string, errs []error) *Problem {
	if status == http.StatusBadRequest {
		status = http.StatusUnprocessableEntity
	}
	p := &Problem{Title: http.StatusText(status), Status: status, Code: "invalid", Detail: sentence(message)}
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok { //nolint:errorlint // huma's own list of details, never wrapped
			detail := d.ErrorDetail()
			location, message := inOurWords(detail.Location, detail.Message)
			p.add(location, message, detail.Value)
		} else if err != nil {
			p.add("body", err.Error(), nil)
		}
	}
	if len(errs) == 0 && status == http.StatusUnprocessableEntity { // huma's own word for a body that is missing
		p.add("body", "is required", nil)
	}
	if len(p.Errors) > 0 {
		first := p.Errors[0]
		p.Detail = aboutField(first.Location, first.Message)
	}
	switch status {
	case http.StatusRequestEntityTooLarge:
		p.Code, p.Detail = "too_large", "The request body is too large."
	case http.StatusUnsupportedMediaType:
		p.Code, p.Detail, p.Errors = "unsupported_media_type", "This media type is not supported here.", nil
	}
	return p
}

// writeProblem answers outside of huma.
func writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := problem(r.Context(), err)
	for name, values := range p.GetHeaders() {
		w.Header().Set(name, values[0])
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
