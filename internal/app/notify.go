package app

import (
	"log/slog"
	"net"
	"os"
)

// notify tells systemd how the process is, where it was started by it with Type=notify.
func notify(state string) {
	address := os.Getenv("NOTIFY_SOCKET")
	if address == "" {
		return
	}
	if address[0] == '@' { // an abstract socket
		address = "\x00" + address[1:]
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: address, Net: "unixgram"})
	if err == nil {
		_, err = conn.Write([]byte(state))
		_ = conn.Close()
	}
	if err != nil {
		slog.Warn("systemd was not told", "state", state, "error", err)
	}
}
