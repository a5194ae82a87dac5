package nameserver

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"vitrine/internal/clock"
)

const (
	maxConns  = 512              // at once; the oldest that wait give way to nobody
	idle      = 10 * time.Second // between questions
	writeTime = 30 * time.Second // for one message
)

func (l *Listener) serveTCP(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	places := make(chan struct{}, maxConns)
	for {
		c, err := l.tcp.Accept()
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("the listener at %s is closed", l.Addr())
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // no file is left to open
			continue
		}
		select {
		case places <- struct{}{}:
			running.Go(func() {
				defer func() { <-places }()
				l.server.serveConn(ctx, c)
			})
		default:
			_ = c.Close()
		}
	}
}

// serveConn answers what comes over a connection, in its order (RFC 7766).
func (s *Server) serveConn(ctx context.Context, c net.Conn) {
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer func() { stop(); _ = c.Close() }()
	address, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return
	}
	from := address.AddrPort().Addr().Unmap()
	k := &worker{Server: s}
	in := bufio.NewReader(c)
	for {
		_ = c.SetReadDeadline(clock.System{}.Now().Add(idle))
		message, err := readFrame(in)
		if err != nil {
			return
		}
		send := func(answer []byte) error {
			_ = c.SetWriteDeadline(clock.System{}.Now().Add(writeTime))
			return writeFrame(c, answer)
		}
		if done, err := s.transfer(ctx, message, send); done {
			if err != nil {
				return
			}
			continue
		}
		answer := k.safely(ctx, nil, message, from, true)
		if answer == nil || send(answer) != nil {
			return
		}
	}
}

// readFrame reads a message with its length in front.
func readFrame(in io.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(in, length[:]); err != nil {
		return nil, err
	}
	message := make([]byte, binary.BigEndian.Uint16(length[:]))
	_, err := io.ReadFull(in, message)
	return message, err
}

func writeFrame(out io.Writer, message []byte) error {
	_, err := out.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...)) //nolint:gosec // at most maxTCP
	return err
}
