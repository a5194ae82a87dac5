// Package porttest finds ports of this machine for what tests have to name before it
// listens: other processes, and settings.
package porttest

import (
	"context"
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
)

// The ports lie below those that systems give to connections and to whoever asks for any:
// nobody gets one between Free and its use, or between two uses.
const first, many = 20_000, 12_000

// looked counts the ports that Free has looked at, from anywhere.
var (
	anywhere = rand.Int64N(many) //nolint:gosec // any will do
	looked   atomic.Int64
)

// Free returns a port of 127.0.0.1 that nobody listens on, and that it returns to nobody
// else.
func Free(t testing.TB) string {
	t.Helper()
	for range 1000 {
		port := strconv.FormatInt(first+(anywhere+looked.Add(1))%many, 10)
		if free(t.Context(), net.JoinHostPort("127.0.0.1", port)) {
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

func free(ctx context.Context, address string) bool {
	streams, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer func() { _ = streams.Close() }()
	packets, err := new(net.ListenConfig).ListenPacket(ctx, "udp", address)
	if err != nil {
		return false
	}
	return packets.Close() == nil
}
