package shopifycsv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bounds of what the scanner holds in memory.
const (
	bufferSize = 64 << 10
	maxRecord  = 8 << 20 // a product as large as it can be fits
	maxCells   = 4096
)

// What can be wrong with a row before its cells are looked at. The texts continue
// a sentence that begins with "the row".
var (
	errQuote        = errors.New("has a quotation mark in the wrong place")
	errUnterminated = errors.New("has a quotation mark that is not closed")
	errTooLong      = errors.New("is too long, or has a quotation mark that is not closed")
	errTooManyCells = errors.New("has too many cells")
)

// errMore asks for more bytes; it never leaves the scanner.
var errMore = errors.New("row goes on behind the buffer")

// badRow is a row that is no CSV. It went from line to last, the lines that were
// passed over to find the next whole row.
type badRow struct {
	line, last int
	cause      error
}

func (e *badRow) Error() string { return e.cause.Error() }

// span is where a cell stands in the text of its row.
type span struct {
	from, to int
	escaped  bool // holds doubled quotation marks
}

// record is one row, which may go over several lines. Its spans are valid until
// the next row is read, its text for good.
type record struct {
	place
	text  string
	spans []span
}

// place is where a row begins, and what the scanner knows there.
type place struct {
	line   int   // from 1
	offset int64 // in bytes from the file's beginning
	width  int
}

// cell returns a cell, or "" where the row has ended before it.
func (r *record) cell(i int) string {
	if i < 0 || i >= len(r.spans) {
		return ""
	}
	s := r.spans[i]
	if s.escaped {
		return strings.ReplaceAll(r.text[s.from:s.to], `""`, `"`)
	}
	return r.text[s.from:s.to]
}

// scanner splits a stream into rows by RFC 4180, with LF or CRLF. Unlike
// encoding/csv it reads a quotation mark that is never closed to a limit only, and
// can go back behind one to read on with the row after it.
//
// A row in which quotation marks stand wrongly may be several lines of text, and
// nothing tells where it should have ended. So the scanner goes on at the first
// line below its first one that is a row as wide as the others, or one of half the
// columns that begins a product's row by its handle.
type scanner struct {
	src      io.Reader
	buf      []byte
	pos, end int   // what was read and not yet returned
	base     int64 // where in the file buf begins
	err      error // why src ended
	line     int   // of pos
	columns  int   // of the header; 0 before it was read
	handle   int   // the column that has handles
	width    int   // how many cells a row has at least, for going on after a bad one
	spans    []span
}

// newScanner returns a scanner at the beginning of a file.
func newScanner(src io.Reader) *scanner {
	s := &scanner{src: src, buf: make([]byte, bufferSize), line: 1}
	s.fill()
	if bytes.HasPrefix(s.buf[:s.end], []byte("\xef\xbb\xbf")) {
		s.pos = 3
	}
	return s
}

// reset puts the scanner at a place where one has been before, from where on src
// reads the file.
func (s *scanner) reset(src io.Reader, at place) {
	s.src, s.err = src, nil
	s.pos, s.end, s.base = 0, 0, at.offset
	s.line, s.width = at.line, at.width
}

// next returns the next row that is not an empty line. The error is a *badRow, and
// the scanner can go on; or io.EOF, or why the stream broke off.
func (s *scanner) next() (record, error) {
	for s.more() {
		n, err := s.scan()
		if err == nil && s.swallowed(n) {
			err = errQuote
		}
		if err != nil {
			return record{}, s.pass(err)
		}
		raw := s.buf[s.pos : s.pos+n]
		at := place{line: s.line, offset: s.base + int64(s.pos), width: s.width}
		s.pos += n
		s.line += bytes.Count(raw, []byte{'\n'})
		if len(bytes.TrimRight(raw, "\r\n")) == 0 {
			continue
		}
		if 2*len(s.spans) >= s.columns {
			s.width = min(s.width, len(s.spans))
		}
		return record{place: at, text: string(raw), spans: s.spans}, nil
	}
	return record{}, s.err
}

// expect sets how wide rows are and where their handle stands, from the header.
func (s *scanner) expect(columns, handle int) {
	s.columns, s.width, s.handle = columns, columns, handle
}

// more tells whether there is anything left to scan.
func (s *scanner) more() bool {
	if s.pos == s.end {
		s.fill()
	}
	return s.pos < s.end
}

// scan finds the row at pos and how many bytes it takes. Its cells are in spans.
func (s *scanner) scan() (n int, err error) {
	for {
		n, err = s.split(s.buf[s.pos:s.end], s.err != nil)
		switch {
		case err == errMore && s.end-s.pos >= maxRecord:
			return 0, errTooLong
		case err == errMore:
			s.fill()
		case s.err != nil && s.err != io.EOF:
			return 0, s.err // what is left is the torn end of a broken stream
		default:
			return n, err
		}
	}
}

