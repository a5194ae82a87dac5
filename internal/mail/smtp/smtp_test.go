package smtp_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/mail"
	"vitrine/internal/mail/smtp"
)

// server is a mail server on a socket of its own.
type server struct {
	address string

	mu      sync.Mutex
	letters []string
	answers []string // to the next letters, instead of taking them; "cut" ends the connection
}

func listen(t *testing.T) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &server{address: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	return s
}

func (s *server) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	say := func(line string) { _, _ = c.Write([]byte(line + "\r\n")) }
	in := bufio.NewScanner(c)
	say("220 mail.test ESMTP")
	for in.Scan() {
		verb, _, _ := strings.Cut(strings.ToUpper(in.Text()), " ")
		switch verb {
		case "EHLO":
			say("250-mail.test")
			say("250-8BITMIME")
			say("250 AUTH PLAIN")
		case "AUTH":
			if !strings.HasSuffix(in.Text(), "AGFkYQBzZXNhbWU=") { // ada, sesame
				say("535 5.7.8 no")
				continue
			}
			say("235 2.7.0 yes")
		case "DATA":
			say("354 go on")
			var letter strings.Builder
			for in.Scan() && in.Text() != "." {
				letter.WriteString(in.Text() + "\n")
			}
			if answer := s.take(letter.String()); answer != "cut" {
				say(answer)
				continue
			}
			return
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *server) take(letter string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.answers) > 0 {
		answer := s.answers[0]
		s.answers = s.answers[1:]
		return answer
	}
	s.letters = append(s.letters, letter)
	return "250 2.0.0 taken"
}

func (s *server) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.letters...)
}

// each runs fn with a service that sends through a server.
func each(t *testing.T, fn func(t *testing.T, d *db.DB, now *clock.Fixed, s *server, m *mail.Service)) {
	t.Helper()
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		now := clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
		d, s := dbtest.Open(t, address, now), listen(t)
		by, err := smtp.New("smtp://ada:sesame@"+s.address, "Vitrine <shop@vitrine.example>")
		if err != nil {
			t.Fatal(err)
		}
		fn(t, d, now, s, mail.New(d, by, "https://vitrine.example/", nil))
	})
}

func queue(t *testing.T, d *db.DB, m mail.Message) {
	t.Helper()
	if err := d.InTx(t.Context(), func(tx *db.Tx) error { return mail.Queue(t.Context(), tx, m) }); err != nil {
		t.Fatal(err)
	}
}

func TestMail_isSentOnceAsItWasWritten(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, _ *clock.Fixed, s *server, m *mail.Service) {
		for range 2 {
			queue(t, d, mail.Message{To: "bob@example.com", Subject: "Grüße\r\nBcc: eve@example.com", Text: "Look at " + mail.Site + "/dashboard", Key: "one"})
		}
		boom := errors.New("taken back")
		_ = d.InTx(t.Context(), func(tx *db.Tx) error {
			_ = mail.Queue(t.Context(), tx, mail.Message{To: "eve@example.com", Subject: "Never", Text: "Never"})
			return boom
		})
		for range 2 {
			if err := m.Send(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		letters := s.taken()
		if len(letters) != 1 {
			t.Fatalf("%d letters: %v", len(letters), letters)
		}
		for _, want := range []string{"To: <bob@example.com>", `From: "Vitrine" <shop@vitrine.example>`, "Message-ID: <", "@vitrine.example>", "Date: Thu, 15 Jan 2026 12:00:00", "https://vitrine.example/dashboard"} {
			if !strings.Contains(letters[0], want) {
				t.Errorf("%q is not in\n%s", want, letters[0])
			}
		}
		if strings.Contains(letters[0], "\nBcc:") {
			t.Error("a subject made a header")
		}
		if kept, err := m.Outbox(t.Context(), 10); err != nil || len(kept) != 1 || kept[0].Sent == nil || kept[0].Text != "Look at https://vitrine.example/dashboard" {
			t.Errorf("%+v, %v", kept, err)
		}
	})
}

func TestMail_isSentAgainUntilItIsTaken(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, now *clock.Fixed, s *server, m *mail.Service) {
		queue(t, d, mail.Message{To: "bob@example.com", Subject: "Hello", Text: "Hello"})
		s.answers = []string{"451 4.3.0 later", "cut"}
		for range 3 {
			if err := m.Send(t.Context()); err != nil {
				t.Fatal(err)
			}
			now.Advance(time.Hour)
		}
		if n := len(s.taken()); n != 1 {
			t.Errorf("%d letters", n)
		}
		queue(t, d, mail.Message{To: "nobody@example.com", Subject: "Hello", Text: "Hello"})
		s.mu.Lock()
		s.answers = []string{"550 5.1.1 nobody there"}
		s.mu.Unlock()
		for range 3 {
			if err := m.Send(t.Context()); err != nil {
				t.Fatal(err)
			}
			now.Advance(time.Hour)
		}
		kept, err := m.Outbox(t.Context(), 1)
		if err != nil || kept[0].Tries != 1 || kept[0].Sent != nil || !strings.Contains(kept[0].Error, "nobody there") {
			t.Errorf("a refused one: %+v, %v", kept, err)
		}
	})
}

func TestMail_isKeptWhereNobodySendsIt(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, _ *clock.Fixed, s *server, m *mail.Service) {
		queue(t, d, mail.Message{To: "bob@example.com", Subject: "Hello", Text: "Hello"})
		if err := mail.New(d, nil, "http://localhost", nil).Send(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := m.Send(t.Context()); err != nil {
			t.Fatal(err)
		}
		if kept, err := m.Outbox(t.Context(), 10); err != nil || len(kept) != 1 || kept[0].Sent != nil || len(s.taken()) != 0 {
			t.Errorf("%+v, %v", kept, err)
		}
	})
}

func TestNew_keepsThePasswordAndRefusesWhatIsNoServer(t *testing.T) {
	t.Parallel()
	s := listen(t)
	for _, given := range [][2]string{{"http://mail.test", "a@b.example"}, {"smtp://", "a@b.example"}, {"smtp://mail.test", "nobody"}, {"smtp://mail.test:x", "a@b.example"}} {
		if _, err := smtp.New(given[0], given[1]); err == nil {
			t.Errorf("%v is taken", given)
		}
	}
	by, err := smtp.New("smtp://ada:open-sesame@"+s.address, "a@b.example")
	if err != nil {
		t.Fatal(err)
	}
	err = by.Send(context.Background(), mail.Letter{To: "bob@example.com", Subject: "Hello", Text: "Hello"})
	if err == nil || strings.Contains(err.Error(), "open-sesame") || len(s.taken()) != 0 {
		t.Errorf("with a wrong password: %v", err)
	}
}
