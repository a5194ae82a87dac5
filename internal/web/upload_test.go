package web_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/web"
)

func TestPrompt_endsABodyThatIsLateAndNotTheWorkAfterIt(t *testing.T) {
	t.Parallel()
	const limit = 500 * time.Millisecond
	read := make(chan error, 3)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(web.Prompt(w, r.Body, limit))
		read <- err
		if err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			http.Error(w, "the request was ended", http.StatusInternalServerError)
		case <-time.After(2 * limit):
		}
	}))
	t.Cleanup(server.Close)

	var sending sync.WaitGroup
	for _, body := range []string{"", "short"} {
		sending.Go(func() {
			answer, err := http.Post(server.URL, "text/plain", strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			_ = answer.Body.Close()
			if err := <-read; err != nil || answer.StatusCode != http.StatusOK {
				t.Errorf("with the body %q: status %d, error %v", body, answer.StatusCode, err)
			}
		})
	}
	sending.Wait()

	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 10\r\n\r\nhalf"); err != nil {
		t.Fatal(err)
	}
	if err := <-read; err == nil {
		t.Error("a body that did not come was read to its end")
	}
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("who sends half of a body keeps the connection: %v", err)
	}
}
