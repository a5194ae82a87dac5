//go:build !linux

package app

import "runtime/debug"

// lean gives back the memory that only the start needed.
func lean() error {
	debug.FreeOSMemory()
	return nil
}
