package api

import (
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestForward_showsThatAQuietStreamIsAlive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &API{gate: newGate()}
		w, events := httptest.NewRecorder(), make(chan any)
		done := make(chan error, 1)
		go func() { done <- a.forward(w, events) }()
		time.Sleep(silence + time.Second) // of the bubble: none passes outside
		events <- "news"
		time.Sleep(silence - time.Second)
		events <- "more"
		close(events)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if got, want := w.Body.String(), ": still here\n\ndata: \"news\"\n\ndata: \"more\"\n\n"; got != want || !w.Flushed {
			t.Errorf("stream %q, want %q", got, want)
		}
	})
}
