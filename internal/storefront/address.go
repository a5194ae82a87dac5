package storefront

import (
	"net/url"
	"strings"
)

// host is the one that the world knows a store by: its own name or, where the platform
// has a name that the world finds, the one below that. Otherwise it is "".
func (s *Storefront) host(v *visit) string {
	switch {
	case v.primary != "":
		return v.primary
	case strings.Contains(s.PlatformDomain, ".") && !strings.HasSuffix(s.PlatformDomain, ".localhost"):
		return v.slug + "." + s.PlatformDomain
	}
	return ""
}

// public is the address of a page as others may know it: on the store's own host where
// it has one that the world finds, else where it was asked for.
func (s *Storefront) public(v *visit, path string) string {
	u := url.URL{Path: path}
	if host := s.host(v); host != "" {
		return "https://" + host + u.EscapedPath()
	}
	u.Path = v.at(path)
	return v.origin + u.EscapedPath()
}
