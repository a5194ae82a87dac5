package web_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vitrine/internal/web"
)

func TestPrompt_endsABodyThatIsLateAndNotTheWorkAfterIt(t *testing.T) {
	t.Parallel()
	const limit = 50 * time.Millisecond
	read := make(chan error, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(web.Prompt(w, r.Body, limit))
		read <- err
		if err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			http.Error(w, "the request was ended", http.StatusInternalServerError)
		case <-time.After(4 * limit):
		}
	}))
	t.Cleanup(server.Close)

	for _, body := range []string{"", "short"} {
		answer, err := http.Post(server.URL, "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if err := <-read; err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("with the body %q: status %d, error %v", body, answer.StatusCode, err)
		}
	}

	ctx, cancel := context.WithCancel(t.Context())
	late, never := io.Pipe()
	t.Cleanup(func() { cancel(); _ = never.Close() })
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, late)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if answer, err := http.DefaultClient.Do(request); err == nil {
			_ = answer.Body.Close()
		}
	}()
	if err := <-read; err == nil {
		t.Error("a body that did not come was read to its end")
	}
}
