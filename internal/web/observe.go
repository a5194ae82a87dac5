// Package web is what the API and the pages share: how a request is seen, and what
// pages are made of.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"vitrine/internal/audit"
	"vitrine/internal/clock"
	"vitrine/internal/id"
)

type (
	requestIDKey struct{}
	addressKey   struct{}
	securedKey   struct{}
	hostKey      struct{}
)

// Proxies are the networks whose X-Forwarded-For is believed.
type Proxies []netip.Prefix

// ParseProxies reads a comma-separated list of addresses and networks.
func ParseProxies(s string) (Proxies, error) {
	var proxies Proxies
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			address, err := netip.ParseAddr(part)
			if err != nil {
				return nil, fmt.Errorf("trusted_proxies: %q is neither an address nor a network", part)
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		proxies = append(proxies, prefix)
	}
	return proxies, nil
}

// Trust tells whether an address is of one of our proxies.
func (p Proxies) Trust(a netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// clientAddress returns who sent the request: the last address in the chain of
// X-Forwarded-For that is not a proxy of ours.
func (p Proxies) clientAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	address, err := netip.ParseAddr(host)
	if err != nil || !p.Trust(address) {
		return host
	}
	chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(chain) - 1; i >= 0; i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(chain[i]))
		if err != nil {
			break
		}
		address = next
		if !p.Trust(next) {
			break
		}
	}
	return address.Unmap().String()
}

// forwardedHTTPS tells whether a proxy of ours took the request over TLS.
func (p Proxies) forwardedHTTPS(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && p.Trust(peer.Addr()) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// Secured tells whether a request came over TLS, to us or to a proxy of ours.
func (p Proxies) Secured(r *http.Request) bool { return r.TLS != nil || p.forwardedHTTPS(r) }

// Observe gives every request an id, logs it, and keeps a panic from the client:
// failed answers instead, when nothing was answered yet. http.ErrAbortHandler goes
// on to the server, which cuts the connection.
func Observe(proxies Proxies, failed func(http.ResponseWriter, *http.Request, error), next http.Handler) http.Handler {
	ids := id.NewSource(clock.System{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		watch := clock.Start()
		requestID := r.Header.Get("X-Request-Id")
		if !sane(requestID) {
			requestID = ids.New().String()
		}
		w.Header().Set("X-Request-Id", requestID)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		ctx := context.WithValue(r.Context(), requestIDKey{}, requestID)
		ctx = context.WithValue(ctx, addressKey{}, proxies.clientAddress(r))
		ctx = audit.From(ctx, ClientAddress(ctx))
		ctx = context.WithValue(ctx, securedKey{}, proxies.Secured(r))
		ctx = context.WithValue(ctx, hostKey{}, r.Host)
		seen := &StatusWriter{ResponseWriter: w}
		r = r.WithContext(ctx)
		defer func() {
			caught := recover()
			if caught != nil && caught != http.ErrAbortHandler { //nolint:errorlint // a panic's value
				err := fmt.Errorf("panic: %v\n%s", caught, debug.Stack())
				if seen.Status == 0 {
					failed(seen, r, err)
				}
			}
			slog.InfoContext(ctx, "request", "request_id", requestID, "method", r.Method, "path", r.URL.Path,
				"status", seen.Status, "bytes", seen.bytes, "duration", watch.Elapsed().Round(time.Microsecond))
			if caught == http.ErrAbortHandler { //nolint:errorlint // a panic's value
				panic(caught)
			}
		}()
		next.ServeHTTP(seen, r)
	})
}

// sane tells whether a client's request id may go into our logs and headers.
func sane(s string) bool {
	return s != "" && len(s) <= 128 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") == ""
}

// RequestID returns the id of the running request.
func RequestID(ctx context.Context) string {
	s, _ := ctx.Value(requestIDKey{}).(string)
	return s
}

// ClientAddress returns who sent the running request.
func ClientAddress(ctx context.Context) string {
	s, _ := ctx.Value(addressKey{}).(string)
	return s
}

// Secured tells whether the running request came over TLS, to us or to a proxy of
// ours.
func Secured(ctx context.Context) bool {
	yes, _ := ctx.Value(securedKey{}).(bool)
	return yes
}

// StatusWriter passes an answer on and keeps its status.
type StatusWriter struct {
	http.ResponseWriter
	Status int // 0: nothing was answered yet

	bytes int
}

// WriteHeader implements http.ResponseWriter.
func (w *StatusWriter) WriteHeader(status int) {
	if w.Status == 0 {
		w.Status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *StatusWriter) Write(b []byte) (int, error) {
	if w.Status == 0 {
		w.Status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *StatusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
