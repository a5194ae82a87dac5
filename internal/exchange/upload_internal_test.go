package exchange

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
)

func TestUpload_isReadAsItWasSent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		owner, err := fixture.Account(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		random := rand.NewChaCha8([32]byte{})
		for _, size := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3*chunkSize + 17} {
			sent := make([]byte, size)
			_, _ = random.Read(sent)
			u, err := Receive(t.Context(), d, owner, iotest.HalfReader(bytes.NewReader(sent)), 3*chunkSize+17)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(iotest.DataErrReader(u.open(t.Context(), d)))
			if err != nil || !bytes.Equal(got, sent) {
				t.Errorf("%d bytes: %d are read, %v", size, len(got), err)
			}
			if size > chunkSize {
				part := make([]byte, 20)
				if _, err := u.open(t.Context(), d).ReadAt(part, chunkSize-10); err != nil && !errors.Is(err, io.EOF) || !bytes.HasPrefix(sent[chunkSize-10:], part[:11]) {
					t.Errorf("across two pieces: %v", err)
				}
			}
			if err := u.Discard(t.Context(), d); err != nil {
				t.Error(err)
			}
		}
		if n := uploads(t, d); n != 0 {
			t.Errorf("%d pieces are left", n)
		}
	})
}

func TestUpload_leavesNothingOfAFileThatIsTooLargeOrBreaksOff(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		owner, err := fixture.Account(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		file := bytes.Repeat([]byte("x"), 2*chunkSize)
		if _, err := Receive(t.Context(), d, owner, bytes.NewReader(file), 2*chunkSize-1); !fault.Is(err, fault.TooLarge) {
			t.Errorf("too large: %v", err)
		}
		broken := io.MultiReader(bytes.NewReader(file), iotest.ErrReader(io.ErrUnexpectedEOF))
		if _, err := Receive(t.Context(), d, owner, broken, 1<<30); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("broken off: %v", err)
		}
		if n := uploads(t, d); n != 0 {
			t.Errorf("%d pieces are left", n)
		}
	})
}

func uploads(t *testing.T, d *db.DB) int {
	t.Helper()
	n, err := db.One(t.Context(), d, db.Value[int], `SELECT (SELECT count(*) FROM upload) + (SELECT count(*) FROM upload_chunk)`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
