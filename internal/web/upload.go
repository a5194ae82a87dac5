package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/fault"
)

// Slowest is how long a reader may take for a part of a file, and a sender.
const Slowest = time.Minute

// Patient reads a body whose sender may be slow, and not for ever.
func Patient(w http.ResponseWriter, body io.Reader) io.Reader {
	return patient{http.NewResponseController(w), body}
}

type patient struct {
	connection *http.ResponseController
	io.Reader
}

func (p patient) Read(b []byte) (int, error) {
	_ = p.connection.SetReadDeadline(clock.System{}.Now().Add(Slowest))
	n, err := p.Reader.Read(b)
	return n, finish(p.connection, err)
}

// finish takes the deadline away behind a body's end. It stays where a body is late, or
// the server would wait for the rest of it for ever.
func finish(connection *http.ResponseController, err error) error {
	if errors.Is(err, io.EOF) {
		_ = connection.SetReadDeadline(time.Time{})
	}
	return err
}

// Prompt reads a body that must be here whole within a limit from the first read on.
// Behind its end the connection has no deadline any more: one that passes while the
// request is worked on would end the request's context.
func Prompt(w http.ResponseWriter, body io.ReadCloser, limit time.Duration) io.ReadCloser {
	return &prompt{connection: http.NewResponseController(w), limit: limit, ReadCloser: body}
}

type prompt struct {
	connection *http.ResponseController
	limit      time.Duration
	begun      bool
	io.ReadCloser
}

func (p *prompt) Read(b []byte) (int, error) {
	if !p.begun {
		p.begun = true
		_ = p.connection.SetReadDeadline(clock.System{}.Now().Add(p.limit))
	}
	n, err := p.ReadCloser.Read(b)
	return n, finish(p.connection, err)
}

// FileInForm goes to the one file in a form, which is read as it comes in.
func FileInForm(form *multipart.Reader) (io.Reader, error) {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, fault.Invalidf("file", "is missing: the form has no file in it")
		}
		if err != nil {
			return nil, Unreadable(&brokenBody{err})
		}
		if part.FileName() != "" {
			return &onlyFile{form: form, part: Reporting(part)}, nil
		}
	}
}

// onlyFile reads a file in a form, and makes sure behind its end that there is no
// other one.
type onlyFile struct {
	form *multipart.Reader
	part io.Reader
}

func (f *onlyFile) Read(b []byte) (int, error) {
	n, err := f.part.Read(b)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	for {
		part, err := f.form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return n, err
		case err != nil:
			return n, &brokenBody{err}
		case part.FileName() != "":
			return n, fault.Invalidf("file", "must be the only one in the form")
		}
	}
}

// brokenBody is why a body could not be read to its end.
type brokenBody struct{ error }

func (b *brokenBody) Unwrap() error { return b.error }

// Reporting marks the errors of reading a body, for Unreadable.
func Reporting(body io.Reader) io.Reader { return reporting{body} }

type reporting struct{ io.Reader }

func (r reporting) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &brokenBody{err}
	}
	return n, err
}

// Unreadable says whose fault it was that a body could not be read.
func Unreadable(err error) error {
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return ErrFileTooLarge()
	}
	if _, broken := errors.AsType[*brokenBody](err); broken {
		return ErrCutOff()
	}
	return err
}

// ErrCutOff is what is told of a body that ends before it should.
func ErrCutOff() error {
	return &fault.Error{
		Kind: fault.Invalid, Code: "invalid", Message: "The body could not be read to its end.",
		Fields: []fault.Field{{Message: "could not be read to its end"}},
	}
}

// ErrFileTooLarge is what is told of a file that is larger than can be imported.
func ErrFileTooLarge() error {
	return &fault.Error{Kind: fault.TooLarge, Code: "too_large", Message: "The file is larger than 64 MiB. Please split it."}
}

// Drain reads what a request still sends, up to a bound, and passes it over: many
// browsers read no answer before they have sent everything.
func Drain(w http.ResponseWriter, r *http.Request, limit int64) {
	_ = http.NewResponseController(w).SetReadDeadline(clock.System{}.Now().Add(Slowest))
	_, _ = io.CopyN(io.Discard, r.Body, limit)
}
