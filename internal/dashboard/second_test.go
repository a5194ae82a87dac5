package dashboard_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

var (
	hiddenSetup = regexp.MustCompile(`name="setup" value="([^"]*)"`)
	hiddenProof = regexp.MustCompile(`name="proof" value="([^"]*)"`)
	shownKey    = regexp.MustCompile(`data-key>([^<]*)<`)
	shownCodes  = regexp.MustCompile(`(?s)<textarea[^>]*>(.*?)</textarea>`)
)

func found(t *testing.T, r *regexp.Regexp, page string) string {
	t.Helper()
	m := r.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("%s is not in %s", r, page)
	}
	return html.UnescapeString(m[1])
}

// What somebody with a browser goes through, from turning it on to turning it off.
func TestSecondFactor_onThePages(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		const at = "/dashboard/account/two-factor"
		page := m.get(at).want(t, http.StatusOK, "data:image/png;base64,").body
		setup, secret := found(t, hiddenSetup, page), strings.ReplaceAll(found(t, shownKey, page), " ", "")
		code := func(later time.Duration) string {
			c, err := totp.GenerateCode(secret, s.db.Now().Add(later))
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		again := m.post(at, "setup", setup, "code", "000000", "password", "correct horse").want(t, http.StatusUnprocessableEntity, "Is wrong: enter what the app shows now.").body
		if got := strings.ReplaceAll(found(t, shownKey, again), " ", ""); got != secret {
			t.Errorf("after a wrong code the key is %q", got)
		}
		m.post(at, "setup", setup, "code", code(0), "password", "wrong password").want(t, http.StatusUnprocessableEntity, "Is wrong.")
		m.post(at, "setup", "nonsense", "code", code(0), "password", "correct horse").want(t, http.StatusUnprocessableEntity, "This took too long.")
		codes := strings.Fields(found(t, shownCodes, m.post(at, "setup", setup, "code", code(0), "password", "correct horse").want(t, http.StatusOK, "they are not shown again").body))
		if len(codes) != 10 {
			t.Fatalf("%d recovery codes", len(codes))
		}
		m.get("/dashboard/account").want(t, http.StatusOK, "10 recovery codes")

		step := &merchant{t: t, site: s}
		proof := found(t, hiddenProof, step.post("/login", "email", m.user.Email, "password", "correct horse").want(t, http.StatusOK, "Enter your code").body)
		step.post("/login/code", "proof", proof, "code", "000000").want(t, http.StatusUnprocessableEntity, "The code is wrong")
		step.post("/login/code", "proof", proof, "code", "").want(t, http.StatusUnprocessableEntity, "Enter the code.")
		step.post("/login/code", "proof", "nonsense", "code", codes[0]).want(t, http.StatusUnprocessableEntity, "This took too long.")
		step.post("/login/code", "proof", proof, "code", codes[0], "next", "/dashboard/account").want(t, http.StatusSeeOther)
		step.post("/login/code", "proof", proof, "code", codes[0]).want(t, http.StatusUnprocessableEntity, "The code is wrong")

		m.post(at+"/codes", "password", "correct horse", "code", codes[1]).want(t, http.StatusOK, "they are not shown again")
		m.post(at+"/off", "password", "correct horse", "code", codes[2]).want(t, http.StatusUnprocessableEntity, "Is wrong: enter what the app shows now, or a recovery code.")
		m.post(at+"/off", "password", "correct horse", "code", code(30*time.Second)).want(t, http.StatusSeeOther)
		step.post("/login", "email", m.user.Email, "password", "correct horse").want(t, http.StatusSeeOther)
	})
}