// fill reads on until the buffer is full. It moves what is unread to the front, and
// takes a larger buffer when that fills it.
func (s *scanner) fill() {
	copy(s.buf, s.buf[s.pos:s.end])
	s.base += int64(s.pos)
	s.pos, s.end = 0, s.end-s.pos
	if s.end == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for s.end < len(s.buf) && s.err == nil {
		var n int
		n, s.err = s.src.Read(s.buf[s.end:])
		s.end += n
	}
}

// split finds the cells of the row that data begins with. final says that nothing
// comes behind data.
func (s *scanner) split(data []byte, final bool) (n int, err error) {
	s.spans = s.spans[:0]
	for i := 0; ; {
		if len(s.spans) == maxCells {
			return 0, errTooManyCells
		}
		if i < len(data) && data[i] == '"' {
			i, err = s.quoted(data, i+1, final)
		} else {
			i, err = s.bare(data, i, final)
		}
		if err != nil {
			return 0, err
		}
		rest := data[i:]
		switch {
		case len(rest) == 0, len(rest) == 1 && rest[0] == '\r' && final:
			return len(data), nil
		case rest[0] == ',':
			i++
		case rest[0] == '\n':
			return i + 1, nil
		case rest[0] == '\r' && len(rest) == 1:
			return 0, errMore
		case rest[0] == '\r' && rest[1] == '\n':
			return i + 2, nil
		default:
			return 0, errQuote
		}
	}
}

// bare reads a cell without quotation marks and returns where it ends.
func (s *scanner) bare(data []byte, from int, final bool) (end int, err error) {
	for i := from; i < len(data); i++ {
		switch data[i] {
		case ',':
			s.spans = append(s.spans, span{from: from, to: i})
			return i, nil
		case '\n':
			to := i
			if to > from && data[to-1] == '\r' {
				to--
			}
			s.spans = append(s.spans, span{from: from, to: to})
			return i, nil
		case '"':
			return 0, errQuote
		}
	}
	if !final {
		return 0, errMore
	}
	to := len(data)
	if to > from && data[to-1] == '\r' {
		to--
	}
	s.spans = append(s.spans, span{from: from, to: to})
	return len(data), nil
}

// quoted reads a cell whose opening quotation mark stands before from, and returns
// what comes behind the closing one.
func (s *scanner) quoted(data []byte, from int, final bool) (end int, err error) {
	escaped := false
	for i := from; ; {
		n := bytes.IndexByte(data[i:], '"')
		switch {
		case n < 0 && final:
			return 0, errUnterminated
		case n < 0, i+n+1 == len(data) && !final:
			return 0, errMore
		}
		i += n + 1
		if i == len(data) || data[i] != '"' {
			s.spans = append(s.spans, span{from: from, to: i - 1, escaped: escaped})
			return i, nil
		}
		escaped = true
		i++
	}
}

// swallowed tells whether the row of n bytes is well-formed by chance: an open
// quotation mark met another one some rows below, which shows in a row of several
// lines that is wider than the header.
func (s *scanner) swallowed(n int) bool {
	if s.columns == 0 || len(s.spans) <= s.columns {
		return false
	}
	raw := s.buf[s.pos : s.pos+n]
	if bytes.IndexByte(raw[:len(raw)-1], '\n') < 0 {
		return false
	}
	for _, cell := range s.spans[s.columns:] {
		if len(bytes.TrimSpace(raw[cell.from:cell.to])) > 0 {
			return true
		}
	}
	return false
}

// pass goes past a row that could not be read, to the first line that is a whole
// row again.
func (s *scanner) pass(cause error) error {
	if s.err != nil && s.err != io.EOF {
		return s.err
	}
	bad := &badRow{line: s.line, last: s.line, cause: cause}
	s.skipLine()
	for s.more() {
		n, err := s.scan()
		if err == nil && s.whole() && !s.swallowed(n) {
			break
		}
		bad.last = s.line
		s.skipLine()
	}
	return bad
}

// whole tells whether what was split last is a row of the file and no line out of
// the middle of one.
func (s *scanner) whole() bool {
	if len(s.spans) >= s.width {
		return true
	}
	if 2*len(s.spans) < s.columns || s.handle >= len(s.spans) {
		return false
	}
	span := s.spans[s.handle]
	handle := string(s.buf[s.pos+span.from : s.pos+span.to])
	return handle != "" && handle == handleOf(handle)
}

// skipLine goes to the next line, be this one longer than the buffer.
func (s *scanner) skipLine() {
	for s.more() {
		n := bytes.IndexByte(s.buf[s.pos:s.end], '\n')
		if n >= 0 {
			s.pos += n + 1
			s.line++
			return
		}
		s.pos = s.end
	}
}

// rowError says where the row is, and which lines were passed over with it.
func (e *badRow) rowError() RowError {
	message := e.cause.Error()
	if e.last > e.line {
		message += fmt.Sprintf("; it was left out up to line %d", e.last)
	}
	return RowError{Line: e.line, Message: message}
}
