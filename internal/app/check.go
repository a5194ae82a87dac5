package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/db"
)

// Check tells all that is wrong with settings, as far as it can be seen without changing
// anything: addresses, folders, the database, and what each mode needs.
func Check(ctx context.Context, c *config.Config) []error {
	var faults []error
	add := func(setting string, err error) {
		if err != nil {
			faults = append(faults, fmt.Errorf("the setting %s: %w", setting, err))
		}
	}
	add("listen_addr", listenable(c.ListenAddr))
	add("https_listen_addr", listenable(c.HTTPSListenAddr))
	add("admin_addr", listenable(c.AdminAddr))
	if c.DNSProviderMode == builtinMode {
		for _, address := range words(c.NameserverListen) {
			add("nameserver_listen", listenable(address))
		}
	}
	add("database_url", reachable(ctx, c))
	if c.MediaS3Endpoint == "" {
		add("media_dir", writable(mediaDir(c)))
	}
	if _, err := netip.ParseAddr(c.PlatformIPAddress); err != nil {
		add("platform_ip_address", fmt.Errorf("%q is no address", c.PlatformIPAddress))
	}
	if err := tryOut(ctx, c); err != nil {
		faults = append(faults, err)
	}
	return faults
}

// listenable refuses what is no address to listen at. Nobody listens.
func listenable(address string) error {
	if address == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is no address with a port, such as :8080 or 127.0.0.1:9180", address)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return fmt.Errorf("%q has no port", address)
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" && host != "localhost" {
		return fmt.Errorf("%q is no address of this machine", host)
	}
	return nil
}

// checkWithin is how long a database may take to answer.
const checkWithin = 5 * time.Second

// reachable tells why a database cannot be used.
func reachable(ctx context.Context, c *config.Config) error {
	path, isSQLite := strings.CutPrefix(c.DatabaseURL, "sqlite://")
	switch {
	case isSQLite && path == "":
		return errors.New("it names no file")
	case isSQLite:
		return writable(path)
	case !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://"):
		return errors.New("it must begin with sqlite:// or postgres://")
	}
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	d, err := db.Open(ctx, db.Options{URL: c.DatabaseURL, MaxConns: 2, Clock: clock.System{}})
	if err != nil {
		return err
	}
	return d.Close()
}

// writable refuses a file or folder that cannot be written, or made: the nearest folder
// that is there counts.
func writable(path string) error {
	for {
		err := unix.Access(path, unix.W_OK)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, unix.ENOENT):
			return fmt.Errorf("%s cannot be written: %w", path, err)
		}
		above := filepath.Dir(path)
		if above == path {
			return fmt.Errorf("%s cannot be made", path)
		}
		path = above
	}
}

// tryOut builds everything that the settings name on an empty database of its own, which
// is thrown away: it tells what a mode lacks.
func tryOut(ctx context.Context, c *config.Config) (err error) {
	folder, err := os.MkdirTemp("", "vitrine-check")
	if err != nil {
		return fmt.Errorf("uploads need temporary files, and none can be made: %w: let %s be written, or name another folder with TMPDIR", err, os.TempDir())
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	try := *c
	try.DatabaseURL, try.AdminAddr = "sqlite://"+filepath.Join(folder, "check.db"), ""
	if try.MediaS3Endpoint == "" {
		try.MediaDir = filepath.Join(folder, "media")
	}
	log := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil))) // the migrations of a database that nobody has
	defer slog.SetDefault(log)
	d, err := OpenDatabase(ctx, &try)
	if err != nil {
		return err
	}
	_, err = New(ctx, &try, d)
	return errors.Join(err, d.Close())
}
