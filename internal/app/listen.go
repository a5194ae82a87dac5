package app

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// firstHandedOver is the first descriptor that systemd hands over: sd_listen_fds(3).
const firstHandedOver = 3

// handedOver returns the listener with a name (FileDescriptorName=) that the process was
// started with, or the one that stands at its place where none has a name; nil: none.
// Who has handed it over keeps it open, so that connections wait in it while one process
// goes and the next one comes.
func handedOver(name string, place int) (net.Listener, error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil //nolint:nilnil // they are another process's
	}
	n, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil || n < 1 {
		return nil, fmt.Errorf("the sockets that were handed over: LISTEN_FDS is %q", os.Getenv("LISTEN_FDS"))
	}
	for i, given := range strings.Split(os.Getenv("LISTEN_FDNAMES"), ":") {
		if given == name {
			place = i
		}
	}
	if place >= n {
		return nil, nil //nolint:nilnil // not this one
	}
	file := os.NewFile(uintptr(firstHandedOver+place), name) //nolint:gosec // small
	defer func() { _ = file.Close() }()
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("the socket %s that was handed over: %w", name, err)
	}
	return listener, nil
}

// listen takes the socket that was handed over, or listens at an address.
func (a *App) listen(ctx context.Context, name string, place int, address, setting string) (net.Listener, error) {
	listener, err := handedOver(name, place)
	if err != nil {
		return nil, err
	}
	if listener != nil {
		a.successor = true
		return listener, nil
	}
	listener, err = new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("the setting %s (VITRINE_%s) names where to listen: %w", setting, strings.ToUpper(setting), err)
	}
	return listener, nil
}

// Listen listens where the settings say, or on the socket that was handed over.
// Connections wait until Serve is called.
func (a *App) Listen(ctx context.Context) (net.Listener, error) {
	return a.listen(ctx, "http", 0, a.config.ListenAddr, "listen_addr")
}

// listenSecure listens for TLS where the settings say.
func (a *App) listenSecure(ctx context.Context) ([]net.Listener, error) {
	if a.secure == nil {
		return nil, nil
	}
	listener, err := a.listen(ctx, "https", 1, a.config.HTTPSListenAddr, "https_listen_addr")
	if err != nil {
		return nil, err
	}
	return []net.Listener{listener}, nil
}
