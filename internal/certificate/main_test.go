package certificate_test

import (
	"os"
	"testing"

	"vitrine/internal/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.MainAccept(m)) }
