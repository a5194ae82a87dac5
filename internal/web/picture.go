package web

import (
	"context"
	"net/url"
)

// shows tells whether our pages may show a picture: the policy of Secure takes those
// from here, and others only over TLS.
func shows(ctx context.Context, address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	here, _ := ctx.Value(hostKey{}).(string)
	return u.Scheme == "https" || u.Scheme == "http" && u.Host == here && !Secured(ctx)
}
