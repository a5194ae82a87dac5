package account

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"
)

// A ticket carries something from one page to the next, sealed, for somebody and for a
// while. Nothing is stored of it.

// The kinds of ticket.
const (
	ticketSetup  byte = 1 // the secret of a second factor that is being set up
	ticketProven byte = 2 // that the password was right
)

var errTicket = errors.New("not a ticket, or no longer one")

const ticketHead = 1 + 8 + 16 // kind, end, owner

func (s *Service) ticket(kind byte, owner ID, content []byte, life time.Duration) string {
	plain := append([]byte{kind}, binary.BigEndian.AppendUint64(nil, uint64(s.db.Now().Add(life).Unix()))...) //nolint:gosec // after 1970
	plain = append(append(plain, owner.UUID[:]...), content...)
	return base64.RawURLEncoding.EncodeToString(s.settings.Sealer.Seal(plain))
}

// openTicket returns whose ticket it is, and what it carries.
func (s *Service) openTicket(kind byte, sealed string) (owner ID, content []byte, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return ID{}, nil, errTicket
	}
	plain, err := s.settings.Sealer.Open(raw)
	if err != nil || len(plain) < ticketHead || plain[0] != kind || s.db.Now().Unix() > int64(binary.BigEndian.Uint64(plain[1:9])) { //nolint:gosec // we wrote it
		return ID{}, nil, errTicket
	}
	copy(owner.UUID[:], plain[9:ticketHead])
	return owner, plain[ticketHead:], nil
}

// readTicket is openTicket for somebody who is known.
func (s *Service) readTicket(kind byte, owner ID, sealed string) ([]byte, error) {
	of, content, err := s.openTicket(kind, sealed)
	if err != nil || of != owner {
		return nil, errTicket
	}
	return content, nil
}
