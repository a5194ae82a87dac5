package nameserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"sync"

	wire "github.com/miekg/dns"
)

// Listener is where a server listens, over UDP and TCP under one address.
type Listener struct {
	server *Server
	udp    *net.UDPConn
	tcp    *net.TCPListener
	any    bool // the address is not one of this machine's
}

// Listen listens at host:port, over UDP and TCP. Port 0 is any that is free in both.
// Questions wait until Run is called.
func (s *Server) Listen(ctx context.Context, address string) (*Listener, error) {
	var err error
	for range 20 { // a port that is free for TCP can be taken for UDP
		var l *Listener
		if l, err = s.listen(ctx, address); err == nil {
			return l, nil
		}
		if _, port, wrong := net.SplitHostPort(address); wrong != nil || port != "0" {
			break
		}
	}
	return nil, err
}

func (s *Server) listen(ctx context.Context, address string) (*Listener, error) {
	tcp, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	udp, err := new(net.ListenConfig).ListenPacket(ctx, "udp", tcp.Addr().String())
	if err != nil {
		return nil, errors.Join(err, tcp.Close())
	}
	l := &Listener{server: s, udp: udp.(*net.UDPConn), tcp: tcp.(*net.TCPListener)}
	l.any = tcp.Addr().(*net.TCPAddr).IP.IsUnspecified()
	_ = l.udp.SetReadBuffer(4 << 20) // what the system allows of it
	if l.any {
		err = tellDestination(l.udp)
	}
	if err != nil {
		err = errors.Join(err, l.Close())
	}
	return l, err
}

// Addr is where it listens.
func (l *Listener) Addr() string { return l.tcp.Addr().String() }

// Close stops listening.
func (l *Listener) Close() error { return errors.Join(l.udp.Close(), l.tcp.Close()) }

// Run answers until ctx ends.
func (l *Listener) Run(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	var running sync.WaitGroup
	errs := make([]error, runtime.GOMAXPROCS(0)+1)
	for i := range errs[1:] {
		running.Go(func() { errs[i+1] = l.serveUDP(ctx) })
	}
	running.Go(func() { errs[0] = l.serveTCP(ctx) })
	running.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return errors.Join(errs...)
}

func (l *Listener) serveUDP(ctx context.Context) error {
	k := &worker{Server: l.server}
	in, out := make([]byte, maxTCP), make([]byte, 0, maxUDP)
	var control []byte
	if l.any {
		control = make([]byte, 128)
	}
	for {
		n, told, _, from, err := l.udp.ReadMsgUDPAddrPort(in, control)
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("the listener at %s is closed", l.Addr())
		}
		if err != nil {
			continue // about an earlier answer that did not arrive
		}
		if answer := k.safely(ctx, out, in[:n], from.Addr().Unmap(), false); answer != nil {
			_, _, _ = l.udp.WriteMsgUDPAddrPort(answer, control[:told], from) // as good as lost on its way
		}
	}
}

// safely answers that it failed where answering panics.
func (k *worker) safely(ctx context.Context, out, message []byte, from netip.Addr, tcp bool) (answer []byte) {
	defer func() {
		if cause := recover(); cause != nil {
			slog.ErrorContext(ctx, "nameserver: answering failed", "cause", cause, "name", k.query.name.String())
			k.reply.reset()
			k.reply.rcode = wire.RcodeServerFailure
			answer = k.write(out, from, tcp)
		}
		k.answers.count(answer)
	}()
	return k.answer(out, message, from, tcp)
}
