package webhook

import "vitrine/internal/fault"

// Next is next, for tests.
var Next = next

// Checked is checkURL, for tests.
func Checked(s *Service, raw string) (string, error) {
	var f fault.Form
	taken := s.checkURL(&f, raw)
	return taken, f.Err()
}
