package edge

import (
	"net/http"
	"strings"

	"vitrine/internal/certificate/acme"
	"vitrine/internal/web"
)

// answer answers an authority that looks whether a name is ours. Who asks under a name
// that is not has no query made.
func (e *edge) answer(w http.ResponseWriter, r *http.Request, host string) {
	_, known := e.Names.Find(host)
	if !known && host != e.PlatformDomain {
		e.lost.ServeHTTP(w, r)
		return
	}
	web.Observe(e.proxies, web.ErrorPage, web.Handler(func(w http.ResponseWriter, r *http.Request) error {
		answer, ok, err := e.Answer(r.Context(), host, strings.TrimPrefix(r.URL.Path, acme.ChallengePath))
		if err != nil {
			return err
		}
		if !ok {
			lost(w, r)
			return nil
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, err = w.Write([]byte(answer))
		return err
	})).ServeHTTP(w, r)
}
