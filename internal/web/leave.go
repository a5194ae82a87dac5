package web

import "net/http"

// Leave leads from a form to another site, such as a payment provider's. A redirect
// would not: browsers hold it against the policy that forms lead only here.
func Leave(w http.ResponseWriter, r *http.Request, to string) error {
	if r.Header.Get("Hx-Request") != "" {
		return Redirect(w, r, to)
	}
	w.Header().Set("Refresh", "0; url="+to)
	w.Header().Set("Cache-Control", "no-store")
	return Render(w, r, http.StatusOK, leavePage(to, Theme(r)))
}
