package web

import (
	"net/http"
	"time"
	_ "time/tzdata" // not every machine knows the zones of the world
)

// Zone returns the time zone that the reader's browser told, for the fields of forms
// that hold a moment. Without JavaScript it is UTC.
func Zone(r *http.Request) *time.Location {
	c, err := r.Cookie("zone")
	if err != nil || c.Value == "" || c.Value == "Local" {
		return time.UTC
	}
	zone, err := time.LoadLocation(c.Value)
	if err != nil {
		return time.UTC
	}
	return zone
}
