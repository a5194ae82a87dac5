package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The roles of a process.
const (
	RoleAll    = "all"
	RoleWeb    = "web"
	RoleWorker = "worker"
	RoleDNS    = "dns"
)

// Scale are the settings of one process among several.
type Scale struct {
	Role       string
	DrainTime  time.Duration
	ReplicaURL string
}

func (s *Scale) table() []setting {
	return []setting{
		{name: "role", fallback: RoleAll, help: "what this process does: `web` answers requests, `worker` runs jobs, `dns` answers for zones; see [scaling.md](../scaling.md). Default: `all`", set: s.SetRole},
		{name: "drain_time", fallback: "0s", help: "how long a process goes on after it was asked to stop, while `/readyz` says so; see [scaling.md](../scaling.md)", set: duration(&s.DrainTime, time.Second)},
		{name: "replica_url", fallback: "", help: "the `postgres://` address of a streaming replica of `database_url`, from which pages of shops are read as long as it is no more than 5 seconds behind; see [scaling.md](../scaling.md)", secret: true, set: text(&s.ReplicaURL)},
	}
}

// SetRole takes a role that there is.
func (s *Scale) SetRole(role string) error {
	if all := []string{RoleAll, RoleWeb, RoleWorker, RoleDNS}; !slices.Contains(all, role) {
		return fmt.Errorf("must be one of %s", strings.Join(all, ", "))
	}
	s.Role = role
	return nil
}

// Does tells whether the process has a role. One without settings has all.
func (s *Scale) Does(role string) bool { return s.Role == "" || s.Role == RoleAll || s.Role == role }
