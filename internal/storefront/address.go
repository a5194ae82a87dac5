package storefront

import (
	"net/url"
	"strings"
)

// hasHosts tells whether stores have hosts of their own that the world finds.
func (s *Storefront) hasHosts() bool {
	return strings.Contains(s.PlatformDomain, ".") && !strings.HasSuffix(s.PlatformDomain, ".localhost")
}

// public is the address of a page as others may know it: on the store's own host where
// it has one that the world finds, else where it was asked for.
func (s *Storefront) public(v *visit, path string) string {
	u := url.URL{Path: path}
	if s.hasHosts() {
		return "https://" + v.slug + "." + s.PlatformDomain + u.EscapedPath()
	}
	u.Path = v.at(path)
	return v.origin + u.EscapedPath()
}
