package main_test

import (
	"net/http"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

// Who guesses passwords has ten tries, through however many processes.
func TestLogins_failInAllProcessesTogether(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	binary, database := build(t), dbtest.NewURL(t, db.Postgres)
	var both [2]*server
	for i := range both {
		both[i] = &server{t: t, binary: binary, address: database, env: []string{"VITRINE_ROLE=web"}}
		both[i].start()
		defer both[i].kill()
	}
	both[0].newUser()
	login := func(through int, password string) int {
		status, err := both[through].post("/auth/login", "", map[string]string{"email": "kill@example.com", "password": password}, &struct{}{})
		if err != nil {
			t.Fatal(err)
		}
		return status
	}
	for try := range 10 {
		if status := login(try%2, "not the password"); status != http.StatusUnauthorized {
			t.Errorf("try %d is answered with %d", try+1, status)
		}
	}
	for through := range both {
		if status := login(through, "a long password"); status != http.StatusTooManyRequests {
			t.Errorf("after ten tries process %d answers %d", through+1, status)
		}
	}
}
