// Package fault is the vocabulary of errors that a caller can act on. A domain
// package returns a *fault.Error for those and a plain wrapped error for all
// else; api and web translate the kind to an HTTP status, nobody else does.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of answer an error asks for.
type Kind int

// The kinds, with the HTTP status that api and web give them.
const (
	Internal     Kind = iota // 500
	Invalid                  // 422: the input is malformed
	Refused                  // 400: a business rule says no
	Unauthorized             // 401: no valid token
	Forbidden                // 403: plan limit or role
	NotFound                 // 404: not there, or somebody else's
	Conflict                 // 409: lost a race
	TooLarge                 // 413: the body is over its limit
	Unsupported              // 415: another media type is expected
	TooMany                  // 429: rate limited
	Provider                 // 502: an outside provider failed
	Unavailable              // 503: stopping, or the database is away
)

// Field is one thing that is wrong with an input. Path names it as the client
// does ("title", "variants[2].price").
type Field struct {
	Path    string
	Message string
	Value   any // what was sent; nil for secrets and large values
}

// Error is an error that is safe to show.
type Error struct {
	Kind       Kind
	Code       string        // stable, for programs: "sku_taken"
	Message    string        // one sentence for the merchant
	Fields     []Field       // what is wrong where, for Invalid
	RetryAfter time.Duration // for TooMany and Unavailable
}

func (e *Error) Error() string { return e.Message }

// Refusedf returns a 400: a business rule says no.
func Refusedf(code, format string, args ...any) *Error {
	return &Error{Kind: Refused, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Conflictf returns a 409. It is for lost races alone; a taken name is Refused.
func Conflictf(code, format string, args ...any) *Error {
	return &Error{Kind: Conflict, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Forbiddenf returns a 403.
func Forbiddenf(code, format string, args ...any) *Error {
	return &Error{Kind: Forbidden, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Missing returns a 404 for a thing named as a merchant would ("product").
func Missing(what string) *Error {
	return &Error{Kind: NotFound, Code: "not_found", Message: "There is no such " + what + "."}
}

// Invalidf returns a 422 with one field.
func Invalidf(path, format string, args ...any) *Error {
	f := Form{}
	f.Addf(path, nil, format, args...)
	return f.error()
}

// Is tells whether err is, or wraps, an Error of the kind.
func Is(err error, k Kind) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == k
}

// Code returns the code of the Error in err, or "".
func Code(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// Form gathers everything that is wrong with one input, so that a merchant
// sees all of it at once. The zero value is ready to use.
type Form struct{ fields []Field }

// Addf notes one problem.
func (f *Form) Addf(path string, value any, format string, args ...any) {
	f.fields = append(f.fields, Field{Path: path, Message: fmt.Sprintf(format, args...), Value: value})
}

// Include adds the fields of err, which another form gave, below prefix
// ("variants[2]."). It returns err when that is not an Invalid error.
func (f *Form) Include(prefix string, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind != Invalid {
		return err
	}
	for _, field := range e.Fields {
		field.Path = prefix + field.Path
		f.fields = append(f.fields, field)
	}
	return nil
}

// Err returns nil, or an Invalid error with all that was noted.
func (f *Form) Err() error {
	if len(f.fields) == 0 {
		return nil
	}
	return f.error()
}

func (f *Form) error() *Error {
	return &Error{Kind: Invalid, Code: "invalid", Message: "The " + f.fields[0].Path + " " + f.fields[0].Message + ".", Fields: f.fields}
}
