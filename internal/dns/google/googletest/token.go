package googletest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"vitrine/internal/clock"
)

const account = "dns@" + Project + ".iam.gserviceaccount.com"

// scopes are those of which a token needs one.
var scopes = []string{"https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/ndev.clouddns.readwrite"}

// token is a bearer's token for an hour, for who proves to be the service account by
// a signature (RFC 7523).
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || !s.signed(r.PostFormValue("assertion"), "http://"+r.Host+r.URL.Path) {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
		return
	}
	t := "ya29." + rand.Text()
	s.tokens = append(s.tokens, t)
	answer(w, http.StatusOK, map[string]any{"access_token": t, "token_type": "Bearer", "expires_in": 3600})
}

// signed tells whether the service account asks for a token in an assertion.
func (s *Server) signed(assertion, audience string) bool {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return false
	}
	var raw [3][]byte
	for i, part := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return false
		}
	}
	var header struct{ Alg, Kid string }
	var claims struct {
		Iss, Scope, Aud string
		Iat, Exp        int64
	}
	if json.Unmarshal(raw[0], &header) != nil || json.Unmarshal(raw[1], &claims) != nil || header.Alg != "RS256" || header.Kid != "k1" {
		return false
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(&s.key.PublicKey, crypto.SHA256, digest[:], raw[2]) != nil {
		return false
	}
	now := clock.System{}.Now().Unix()
	allowed := slices.ContainsFunc(strings.Fields(claims.Scope), func(scope string) bool { return slices.Contains(scopes, scope) })
	return allowed && claims.Iss == account && claims.Aud == audience && claims.Iat <= now+60 && claims.Exp > now && claims.Exp-claims.Iat <= 3610
}

// knows tells whether a request bears a token.
func (s *Server) knows(authorization string) bool {
	t, ok := strings.CutPrefix(authorization, "Bearer ")
	return ok && slices.Contains(s.tokens, t)
}
